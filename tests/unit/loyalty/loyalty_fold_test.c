/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "tests/support/loyalty_world.h"
#include "tests/support/said_event.h"

#define STATE(name) ((int32_t)TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name)
#define CUSTOMER    0x10107
#define OTHER       0x10207
#define PROMISE     0x20207
#define CASE        0x30307
#define START_US    INT64_C(1767225600000000) /* 2026-01-01 */

/* ---- a batch after the other */

struct stage {
    struct loyalty_fold *fold;
    struct loyalty_world world;
    int64_t seq;
};

static int set_up(void **state)
{
    static struct stage stage;

    stage = (struct stage){.fold = loyalty_fold_new()};
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *s = *state;

    loyalty_fold_free(s->fold);
    loyalty_world_free(&s->world);
    return 0;
}

static void say(struct stage *s, struct said_event e)
{
    e.customer = e.customer == 0 ? CUSTOMER : e.customer;
    e.version = e.version == 0 ? 1 : e.version;
    e.occurred_us = e.occurred_us == 0 ? e.recorded_us : e.occurred_us;
    e.seq = ++s->seq;
    said_event_add(s->fold, &e);
}

static void commit(struct stage *s, int64_t now_us)
{
    loyalty_world_read(&s->world, s->fold);
    loyalty_fold_run(s->fold, &score_policy_default, &fit_set_none, now_us);
    loyalty_world_write(&s->world, s->fold);
    loyalty_fold_clear(s->fold);
}

static void apply(struct stage *s, struct said_event e)
{
    say(s, e);
    commit(s, e.recorded_us);
}

static struct said_event promise_event(int64_t version, int32_t to, int64_t recorded_us)
{
    return (struct said_event){
        .what = SAID_PROMISE,
        .subject = PROMISE,
        .service_case = CASE,
        .version = version,
        .value = to,
        .recorded_us = recorded_us,
        .branch = "north",
        .team = "desk",
        .label = "callback",
    };
}

static const struct customer_score *score(const struct stage *s)
{
    return loyalty_world_score(&s->world, CUSTOMER);
}

static int64_t count_of(const struct stage *s, enum measure m)
{
    return loyalty_world_account(&s->world, CUSTOMER).sums[m].count;
}

static const struct index_change *moves(const struct stage *s)
{
    return s->world.index_changes.rows;
}

static const struct standing_change *changes(const struct stage *s)
{
    return s->world.standing_changes.rows;
}

/* ---- what counts */

static void a_correction_takes_the_broken_promise_back(void **state)
{
    struct stage *s = *state;

    apply(s, promise_event(2, STATE(BROKEN), START_US));
    assert_int_equal(count_of(s, MEASURE_BROKEN), 1);
    assert_true(score(s)->index_hundredths < 5000);
    apply(s, promise_event(3, STATE(KEPT), START_US));
    assert_int_equal(count_of(s, MEASURE_BROKEN), 0);
    assert_int_equal(count_of(s, MEASURE_TRUST), 1);
    assert_int_equal(score(s)->index_hundredths, 5600);
    assert_int_equal(s->world.index_changes.count, 2);
    assert_int_equal(moves(s)[1].after.index_hundredths, 5600);
    assert_int_equal(moves(s)[1].reason, CONTRIBUTION_TRUST);
    assert_int_equal(moves(s)[1].seq, 2);
    apply(s, promise_event(2, STATE(BROKEN), START_US)); /* late, over another stream */
    assert_int_equal(score(s)->index_hundredths, 5600);
    assert_int_equal(s->world.index_changes.count, 2);
}

static void the_three_things_of_a_promise_count_in_any_order(void **state)
{
    struct stage *s = *state;
    const struct said_event word = {
        .what = SAID_WORD, .subject = PROMISE, .value = 0, .version = 9, .recorded_us = START_US};
    const struct said_event cause = {
        .what = SAID_CAUSE, .subject = PROMISE, .value = 2, .version = 8, .recorded_us = START_US};

    apply(s, word);
    assert_int_equal(count_of(s, MEASURE_TRUST), 0);
    apply(s, promise_event(2, STATE(KEPT), START_US));
    struct account a = loyalty_world_account(&s->world, CUSTOMER);
    double weight = a.sums[MEASURE_TRUST].weight;
    assert_int_equal(a.sums[MEASURE_BROKEN].count, 1); /* the customer disputes it */
    apply(s, cause);
    a = loyalty_world_account(&s->world, CUSTOMER);
    assert_true(a.sums[MEASURE_TRUST].weight < 0.51 * weight);
    struct said_event back = word;
    back.version = 10;
    back.is_reversal = true;
    apply(s, back);
    assert_int_equal(count_of(s, MEASURE_BROKEN), 0);
    assert_int_equal(count_of(s, MEASURE_TRUST), 1);
}

