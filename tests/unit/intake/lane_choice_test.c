/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/lane_choice.h"

#include "common/base/text.h"
#include "tests/unit/intake/decide_world.h"

static struct intake_record *by_reference(const char *reference)
{
    struct intake_record *r = record(NULL, NOW_US);
    r->names.customer_ref = reference;
    r->bucket = identifier_bucket_of_reference(7, reference);
    return r;
}

/* Another first letter, so that the reference lives in this one of two lanes. */
static const char *in_lane(int lane, char *name)
{
    for (int c = 'a'; c <= 'z'; c++) {
        name[0] = (char)c;
        if (identifier_bucket_of_reference(7, name) % 2 == lane) {
            return name;
        }
    }
    fail_msg("no such reference");
    abort(); /* not reached */
}

/* Lives in a lane of two other than that of customer 256 (bucket 0). */
static const char *stranger(void)
{
    static char name[] = "?";
    return in_lane(1, name);
}

static void a_joined_reference_moves_once_its_old_lane_is_empty_of_it(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    const char *name = stranger();
    struct intake_record *first = by_reference(name);
    struct intake_record *second = by_reference(name);
    struct intake_record *third = by_reference(name);
    struct intake_record *fourth = by_reference(name);
    assert_int_equal(lane_choice_take(c, first), 1);
    assert_int_equal(lane_choice_take(c, second), 1);
    (void)work_add_reference(t.work, 7, name, work_add_customer(t.work, 256));
    lane_choice_learn(c, t.work);
    lane_choice_learn(c, t.work); /* again changes nothing */
    lane_choice_end(c, first);
    assert_int_equal(lane_choice_take(c, third), 1); /* the second one is still there */
    lane_choice_end(c, second);
    assert_int_equal(lane_choice_take(c, fourth), 1);
    lane_choice_end(c, third);
    lane_choice_end(c, fourth);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(lane_choice_take(c, by_reference(name)), 0);
    }
    lane_choice_free(c);
}

/* A lane takes its records bucket after bucket: later ones of other buckets may end first. */
static void what_ends_in_other_buckets_moves_nobody(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    const char *name = stranger();
    struct intake_record *first = by_reference(name);
    struct intake_record *other = by_reference("somebody else");
    struct intake_record *by_number = by_reference(name);
    other->bucket = (int16_t)((first->bucket + 2) % BUCKET_COUNT); /* of the same lane */
    by_number->names.case_number = 256 + first->bucket;
    (void)lane_choice_take(c, first);
    (void)work_add_reference(t.work, 7, name, work_add_customer(t.work, 256));
    lane_choice_learn(c, t.work);
    assert_int_equal(lane_choice_take(c, other), 1);
    assert_int_equal(lane_choice_take(c, by_number), 1);
    lane_choice_end(c, other);
    lane_choice_end(c, by_number); /* a RecordVoid may go to another lane, and end there */
    assert_int_equal(lane_choice_take(c, by_reference(name)), 1); /* the first one still waits */
    lane_choice_free(c);
}

/* Sources overtake each other in a bucket: as many ends of another's tell nothing about ours. */
static void what_another_source_ends_moves_nobody(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    const char *name = stranger();
    struct intake_request other = {.sender = {.source_id = 8}};
    struct intake_record *first = by_reference(name);
    struct intake_record *others = by_reference(name);
    others->request = &other;
    (void)lane_choice_take(c, first);
    (void)work_add_reference(t.work, 7, name, work_add_customer(t.work, 256));
    lane_choice_learn(c, t.work);
    assert_int_equal(lane_choice_take(c, others), 1);
    lane_choice_end(c, others);
    assert_int_equal(lane_choice_take(c, by_reference(name)), 1); /* the first one still waits */
    lane_choice_free(c);
}

/* Who is named by a number, too, may end before what came earlier: neither is waited for. */
static void a_number_beside_the_reference_counts_nowhere(void **state)
{
    static const struct intake_names numbers[] = {
        {.case_number = 256}, {.promise_number = 256}, {.customer_number = 256}};
    const char *name = stranger();
    (void)work_add_reference(t.work, 7, name, work_add_customer(t.work, 256));
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct lane_choice *c = lane_choice_new(2);
        struct intake_record *first = by_reference(name);
        struct intake_record *numbered = by_reference(name);
        numbered->names = numbers[i];
        numbered->names.customer_ref = name;
        (void)lane_choice_take(c, first);
        (void)lane_choice_take(c, numbered);
        lane_choice_learn(c, t.work);
        lane_choice_end(c, first);
        assert_int_equal(lane_choice_take(c, by_reference(name)), 0);
        lane_choice_free(c);
    }
}

