/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_replay_test.c - however the events come, the score is the same.
 *
 * A hundred thousand random sequences of events are applied one by one, and again in random batches
 * of which some are lost before they are written. Both leave the same rows, bit for bit. The sums
 * are those that the evidence gives when it is counted from nothing, and in another order the same
 * events leave the same sums.
 */
#include "services/loyalty/loyalty_fold.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "tests/support/loyalty_world.h"
#include "tests/support/random_events.h"

#ifdef __SANITIZE_ADDRESS__
#define SEQUENCES 4000
#define LONG_LIFE 1500
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEQUENCES 4000
#define LONG_LIFE 1500
#endif
#endif
#ifndef SEQUENCES
#define SEQUENCES 100000
#define LONG_LIFE 10000
#endif

#define SEED UINT64_C(20260601)

/* ---- applying */

struct stage {
    struct loyalty_world one_by_one, in_batches, shuffled;
    struct loyalty_fold *fold;
    const struct fit_set *fits;
};

/* A batch ends before a sweep, which is one of its own. Returns how many it took. */
static size_t fill_batch(struct stage *s, const struct said_event *events, size_t count)
{
    loyalty_fold_clear(s->fold);
    if (events[0].what == RANDOM_SWEEP) {
        loyalty_fold_touch(s->fold, events[0].customer);
        return 1;
    }
    size_t taken = 0;
    while (taken < count && events[taken].what != RANDOM_SWEEP) {
        said_event_add(s->fold, &events[taken++]);
    }
    return taken;
}

static size_t apply(struct stage *s, struct loyalty_world *w, const struct said_event *events,
                    size_t count, bool is_written)
{
    size_t taken = fill_batch(s, events, count);

    loyalty_world_read(w, s->fold);
    loyalty_fold_run(s->fold, &score_policy_default, s->fits,
                     events[taken - 1].recorded_us + DURATION_DAY);
    if (is_written) {
        loyalty_world_write(w, s->fold);
    }
    return taken;
}

static void apply_one_by_one(struct stage *s, struct loyalty_world *w,
                             const struct said_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)apply(s, w, &events[i], 1, true);
    }
}

static void apply_in_batches(struct stage *s, struct loyalty_world *w,
                             const struct said_event *events, size_t count, uint64_t *random)
{
    for (size_t i = 0; i < count;) {
        size_t want = 1 + (size_t)random_next(random, count - i);
        bool is_written = random_next(random, 4) != 0;
        size_t taken = apply(s, w, &events[i], want, is_written);
        i += is_written ? taken : 0;
    }
}

/* ---- the same */

static void same_score(const struct customer_score *a, const struct customer_score *b)
{
    assert_int_equal(a->customer, b->customer);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->standing.tier, b->standing.tier);
    assert_int_equal(a->standing.churn_level, b->standing.churn_level);
    assert_int_equal(a->standing.is_trust_broken, b->standing.is_trust_broken);
    assert_int_equal(a->index_hundredths, b->index_hundredths);
    assert_true(a->churn == b->churn && a->trust == b->trust);
    assert_int_equal(a->first_purchase_us, b->first_purchase_us);
    assert_int_equal(a->last_purchase_us, b->last_purchase_us);
    assert_int_equal(a->purchase_days, b->purchase_days);
    assert_string_equal(a->currency, b->currency);
    assert_int_equal(a->seen_us, b->seen_us);
    assert_int_equal(a->changed_us, b->changed_us);
    assert_int_equal(a->evaluated_us, b->evaluated_us);
    assert_int_equal(a->next_change_us, b->next_change_us);
}

