/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "event.pb-c.h"

#define FIRST  0x10107 /* bucket 7 */
#define SECOND 0x10207 /* bucket 7 */
#define THIRD  0x10108 /* bucket 8 */
#define NOW_US (INT64_C(1700000000) * 1000000)

static struct score_person person = {.number = FIRST};
static struct score_member members[] = {
    {.person = FIRST, .customer = FIRST },
    {.person = FIRST, .customer = SECOND},
    {.person = FIRST, .customer = THIRD },
    {.person = THIRD, .customer = THIRD }, /* somebody else's: not of this replay */
};
static struct score_place places[] = {
    {.stream = "intake.0", .bucket = 7, .seq = 40000},
    {.stream = "intake.1", .bucket = 7, .seq = 600  },
    {.stream = "intake.1", .bucket = 9, .seq = 600  }, /* nobody of ours is there */
    {.stream = "intake.1", .bucket = 8, .seq = 3    },
};
static const struct score_found found = {
    .persons = &person,
    .person_count = 1,
    .members = members,
    .member_count = ARRAY_LEN(members),
    .places = places,
    .place_count = ARRAY_LEN(places),
};

static struct score_replay *replay_of(int64_t known_us)
{
    const struct score_replay_span span = {.known_us = known_us, .at_us = NOW_US};

    return score_replay_new(&found, FIRST, span, &score_policy_default, &fit_set_none);
}

static void take_promise(struct score_replay *r, int64_t customer, int64_t seq, int state,
                         int64_t at_us)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__PromiseChanged changed = TROTH__V1__PROMISE_CHANGED__INIT;
    uint8_t packed[256];

    event.has_customer = event.has_version = event.has_occurred_us = event.has_recorded_us = true;
    event.customer = customer;
    event.version = 1;
    event.occurred_us = event.recorded_us = at_us;
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    event.promise_changed = &changed;
    changed.has_promise = changed.has_to = changed.has_promise_version = true;
    changed.promise = seq * 256 + (customer & 255);
    changed.promise_version = 2;
    changed.to = (Troth__V1__PromiseState)state;
    size_t len = troth__v1__event__pack(&event, packed);
    score_replay_take(r, seq, (struct bytes){.data = packed, .len = len});
}

static void slices_cover_the_places_of_the_person_and_no_others(void **state)
{
    static const struct {
        const char *stream;
        int16_t bucket;
        int64_t from, to;
        size_t customers;
    } want[] = {
        {"intake.0", 7, 0,     16384, 2},
        {"intake.0", 7, 16384, 32768, 2},
        {"intake.0", 7, 32768, 40000, 2},
        {"intake.1", 7, 0,     600,   2},
        {"intake.1", 8, 0,     3,     1},
    };
    struct score_replay *r = replay_of(NOW_US);
    struct replay_slice slice;

    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_true(score_replay_next(r, &slice));
        assert_string_equal(slice.stream, want[i].stream);
        assert_int_equal(slice.bucket, want[i].bucket);
        assert_int_equal(slice.from, want[i].from);
        assert_int_equal(slice.to, want[i].to);
        assert_int_equal(slice.customer_count, want[i].customers);
        score_replay_end_slice(r);
    }
    assert_false(score_replay_next(r, &slice));
    assert_int_equal(score_replay_index(r, NOW_US), 5000);
    score_replay_free(r);
}

static void a_full_slice_goes_on_where_it_ended(void **state)
{
    struct score_replay *r = replay_of(NOW_US);
    struct replay_slice slice;

    assert_true(score_replay_next(r, &slice));
    for (int i = 1; i <= REPLAY_SLICE_ROWS; i++) {
        take_promise(r, FIRST, (int64_t)2 * i, TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT,
                     NOW_US);
    }
    score_replay_end_slice(r);
    assert_true(score_replay_next(r, &slice));
    assert_int_equal(slice.from, 2 * REPLAY_SLICE_ROWS);
    score_replay_free(r);
}

static void everybody_of_the_person_counts_whatever_slice_it_was_in(void **state)
{
    struct score_replay *r = replay_of(NOW_US);
    struct replay_slice slice;
    int64_t seq = 0;

    while (score_replay_next(r, &slice)) {
        for (size_t i = 0; i < slice.customer_count; i++) {
            take_promise(r, slice.customers[i], ++seq,
                         TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN, NOW_US - DURATION_DAY);
        }
        score_replay_end_slice(r);
    }
    struct account a = score_replay_account(r);
    assert_int_equal(a.sums[MEASURE_BROKEN].count, 2 + 2 + 2 + 2 + 1);
    assert_true(score_replay_index(r, NOW_US) < 4000);
    score_replay_free(r);
}

static void what_was_recorded_later_or_cannot_be_read_does_not_count(void **state)
{
    static const uint8_t rubbish[] = {0xff, 0xff, 0xff};
    struct score_replay *r = replay_of(NOW_US);
    struct replay_slice slice;

    assert_true(score_replay_next(r, &slice));
    take_promise(r, FIRST, 1, TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT, NOW_US);
    take_promise(r, FIRST, 2, TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT, NOW_US + 1);
    score_replay_take(r, 3, (struct bytes){.data = rubbish, .len = sizeof(rubbish)});
    score_replay_end_slice(r);
    assert_int_equal(score_replay_account(r).sums[MEASURE_TRUST].count, 1);
    score_replay_free(r);
}

/* A clock may be ahead of ours: the sums hold what it wrote. */
static void of_the_whole_log_everything_counts(void **state)
{
    struct score_replay *r = replay_of(INT64_MAX);
    struct replay_slice slice;

    assert_true(score_replay_next(r, &slice));
    take_promise(r, FIRST, 1, TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT, NOW_US + DURATION_DAY);
    score_replay_end_slice(r);
    assert_int_equal(score_replay_account(r).sums[MEASURE_TRUST].count, 1);
    score_replay_free(r);
}

static void a_later_slice_knows_what_an_earlier_one_said(void **state)
{
    struct score_replay *r = replay_of(NOW_US);
    struct replay_slice slice;

    assert_true(score_replay_next(r, &slice));
    take_promise(r, FIRST, 1, TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN, NOW_US);
    score_replay_end_slice(r);
    assert_true(score_replay_next(r, &slice));
    take_promise(r, FIRST, 1, TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN, NOW_US); /* again */
    score_replay_end_slice(r);
    assert_int_equal(score_replay_account(r).sums[MEASURE_BROKEN].count, 1);
    score_replay_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_cover_the_places_of_the_person_and_no_others),
        cmocka_unit_test(a_full_slice_goes_on_where_it_ended),
        cmocka_unit_test(everybody_of_the_person_counts_whatever_slice_it_was_in),
        cmocka_unit_test(what_was_recorded_later_or_cannot_be_read_does_not_count),
        cmocka_unit_test(of_the_whole_log_everything_counts),
        cmocka_unit_test(a_later_slice_knows_what_an_earlier_one_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
