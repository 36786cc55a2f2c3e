/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/purchase_ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

#define SALES 30

/* Counted from nothing. */
static struct account counted(const struct evidence *list, size_t count)
{
    struct account a = account_empty;

    for (size_t i = 0; i < count; i++) {
        const struct evidence *e = &list[i];
        bool is_new_day = true;
        if (e->is_void) {
            continue;
        }
        account_add_currency(&a, e->label);
        if (e->kind == EVIDENCE_REFUND) {
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            is_new_day &= list[k].is_void || list[k].kind == EVIDENCE_REFUND ||
                          list[k].at_us / DURATION_DAY != e->at_us / DURATION_DAY;
        }
        const struct account one = {.first_purchase_us = e->at_us,
                                    .last_purchase_us = e->at_us,
                                    .purchase_days = is_new_day,
                                    .seen_us = INT64_MIN};
        account_merge(&a, &one);
    }
    return a;
}

static void same(const struct account *a, const struct account *b)
{
    assert_int_equal(a->first_purchase_us, b->first_purchase_us);
    assert_int_equal(a->last_purchase_us, b->last_purchase_us);
    assert_int_equal(a->purchase_days, b->purchase_days);
    assert_string_equal(a->currency, b->currency);
}

static struct evidence random_sale(struct random_data *data)
{
    int32_t r[3];

    for (size_t k = 0; k < ARRAY_LEN(r); k++) {
        (void)random_r(data, &r[k]);
    }
    return (struct evidence){
        .kind = r[0] % 5 == 0 ? EVIDENCE_REFUND : EVIDENCE_PURCHASE,
        .version = 1,
        .at_us = (int64_t)(r[1] % 200) * 5 * DURATION_H,
        .label = r[2] % 20 == 0 ? "EUR" : "CNY",
    };
}

static void adding_and_taking_back_is_counting_from_nothing(void **state)
{
    struct random_data data = {.state = NULL};
    struct evidence list[SALES];
    char memory[64];
    int32_t r;

    (void)initstate_r(3, memory, sizeof(memory), &data);
    for (int round = 0; round < 300; round++) {
        struct purchase_ledger l = {.refunds = {.count = 0}};
        struct account a = account_empty;
        for (size_t i = 0; i < SALES; i++) {
            list[i] = random_sale(&data);
            purchase_ledger_add(&l, &a, &list[i]);
        }
        for (size_t i = 0; i < SALES; i++) {
            (void)random_r(&data, &r);
            struct evidence *e = &list[(size_t)r % SALES];
            if (!e->is_void) {
                purchase_ledger_remove(&l, &a, e);
                e->is_void = true;
            }
            struct account want = counted(list, SALES);
            same(&a, &want);
        }
        purchase_ledger_free(&l);
    }
}

static void later_purchases_need_no_more_than_the_account(void **state)
{
    struct random_data data = {.state = NULL};
    struct evidence list[SALES];
    char memory[64];

    (void)initstate_r(4, memory, sizeof(memory), &data);
    for (size_t before = 0; before < SALES; before++) {
        struct purchase_ledger known = {.refunds = {.count = 0}}, started = known;
        for (size_t i = 0; i < SALES; i++) {
            list[i] = random_sale(&data);
            list[i].at_us += i >= before ? 1000 * DURATION_H : 0;
        }
        struct account a = counted(list, before), b = a;
        purchase_ledger_learn(&known, list, before);
        purchase_ledger_start(&started, &b);
        for (size_t i = before; i < SALES; i++) {
            purchase_ledger_add(&known, &a, &list[i]);
            purchase_ledger_add(&started, &b, &list[i]);
            struct account want = counted(list, i + 1);
            same(&a, &want);
            same(&b, &want);
        }
        purchase_ledger_free(&known);
        purchase_ledger_free(&started);
    }
}

static void days_before_1970_are_days_too(void **state)
{
    struct purchase_ledger l = {.refunds = {.count = 0}};
    struct account a = account_empty;
    struct evidence e = {.kind = EVIDENCE_PURCHASE, .label = "CNY", .at_us = DURATION_H};

    purchase_ledger_add(&l, &a, &e);
    e.at_us = -DURATION_H;
    purchase_ledger_add(&l, &a, &e);
    assert_int_equal(a.purchase_days, 2);
    e.at_us = 5; /* not there */
    purchase_ledger_remove(&l, &a, &e);
    assert_int_equal(a.purchase_days, 2);
    purchase_ledger_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding_and_taking_back_is_counting_from_nothing),
        cmocka_unit_test(later_purchases_need_no_more_than_the_account),
        cmocka_unit_test(days_before_1970_are_days_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