static void a_survey_of_many_items_moves_the_index_once(void **state)
{
    struct stage *s = *state;
    const struct said_event items = {.what = SAID_SERVQUAL,
                                     .subject = 4,
                                     .value = 1,
                                     .value_before = 7,
                                     .recorded_us = START_US};
    struct said_event again = items;

    apply(s, items);
    assert_int_equal(s->world.index_changes.count, 1);
    assert_int_equal(moves(s)[0].reason, CONTRIBUTION_SERVICE_GAP);
    again.is_reversal = true;
    apply(s, again);
    assert_int_equal(score(s)->index_hundredths, 5000);
    assert_int_equal(count_of(s, MEASURE_GAP_RELIABILITY), 0);
}

static void a_case_is_remembered_by_all_its_answers(void **state)
{
    struct stage *s = *state;
    const struct said_event first = {
        .what = SAID_CSAT, .subject = 4, .value = 1, .service_case = CASE, .recorded_us = START_US};
    const struct said_event then = {.what = SAID_CES,
                                    .subject = 5,
                                    .value = 7,
                                    .service_case = CASE,
                                    .recorded_us = START_US + 5};
    struct said_event back = first;

    apply(s, first);
    apply(s, then);
    struct account a = loyalty_world_account(&s->world, CUSTOMER);
    assert_int_equal(a.sums[MEASURE_EXPERIENCE].count, 1);
    assert_true(a.sums[MEASURE_EXPERIENCE].value == a.sums[MEASURE_EXPERIENCE].weight);
    assert_int_equal(a.sums[MEASURE_SATISFACTION].count, 0);
    back.is_reversal = true;
    back.subject = 5;
    back.what = SAID_CES;
    apply(s, back);
    a = loyalty_world_account(&s->world, CUSTOMER);
    assert_true(a.sums[MEASURE_EXPERIENCE].value == -a.sums[MEASURE_EXPERIENCE].weight);
}

static void groups_get_what_their_promises_say(void **state)
{
    struct stage *s = *state;
    struct said_event moved = promise_event(3, STATE(KEPT), START_US);

    apply(s, promise_event(2, STATE(BROKEN), START_US));
    assert_int_equal(loyalty_world_group(&s->world, GROUPING_COMPANY, "").broken, 1);
    assert_int_equal(loyalty_world_group(&s->world, GROUPING_BRANCH, "north").broken, 1);
    moved.branch = "south";
    moved.team = NULL;
    apply(s, moved);
    struct fold_group north = loyalty_world_group(&s->world, GROUPING_BRANCH, "north");
    struct fold_group south = loyalty_world_group(&s->world, GROUPING_BRANCH, "south");
    struct fold_group desk = loyalty_world_group(&s->world, GROUPING_TEAM, "desk");
    struct fold_group kind = loyalty_world_group(&s->world, GROUPING_PROMISE_KIND, "callback");
    assert_true(north.broken == 0 && north.weight == 0 && desk.broken == 0);
    assert_true(south.kept == 1 && south.value == south.weight && kind.kept == 1);
}

/* ---- what is asked for */

static void what_is_to_be_read_is_listed_once(void **state)
{
    struct stage *s = *state;
    const struct fold_thing *things;
    const struct fold_case *cases;
    const struct fold_purchases *purchases;
    const int64_t *customers;

    say(s, (struct said_event){.what = SAID_PURCHASE,
                               .subject = 7,
                               .value = 10,
                               .label = "CNY",
                               .customer = OTHER,
                               .recorded_us = START_US + 9});
    say(s, (struct said_event){.what = SAID_PURCHASE,
                               .subject = 6,
                               .value = 10,
                               .label = "CNY",
                               .customer = OTHER,
                               .recorded_us = START_US + 4});
    say(s, promise_event(2, STATE(BROKEN), START_US));
    say(s, promise_event(3, STATE(KEPT), START_US));
    say(s, (struct said_event){.what = SAID_CSAT,
                               .subject = 4,
                               .value = 3,
                               .service_case = CASE,
                               .recorded_us = START_US});
    say(s, (struct said_event){.what = SAID_REFUND,
                               .subject = 4,
                               .value = 3,
                               .label = "CNY",
                               .is_reversal = true,
                               .recorded_us = START_US});
    loyalty_fold_touch(s->fold, OTHER);
    loyalty_fold_seal(s->fold);
    assert_int_equal(loyalty_fold_customers(s->fold, &customers), 2);
    assert_true(customers[0] == CUSTOMER && customers[1] == OTHER);
    assert_int_equal(loyalty_fold_things(s->fold, &things), 3 + 1 + 1 + 2);
    assert_true(things[0].kind == EVIDENCE_PROMISE && things[0].subject == PROMISE);
    assert_int_equal(loyalty_fold_cases(s->fold, &cases), 1);
    assert_true(cases[0].customer == CUSTOMER && cases[0].service_case == CASE);
    assert_int_equal(loyalty_fold_purchases(s->fold, &purchases), 2);
    assert_true(purchases[0].customer == CUSTOMER && purchases[0].from_us == INT64_MIN);
    assert_true(purchases[1].customer == OTHER && purchases[1].from_us == START_US + 4);
}