static void same_histories(const struct loyalty_world *a, const struct loyalty_world *b)
{
    const struct index_change *moves = a->index_changes.rows, *others = b->index_changes.rows;
    const struct standing_change *changes = a->standing_changes.rows;
    const struct standing_change *other_changes = b->standing_changes.rows;

    assert_int_equal(a->index_changes.count, b->index_changes.count);
    for (size_t i = 0; i < a->index_changes.count; i++) {
        assert_int_equal(moves[i].customer, others[i].customer);
        assert_int_equal(moves[i].version, others[i].version);
        assert_int_equal(moves[i].at_us, others[i].at_us);
        assert_int_equal(moves[i].seq, others[i].seq);
        assert_int_equal(moves[i].reason, others[i].reason);
        assert_int_equal(moves[i].before.index_hundredths, others[i].before.index_hundredths);
        assert_int_equal(moves[i].after.index_hundredths, others[i].after.index_hundredths);
    }
    assert_int_equal(a->standing_changes.count, b->standing_changes.count);
    for (size_t i = 0; i < a->standing_changes.count; i++) {
        assert_int_equal(changes[i].customer, other_changes[i].customer);
        assert_int_equal(changes[i].version, other_changes[i].version);
        assert_int_equal(changes[i].at_us, other_changes[i].at_us);
        assert_int_equal(changes[i].what, other_changes[i].what);
        assert_int_equal(changes[i].before, other_changes[i].before);
        assert_int_equal(changes[i].after, other_changes[i].after);
        assert_int_equal(changes[i].is_by_time, other_changes[i].is_by_time);
        assert_int_equal(changes[i].seq, other_changes[i].seq);
    }
}

/* Sums: bit for bit, or (in another order) up to rounding. */
static void same_sums(const struct account *a, const struct account *b, double tolerance)
{
    for (size_t m = 1; m < MEASURE_END; m++) {
        const struct measure_sum *x = &a->sums[m], *y = &b->sums[m];
        double scale = fmax(1, fabs(x->weight) + fabs(x->value));
        assert_int_equal(x->count, y->count);
        assert_true(fabs(x->weight - y->weight) <= tolerance * scale);
        assert_true(fabs(x->value - y->value) <= tolerance * scale);
        assert_true(x->count > 0 || (x->weight == 0 && x->value == 0));
    }
    assert_int_equal(a->first_purchase_us, b->first_purchase_us);
    assert_int_equal(a->last_purchase_us, b->last_purchase_us);
    assert_int_equal(a->purchase_days, b->purchase_days);
    assert_string_equal(a->currency, b->currency);
}

static void same_groups(const struct loyalty_world *a, const struct loyalty_world *b)
{
    static const struct {
        enum trust_grouping grouping;
        const char *name;
    } groups[] = {
        {GROUPING_COMPANY,      ""        },
        {GROUPING_BRANCH,       "north"   },
        {GROUPING_BRANCH,       "south"   },
        {GROUPING_TEAM,         "desk"    },
        {GROUPING_TEAM,         "yard"    },
        {GROUPING_PROMISE_KIND, "callback"},
    };

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        struct fold_group x = loyalty_world_group(a, groups[i].grouping, groups[i].name);
        struct fold_group y = loyalty_world_group(b, groups[i].grouping, groups[i].name);
        assert_true(x.kept == y.kept && x.late == y.late && x.broken == y.broken);
        assert_true(fabs(x.weight - y.weight) < 1e-6 && fabs(x.value - y.value) < 1e-6);
    }
}

/* ---- counted from nothing */

static const struct evidence *newest(const struct loyalty_world *w, const struct evidence *thing,
                                     enum evidence_kind kind)
{
    const struct evidence *rows = w->evidence.rows, *found = NULL;
    struct evidence key = *thing;

    key.kind = kind;
    for (size_t i = 0; i < w->evidence.count; i++) {
        if (evidence_compare_things(&rows[i], &key) == 0 &&
            (found == NULL || rows[i].version > found->version)) {
            found = &rows[i];
        }
    }
    return found;
}

static void count_case(const struct loyalty_world *w, const struct evidence *of, struct account *a)
{
    const struct evidence *rows = w->evidence.rows;
    const struct evidence **answers = xcalloc(w->evidence.count, sizeof(const struct evidence *));
    struct share shares[SHARES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < w->evidence.count; i++) {
        const struct evidence *e = &rows[i];
        if ((e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_CES) && e->customer == of->customer &&
            e->service_case == of->service_case && newest(w, e, e->kind) == e && !e->is_void) {
            answers[count++] = e;
        }
    }
    /* Once for each case. */
    if (count > 0 && answers[0] == of) {
        account_apply(a, &score_policy_default, shares, shares_of_case(answers, count, shares), 1);
    }
    free(answers);
}

