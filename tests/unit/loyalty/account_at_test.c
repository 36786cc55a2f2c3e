/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/account_at.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"

#define DAY(n) (INT64_C(1600000000000000) + (n)*DURATION_DAY)

enum {
    KEPT = TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT,
    BROKEN = TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN,
};

struct history {
    struct evidence rows[16];
    size_t count;
};

static struct evidence *add(struct history *h, enum evidence_kind kind, int64_t subject,
                            int64_t version, int64_t value, int day)
{
    struct evidence *e = &h->rows[h->count++];
    *e = (struct evidence){
        .customer = 7,
        .kind = kind,
        .subject = subject,
        .version = version,
        .value = value,
        .at_us = DAY(day),
        .recorded_us = DAY(day),
        .made_us = DAY(day - 2),
        .due_us = DAY(day),
        .done_us = DAY(day),
        .label = "CNY",
    };
    return e;
}

static struct account known_on(const struct history *h, int day)
{
    struct account_builder *b = account_builder_new();
    struct account a, again;
    account_at(b, h->rows, h->count, &score_policy_default, DAY(day), &a);
    account_at(b, h->rows, h->count, &score_policy_default, DAY(day), &again);
    assert_memory_equal(&a, &again, sizeof(a));
    account_builder_free(b);
    return a;
}

/* What the service would have added up. */
static void the_sums_are_those_that_events_make(void **state)
{
    struct history h = {.count = 0};
    struct account want = account_empty;
    struct share shares[SHARES_MAX];
    const struct evidence *promise = add(&h, EVIDENCE_PROMISE, 1, 2, BROKEN, 10);
    const struct evidence *csat = add(&h, EVIDENCE_CSAT, 4, 1, 5, 12);
    const struct evidence *word = add(&h, EVIDENCE_WORD, 1, 1, -1, 11);
    const struct evidence *purchase = add(&h, EVIDENCE_PURCHASE, 5, 1, 900, 14);
    account_apply(&want, &score_policy_default, shares,
                  shares_of_promise(&score_policy_default, promise, word, NULL, shares), 1);
    account_apply(&want, &score_policy_default, shares, shares_of_thing(csat, shares), 1);
    account_apply(&want, &score_policy_default, shares, shares_of_thing(purchase, shares), 1);
    struct account a = known_on(&h, 20);
    assert_memory_equal(a.sums, want.sums, sizeof(a.sums));
    assert_true(a.sums[MEASURE_TRUST].count == 1 && a.sums[MEASURE_TRUST].weight > 0);
    assert_true(a.seen_us == DAY(14) && a.first_purchase_us == DAY(14) && a.purchase_days == 1);
    assert_string_equal(a.currency, "CNY");
}

static void only_what_was_known_by_then_counts(void **state)
{
    struct history h = {.count = 0};
    add(&h, EVIDENCE_PROMISE, 1, 2, BROKEN, 10);
    add(&h, EVIDENCE_PROMISE, 1, 3, KEPT, 10)->recorded_us = DAY(13); /* proof that came late */
    add(&h, EVIDENCE_CSAT, 4, 1, 5, 12);
    add(&h, EVIDENCE_CSAT, 4, 2, 5, 12)->recorded_us = DAY(15); /* taken back */
    h.rows[h.count - 1].is_void = true;
    assert_int_equal(known_on(&h, 9).sums[MEASURE_TRUST].count, 0);
    assert_int_equal(known_on(&h, 11).sums[MEASURE_BROKEN].count, 1);
    assert_int_equal(known_on(&h, 14).sums[MEASURE_BROKEN].count, 0);
    assert_int_equal(known_on(&h, 14).sums[MEASURE_TRUST].count, 1);
    assert_int_equal(known_on(&h, 14).sums[MEASURE_RECENT].count, 1);
    assert_int_equal(known_on(&h, 15).sums[MEASURE_RECENT].count, 0);
}

static void what_was_brought_in_later_was_known_when_it_occurred(void **state)
{
    struct history h = {.count = 0};
    add(&h, EVIDENCE_PURCHASE, 1, 1, 500, 10)->recorded_us = DAY(400);
    add(&h, EVIDENCE_PURCHASE, 2, 1, 500, 20)->recorded_us = DAY(26);
    assert_int_equal(known_on(&h, 9).purchase_days, 0);
    assert_int_equal(known_on(&h, 11).purchase_days, 1);
    assert_int_equal(known_on(&h, 25).purchase_days, 1);
    assert_int_equal(known_on(&h, 26).purchase_days, 2);
}

static void without_evidence_the_account_is_empty(void **state)
{
    struct history h = {.count = 0};
    struct account a = known_on(&h, 9);
    assert_memory_equal(&a, &account_empty, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sums_are_those_that_events_make),
        cmocka_unit_test(only_what_was_known_by_then_counts),
        cmocka_unit_test(what_was_brought_in_later_was_known_when_it_occurred),
        cmocka_unit_test(without_evidence_the_account_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