static void every_version_is_written_also_the_older_ones(void **state)
{
    struct stage *s = *state;
    const struct evidence *rows;

    say(s, promise_event(3, STATE(KEPT), START_US));
    say(s, promise_event(2, STATE(BROKEN), START_US));
    loyalty_fold_seal(s->fold);
    loyalty_fold_run(s->fold, &score_policy_default, &fit_set_none, START_US);
    assert_int_equal(loyalty_fold_evidence(s->fold, &rows), 2);
    assert_true(rows[0].version == 3 && rows[1].version == 2);
}

/* ---- time */

static void fading_is_never_blamed_on_an_event(void **state)
{
    struct stage *s = *state;
    const struct said_event answer = {
        .what = SAID_CSAT, .subject = 4, .value = 3, .recorded_us = START_US + 40 * DURATION_DAY};

    apply(s, promise_event(2, STATE(KEPT), START_US));
    apply(s, answer); /* in the middle of the scale: says nothing new */
    assert_int_equal(s->world.index_changes.count, 1);
    assert_true(score(s)->index_hundredths < 5600);
    assert_int_equal(score(s)->evaluated_us, answer.recorded_us);
}

static void make_gold(struct stage *s)
{
    for (int64_t i = 0; i < 12; i++) {
        struct said_event kept = promise_event(2, STATE(KEPT), START_US);
        kept.subject += i;
        say(s, kept);
        say(s, (struct said_event){
                   .what = SAID_NPS, .subject = 50 + i, .value = 10, .recorded_us = START_US});
        say(s, (struct said_event){
                   .what = SAID_CSAT, .subject = 90 + i, .value = 5, .recorded_us = START_US});
    }
    commit(s, START_US);
    assert_int_equal(score(s)->standing.tier, TIER_GOLD);
}

static void a_tier_that_is_lost_by_time_is_told_as_of_then(void **state)
{
    struct stage *s = *state;

    make_gold(s);
    size_t told = s->world.standing_changes.count, moved = s->world.index_changes.count;
    apply(s, (struct said_event){.what = SAID_CONTACT,
                                 .subject = CASE,
                                 .recorded_us = START_US + 2928 * DURATION_DAY});
    assert_true(s->world.standing_changes.count > told);
    size_t i = told;
    while (i + 1 < s->world.standing_changes.count && changes(s)[i].what != STANDING_TIER) {
        i++;
    }
    const struct standing_change *lost = &changes(s)[i];
    assert_true(lost->is_by_time && lost->before == TIER_GOLD && lost->after == TIER_SILVER);
    assert_true(lost->at_us > START_US && lost->at_us < START_US + 2928 * DURATION_DAY);
    assert_true(lost->score.index_hundredths <= 7000 && lost->score.index_hundredths >= 6990);
    assert_int_equal(s->world.index_changes.count, moved); /* a contact moves no index */
}

static void a_look_finds_what_time_has_changed(void **state)
{
    struct stage *s = *state;

    make_gold(s);
    int64_t next_us = score(s)->next_change_us;
    loyalty_fold_touch(s->fold, CUSTOMER);
    commit(s, START_US + 1098 * DURATION_DAY);
    assert_true(next_us > START_US && next_us < score(s)->evaluated_us);
    assert_true(score(s)->next_change_us > START_US + 1098 * DURATION_DAY);
    assert_int_equal(score(s)->standing.tier, TIER_SILVER);
    assert_int_equal(score(s)->changed_us, START_US);
}