static bool is_new_day(const struct loyalty_world *w, const struct evidence *e)
{
    const struct evidence *rows = w->evidence.rows;

    for (const struct evidence *other = rows; other < e; other++) {
        if (other->kind == EVIDENCE_PURCHASE && other->customer == e->customer && !other->is_void &&
            newest(w, other, other->kind) == other &&
            other->at_us / DURATION_DAY == e->at_us / DURATION_DAY) {
            return false;
        }
    }
    return true;
}

static void count_sale(const struct loyalty_world *w, const struct evidence *e, struct account *a)
{
    account_add_currency(a, e->label);
    if (e->kind == EVIDENCE_PURCHASE) {
        struct account one = account_empty;
        one.first_purchase_us = one.last_purchase_us = e->at_us;
        one.purchase_days = is_new_day(w, e);
        account_merge(a, &one);
    }
}

static struct account counted_from_nothing(const struct loyalty_world *w, int64_t customer)
{
    const struct evidence *rows = w->evidence.rows;
    struct account a = account_empty;
    struct share shares[SHARES_MAX];

    for (size_t i = 0; i < w->evidence.count; i++) {
        const struct evidence *e = &rows[i];
        if (e->customer != customer || newest(w, e, e->kind) != e || e->is_void) {
            continue;
        }
        size_t count =
            e->kind == EVIDENCE_PROMISE
                ? shares_of_promise(&score_policy_default, e, newest(w, e, EVIDENCE_WORD),
                                    newest(w, e, EVIDENCE_CAUSE), shares)
                : shares_of_thing(e, shares);
        account_apply(&a, &score_policy_default, shares, count, 1);
        if ((e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_CES) && e->service_case != 0) {
            count_case(w, e, &a);
        } else if (e->kind == EVIDENCE_PURCHASE || e->kind == EVIDENCE_REFUND) {
            count_sale(w, e, &a);
        }
    }
    return a;
}

/* ---- tests */

static const struct fit_set *fits_of(uint64_t seed)
{
    static struct fit_set fitted;

    fitted = fit_set_none;
    fitted.has_purchases = true;
    fitted.purchases = (struct bg_nbd){.r = 0.243, .alpha = 30.9, .a = 0.793, .b = 2.426};
    return seed % 8 == 0 ? &fitted : &fit_set_none;
}

static void clear(struct stage *s)
{
    loyalty_world_clear(&s->one_by_one);
    loyalty_world_clear(&s->in_batches);
    loyalty_world_clear(&s->shuffled);
}

static void compare_worlds(const struct stage *s)
{
    for (size_t c = 0; c < RANDOM_CUSTOMERS; c++) {
        const struct customer_score *a = loyalty_world_score(&s->one_by_one, random_customers[c]);
        const struct customer_score *b = loyalty_world_score(&s->in_batches, random_customers[c]);
        struct account one = loyalty_world_account(&s->one_by_one, random_customers[c]);
        struct account batched = loyalty_world_account(&s->in_batches, random_customers[c]);
        assert_int_equal(a == NULL, b == NULL);
        if (a != NULL && b != NULL) {
            same_score(a, b);
        }
        same_sums(&one, &batched, 0);
    }
    same_histories(&s->one_by_one, &s->in_batches);
    same_groups(&s->one_by_one, &s->in_batches);
}

static void compare_counted(const struct stage *s)
{
    for (size_t c = 0; c < RANDOM_CUSTOMERS; c++) {
        struct account one = loyalty_world_account(&s->one_by_one, random_customers[c]);
        struct account counted = counted_from_nothing(&s->one_by_one, random_customers[c]);
        same_sums(&one, &counted, 1e-9);
    }
}

static void shuffle(struct said_event *events, size_t count, uint64_t *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)random_next(random, i);
        struct said_event other = events[i - 1];
        events[i - 1] = events[j];
        events[j] = other;
    }
}