static void what_is_learned_again_waits_for_nothing_new(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    const char *name = stranger();
    struct intake_record *first = by_reference(name);
    struct intake_record *other = by_reference("somebody else");
    other->bucket = first->bucket;
    (void)work_add_reference(t.work, 7, name, work_add_customer(t.work, 256));
    (void)lane_choice_take(c, first);
    lane_choice_learn(c, t.work);
    (void)lane_choice_take(c, other);
    lane_choice_learn(c, t.work);
    lane_choice_end(c, first);
    assert_int_equal(lane_choice_take(c, by_reference(name)), 0);
    lane_choice_free(c);
}

static void what_has_moved_is_waited_for_in_its_new_bucket(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    char local[] = "?";
    const char *name = stranger();
    struct intake_record *first = by_reference(in_lane(0, local));
    struct intake_record *moved = by_reference(name);
    const int64_t away = 256 + moved->bucket;
    (void)work_add_reference(t.work, 7, name, work_add_customer(t.work, 256 + first->bucket));
    lane_choice_learn(c, t.work);
    assert_int_equal(lane_choice_take(c, moved), 0);
    assert_int_equal(moved->bucket, first->bucket);
    assert_int_equal(lane_choice_take(c, first), 0);
    (void)work_add_reference(t.work, 7, local, work_add_customer(t.work, away));
    lane_choice_learn(c, t.work);
    lane_choice_end(c, moved);
    assert_int_equal(lane_choice_take(c, by_reference(local)), 0); /* the first one still waits */
    lane_choice_free(c);
}

static void a_reference_of_any_length_that_passes_the_checks_moves(void **state)
{
    static const struct {
        size_t len, want;
    } cases[] = {
        {1,   0},
        {128, 0},
        {129, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lane_choice *c = lane_choice_new(2);
        char name[130] = "";
        memset(name, 'x', cases[i].len);
        (void)work_add_reference(t.work, 7, in_lane(1, name), work_add_customer(t.work, 256));
        lane_choice_learn(c, t.work);
        assert_int_equal(lane_choice_take(c, by_reference(name)), cases[i].want);
        lane_choice_free(c);
        work_clear(t.work);
    }
}

static void what_is_too_many_stays(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    const char *own = stranger();
    struct work_customer *customer = work_add_customer(t.work, 256);
    const char *last = NULL, *more = NULL;
    /* At home where its customer is: it takes nobody's room. */
    (void)work_add_reference(
        t.work, 7, own, work_add_customer(t.work, 256 + identifier_bucket_of_reference(7, own)));
    for (size_t i = 0; i <= LANE_CHOICE_REFERENCES_MAX; i++) {
        char *name = work_alloc(t.work, 16);
        (void)text_format(name, 16, "?%zu", i);
        last = more;
        more = in_lane(1, name);
        (void)work_add_reference(t.work, 7, more, customer);
    }
    lane_choice_learn(c, t.work);
    assert_int_equal(lane_choice_take(c, by_reference(last)), 0);
    assert_int_equal(lane_choice_take(c, by_reference(more)), 1);
    lane_choice_free(c);
}

static void others_stay_where_their_bucket_is(void **state)
{
    struct lane_choice *c = lane_choice_new(2);
    const char *name = stranger();
    struct work_customer *own =
        work_add_customer(t.work, 256 + identifier_bucket_of_reference(7, name));
    (void)work_add_reference(t.work, 7, name, own);
    lane_choice_learn(c, t.work);
    assert_int_equal(lane_choice_take(c, by_reference(name)), 1);
    struct intake_record *by_number = by_reference(name);
    by_number->names.customer_number = own->number;
    by_number->bucket = 4;
    assert_int_equal(lane_choice_take(c, by_number), 0);
    lane_choice_free(c);
    lane_choice_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_joined_reference_moves_once_its_old_lane_is_empty_of_it),
        TEST(what_ends_in_other_buckets_moves_nobody),
        TEST(what_another_source_ends_moves_nobody),
        TEST(a_number_beside_the_reference_counts_nowhere),
        TEST(what_is_learned_again_waits_for_nothing_new),
        TEST(what_has_moved_is_waited_for_in_its_new_bucket),
        TEST(a_reference_of_any_length_that_passes_the_checks_moves),
        TEST(what_is_too_many_stays),
        TEST(others_stay_where_their_bucket_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