static void a_record_from_before_the_last_look_takes_effect_then(void **state)
{
    struct stage *s = *state;

    apply(s, promise_event(2, STATE(KEPT), START_US + DURATION_DAY));
    apply(s,
          (struct said_event){.what = SAID_NPS, .subject = 4, .value = 0, .recorded_us = START_US});
    assert_int_equal(s->world.index_changes.count, 2);
    assert_int_equal(moves(s)[1].at_us, START_US + DURATION_DAY);
    assert_int_equal(moves(s)[1].before.index_hundredths, 5600);
    assert_int_equal(score(s)->changed_us, START_US + DURATION_DAY);
}

static void broken_trust_names_the_promise_and_has_a_version_of_its_own(void **state)
{
    struct stage *s = *state;

    apply(s, promise_event(2, STATE(BROKEN), START_US));
    assert_int_equal(s->world.standing_changes.count, 1);
    const struct standing_change *c = &changes(s)[0];
    assert_int_equal(c->what, STANDING_TRUST_BROKEN);
    assert_true(c->before == 0 && c->after == 1 && !c->is_by_time);
    assert_int_equal(c->promise, PROMISE);
    assert_int_equal(c->service_case, CASE);
    assert_string_equal(c->branch, "north");
    assert_true(c->trust_before == 0.5 && c->score.trust < 0.4);
    assert_int_equal(moves(s)[0].version, 1);
    assert_int_equal(c->version, 2);
    assert_int_equal(score(s)->version, 2);
}

static void several_who_are_one_are_scored_as_one_with_all(void **state)
{
    struct stage *s = *state;
    struct said_event other = promise_event(2, STATE(BROKEN), START_US);
    struct said_event own = promise_event(2, STATE(KEPT), START_US);

    own.subject = PROMISE + 256;
    say(s, other);
    say(s, own);
    commit(s, START_US);
    int32_t all = score(s)->index_hundredths;

    loyalty_world_clear(&s->world);
    other.customer = OTHER;
    apply(s, other);
    const struct account theirs = loyalty_world_account(&s->world, OTHER);
    say(s, own);
    loyalty_world_read(&s->world, s->fold);
    loyalty_fold_learn_other(s->fold, CUSTOMER, &theirs);
    loyalty_fold_run(s->fold, &score_policy_default, &fit_set_none, START_US);
    loyalty_world_write(&s->world, s->fold);
    assert_int_equal(score(s)->index_hundredths, all);
    assert_int_equal(count_of(s, MEASURE_TRUST), 1); /* what is stored is its own */
}

/* Asked for in the same tick as the last look, or by who is slightly ahead. */
static void a_look_is_not_skipped_because_the_last_one_is_as_new(void **state)
{
    static const int64_t since_us[] = {0, -DURATION_S};

    for (size_t i = 0; i < ARRAY_LEN(since_us); i++) {
        struct stage *s = *state;
        struct said_event other = promise_event(2, STATE(BROKEN), START_US);

        loyalty_world_clear(&s->world);
        other.customer = OTHER;
        apply(s, other);
        const struct account theirs = loyalty_world_account(&s->world, OTHER);
        apply(s, promise_event(2, STATE(KEPT), START_US));
        int32_t alone = score(s)->index_hundredths;
        loyalty_fold_touch(s->fold, CUSTOMER);
        loyalty_world_read(&s->world, s->fold);
        loyalty_fold_learn_other(s->fold, CUSTOMER, &theirs);
        loyalty_fold_run(s->fold, &score_policy_default, &fit_set_none, START_US + since_us[i]);
        loyalty_world_write(&s->world, s->fold);
        loyalty_fold_clear(s->fold);
        assert_true(score(s)->index_hundredths < alone);
        assert_int_equal(score(s)->evaluated_us, START_US);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_correction_takes_the_broken_promise_back),
        TEST(the_three_things_of_a_promise_count_in_any_order),
        TEST(a_survey_of_many_items_moves_the_index_once),
        TEST(a_case_is_remembered_by_all_its_answers),
        TEST(groups_get_what_their_promises_say),
        TEST(what_is_to_be_read_is_listed_once),
        TEST(every_version_is_written_also_the_older_ones),
        TEST(fading_is_never_blamed_on_an_event),
        TEST(a_tier_that_is_lost_by_time_is_told_as_of_then),
        TEST(a_look_finds_what_time_has_changed),
        TEST(a_record_from_before_the_last_look_takes_effect_then),
        TEST(several_who_are_one_are_scored_as_one_with_all),
        TEST(a_look_is_not_skipped_because_the_last_one_is_as_new),
        TEST(broken_trust_names_the_promise_and_has_a_version_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