static void compare_shuffled(struct stage *s, struct said_event *events, size_t count,
                             uint64_t *random)
{
    shuffle(events, count, random);
    apply_in_batches(s, &s->shuffled, events, count, random);
    for (size_t c = 0; c < RANDOM_CUSTOMERS; c++) {
        struct account one = loyalty_world_account(&s->one_by_one, random_customers[c]);
        struct account shuffled = loyalty_world_account(&s->shuffled, random_customers[c]);
        same_sums(&one, &shuffled, 1e-9);
        assert_int_equal(one.seen_us, shuffled.seen_us);
    }
    same_groups(&s->one_by_one, &s->shuffled);
}

static void batches_crashes_and_order_change_nothing(void **state)
{
    struct stage s = {.fold = loyalty_fold_new()};
    struct said_event events[RANDOM_EVENTS_MAX];
    size_t moves = 0, changes = 0;

    for (uint64_t seed = SEED; seed < SEED + SEQUENCES; seed++) {
        size_t count = random_sequence(seed, events);
        uint64_t random = random_mix(seed ^ UINT64_C(0xba7c));
        s.fits = fits_of(seed);
        clear(&s);
        apply_one_by_one(&s, &s.one_by_one, events, count);
        apply_in_batches(&s, &s.in_batches, events, count, &random);
        compare_worlds(&s);
        compare_counted(&s);
        compare_shuffled(&s, events, count, &random);
        moves += s.one_by_one.index_changes.count;
        changes += s.one_by_one.standing_changes.count;
    }
    print_message("%d sequences: %zu changes of an index, %zu of a standing\n", SEQUENCES, moves,
                  changes);
    assert_true(moves > SEQUENCES && changes > SEQUENCES / 4);
    loyalty_fold_free(s.fold);
    loyalty_world_free(&s.one_by_one);
    loyalty_world_free(&s.in_batches);
    loyalty_world_free(&s.shuffled);
}

/* ---- a long life */

/* One customer; every thing is another one, so that all that counts stays. */
static void long_life(struct said_event *events)
{
    uint64_t random = SEED;
    int64_t at_us = RANDOM_START_US;

    for (size_t i = 0; i < LONG_LIFE; i++) {
        at_us += random_step(&random) / 100;
        events[i] = random_event(&random, SEED, at_us);
        events[i].customer = random_customers[0];
        events[i].subject = (int64_t)i + 1;
        events[i].seq = (int64_t)i + 1;
        events[i].is_reversal = false;
        events[i].service_case = events[i].service_case == 0 ? 0 : (int64_t)i / 50 + 1;
        if (events[i].what == SAID_PURCHASE) {
            events[i].occurred_us = at_us;
        }
    }
}

static void ten_thousand_events_of_one_customer_are_one_score(void **state)
{
    struct stage s = {.fold = loyalty_fold_new(), .fits = &fit_set_none};
    struct said_event *events = xcalloc(LONG_LIFE, sizeof(*events));

    long_life(events);
    apply_one_by_one(&s, &s.one_by_one, events, LONG_LIFE);
    for (size_t i = 0; i < LONG_LIFE;) {
        size_t left = LONG_LIFE - i;
        i += apply(&s, &s.in_batches, &events[i], left < 512 ? left : 512, true);
    }
    compare_worlds(&s);
    /* Old evidence is not read again: only what a new version, a case or an old purchase needs. */
    assert_true(s.in_batches.read_count < (size_t)3 * LONG_LIFE);
    loyalty_fold_free(s.fold);
    loyalty_world_free(&s.one_by_one);
    loyalty_world_free(&s.in_batches);
    free(events);
}

static void who_did_nothing_has_no_row(void **state)
{
    struct stage s = {.fold = loyalty_fold_new(), .fits = &fit_set_none};
    const struct said_event look = {
        .what = RANDOM_SWEEP, .customer = random_customers[0], .recorded_us = RANDOM_START_US};

    (void)apply(&s, &s.one_by_one, &look, 1, true);
    assert_null(loyalty_world_score(&s.one_by_one, random_customers[0]));
    loyalty_fold_free(s.fold);
    loyalty_world_free(&s.one_by_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_crashes_and_order_change_nothing),
        cmocka_unit_test(ten_thousand_events_of_one_customer_are_one_score),
        cmocka_unit_test(who_did_nothing_has_no_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
