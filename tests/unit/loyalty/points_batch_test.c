/* SPDX-License-Identifier: Apache-2.0 */
/* Ledgers of many customers do not depend on where batches begin and end, nor on what a crash makes
 * us do again. The database is a list here, read as points_store.c does. */
#include "services/loyalty/points_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

#define CUSTOMERS 5
#define EVENTS    600
#define ROWS_MAX  ((size_t)4 * EVENTS)

static const struct points_policy policy = {
    .per_unit = 1.0,
    .per_answer = 3,
    .last_us = 40 * DURATION_DAY,
};

static uint64_t t_seed;

static int below(int n)
{
    t_seed = t_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((t_seed >> 33) % (uint64_t)n);
}

/* ---- events */

struct told {
    int64_t customer;
    enum points_subject of;
    int64_t subject, points, at_us, recorded_us;
    bool is_reversal;
};

static struct told t_told[EVENTS];

static void make_events(void)
{
    int64_t now_us = DURATION_DAY * 1000;

    for (int i = 0; i < EVENTS; i++) {
        struct told *e = &t_told[i];
        now_us += below(8) * (DURATION_DAY / 4);
        if (i > 10 && below(5) == 0) { /* something again, or its void, also twice */
            *e = t_told[i - 1 - below(10)];
            e->is_reversal = below(3) > 0;
        } else {
            *e = (struct told){
                .customer = 0x100 * (1 + below(CUSTOMERS)) + 7,
                .of = (enum points_subject)(1 + below(POINTS_SUBJECT_END - 1)),
                .subject = 0x100 * (i + 1) + 7,
                .points = 1 + below(100),
                .at_us = now_us - (below(6) ? below(3) : 60) * DURATION_DAY,
            };
        }
        e->recorded_us = now_us;
    }
}

/* Of the union; the bodies live in body. */
union body {
    Troth__V1__PurchaseMade purchase;
    Troth__V1__RefundMade refund;
    Troth__V1__SurveyAnswered answer;
    Troth__V1__PointsSpent spent;
};

static void add(struct points_batch *b, const struct told *e)
{
    static char currency[] = "CNY";
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    union body body;

    event.customer = e->customer;
    event.is_reversal = e->is_reversal;
    event.occurred_us = e->at_us;
    event.has_recorded_us = true;
    event.recorded_us = e->recorded_us;
    switch (e->of) {
    case POINTS_OF_PURCHASE:
        body.purchase = (Troth__V1__PurchaseMade)TROTH__V1__PURCHASE_MADE__INIT;
        body.purchase.purchase = e->subject;
        body.purchase.amount_minor = e->points * 100;
        body.purchase.currency = currency;
        event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
        event.purchase_made = &body.purchase;
        break;
    case POINTS_OF_REFUND:
        body.refund = (Troth__V1__RefundMade)TROTH__V1__REFUND_MADE__INIT;
        body.refund.refund = e->subject;
        body.refund.amount_minor = e->points * 10;
        body.refund.currency = currency;
        event.body_case = TROTH__V1__EVENT__BODY_REFUND_MADE;
        event.refund_made = &body.refund;
        break;
    case POINTS_OF_ANSWER:
        body.answer = (Troth__V1__SurveyAnswered)TROTH__V1__SURVEY_ANSWERED__INIT;
        body.answer.answer = e->subject;
        event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
        event.survey_answered = &body.answer;
        break;
    case POINTS_OF_REDEMPTION:
    case POINTS_SUBJECT_END:
        body.spent = (Troth__V1__PointsSpent)TROTH__V1__POINTS_SPENT__INIT;
        body.spent.redemption = e->subject;
        body.spent.points = e->points;
        event.body_case = TROTH__V1__EVENT__BODY_POINTS_SPENT;
        event.points_spent = &body.spent;
        break;
    }
    points_batch_add(b, &event);
}

/* ---- the database */

struct row {
    int64_t customer;
    struct points_entry entry;
};

struct table {
    struct row rows[ROWS_MAX];
    size_t count;
};

static bool is_of_a_fact(const struct points_batch *b, const struct row *row)
{
    const struct points_fact *facts;
    size_t count = points_batch_facts(b, &facts);

    for (size_t i = 0; i < count; i++) {
        if (facts[i].customer == row->customer && facts[i].subject == row->entry.subject) {
            return true;
        }
    }
    return false;
}

static bool has_refused(const struct table *t, int64_t customer)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->rows[i].customer == customer && t->rows[i].entry.kind == POINTS_REFUSED &&
            t->rows[i].entry.left > 0) {
            return true;
        }
    }
    return false;
}

static void learn(const struct table *t, const struct points_batch *b, struct points_account *a)
{
    struct points_ledger *l = &a->ledger;
    bool wants_all = a->wants_all || has_refused(t, l->customer);

    for (size_t i = 0; i < t->count; i++) {
        const struct row *row = &t->rows[i];
        if (row->customer != l->customer) {
            continue;
        }
        if (row->entry.number > l->number) {
            l->number = row->entry.number;
            l->balance = row->entry.balance;
            l->owed = row->entry.owed;
        }
        bool has_run_out = row->entry.expires_us <= a->until_us - POINTS_GRACE_US;
        if (is_of_a_fact(b, row) || (row->entry.left > 0 && (wants_all || has_run_out))) {
            points_ledger_learn(l, &row->entry);
        }
    }
}

static void store(struct table *t, const struct points_ledger *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct points_entry *e = &l->entries[i];
        if (e->is_new) {
            assert_true(t->count < ROWS_MAX);
            t->rows[t->count] = (struct row){l->customer, *e};
            t->rows[t->count++].entry.is_new = false;
            continue;
        }
        for (size_t k = 0; e->is_changed && k < t->count; k++) {
            if (t->rows[k].customer == l->customer && t->rows[k].entry.number == e->number) {
                t->rows[k].entry.left = e->left;
            }
        }
    }
}

/* Twice in vain: the transaction was lost. */
static void run(struct table *t, struct points_batch *b, size_t from, size_t count,
                int64_t touched_until_us)
{
    for (int attempt = below(3); attempt >= 0; attempt--) {
        struct points_account *accounts;
        points_batch_clear(b);
        for (size_t i = from; i < from + count; i++) {
            add(b, &t_told[i]);
        }
        for (int c = 1; touched_until_us && c <= CUSTOMERS; c++) {
            points_batch_touch(b, 0x100 * c + 7, touched_until_us);
        }
        points_batch_seal(b);
        size_t account_count = points_batch_accounts(b, &accounts);
        for (size_t i = 0; i < account_count; i++) {
            learn(t, b, &accounts[i]);
        }
        points_batch_run(b);
        for (size_t i = 0; attempt == 0 && i < account_count; i++) {
            store(t, &accounts[i].ledger);
        }
    }
}

/* Customers in turn, so that the order of writing does not matter. */
static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->customer != y->customer) {
        return x->customer < y->customer ? -1 : 1;
    }
    return (x->entry.number > y->entry.number) - (x->entry.number < y->entry.number);
}

static struct table *ledger_of(size_t largest_batch, bool has_sweeps)
{
    struct table *t = xcalloc(1, sizeof(*t));
    struct points_batch *b = points_batch_new(&policy);
    const int64_t end_us = t_told[EVENTS - 1].recorded_us + 90 * DURATION_DAY;

    for (size_t i = 0; i < EVENTS;) {
        size_t count = 1 + (size_t)below((int)largest_batch);
        count = count < EVENTS - i ? count : EVENTS - i;
        run(t, b, i, count, 0);
        i += count;
        if (has_sweeps && i < EVENTS) { /* what is told next comes later */
            run(t, b, i, 0, t_told[i].recorded_us);
        }
    }
    run(t, b, EVENTS, 0, end_us);
    points_batch_free(b);
    qsort(t->rows, t->count, sizeof(t->rows[0]), compare_rows);
    return t;
}

static void expect_equal(const struct table *a, const struct table *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct points_entry *x = &a->rows[i].entry, *y = &b->rows[i].entry;
        assert_int_equal(a->rows[i].customer, b->rows[i].customer);
        assert_int_equal(x->subject, y->subject);
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->number, y->number);
        assert_int_equal(x->points, y->points);
        assert_int_equal(x->left, y->left);
        assert_int_equal(x->balance, y->balance);
        assert_int_equal(x->owed, y->owed);
        assert_int_equal(x->at_us, y->at_us);
    }
}

static void expect_sound(const struct table *t)
{
    int64_t balance = 0;
    int64_t left = 0;

    for (size_t i = 0; i < t->count; i++) {
        const struct row *row = &t->rows[i];
        bool is_first = i == 0 || t->rows[i - 1].customer != row->customer;
        bool is_last = i + 1 == t->count || t->rows[i + 1].customer != row->customer;
        balance = (is_first ? 0 : balance) + row->entry.points;
        left = (is_first ? 0 : left) + (row->entry.kind == POINTS_REFUSED ? 0 : row->entry.left);
        assert_int_equal(row->entry.balance, balance);
        assert_int_equal(row->entry.number, is_first ? 1 : t->rows[i - 1].entry.number + 1);
        if (is_last) {
            assert_int_equal(left - row->entry.owed, balance);
            assert_true(balance <= 0); /* everything has run out */
        }
    }
}

static void batches_and_sweeps_and_crashes_change_nothing(void **state)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        t_seed = seed;
        make_events();
        struct table *whole = ledger_of(EVENTS, false);
        struct table *single = ledger_of(1, true);
        struct table *some = ledger_of(40, true);
        expect_sound(whole);
        expect_equal(whole, single);
        expect_equal(whole, some);
        free(whole);
        free(single);
        free(some);
    }
}

static void every_kind_of_entry_came_up(void **state)
{
    size_t counts[POINTS_KIND_END] = {0};

    for (uint64_t seed = 1; seed <= 3; seed++) {
        t_seed = seed;
        make_events();
        struct table *t = ledger_of(40, true);
        for (size_t i = 0; i < t->count; i++) {
            counts[t->rows[i].entry.kind]++;
        }
        free(t);
    }
    for (int kind = 1; kind < POINTS_KIND_END; kind++) {
        if (counts[kind] < 10) {
            fail_msg("%s: %zu", points_kind_name((enum points_kind)kind), counts[kind]);
        }
    }
}

/* ---- what is said */

static void each_new_entry_is_announced_with_its_number_as_version(void **state)
{
    struct points_batch *b = points_batch_new(&policy);
    struct event_batch *events = event_batch_new();
    const struct told told[] = {
        {0x207, POINTS_OF_PURCHASE,   0x307, 50, 1, 1, false},
        {0x107, POINTS_OF_REDEMPTION, 0x407, 50, 1, 1, false},
        {0x207, POINTS_OF_REDEMPTION, 0x507, 20, 2, 2, false},
    };
    struct points_account *accounts;

    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        add(b, &told[i]);
    }
    points_batch_seal(b);
    assert_int_equal(points_batch_accounts(b, &accounts), 2);
    assert_true(accounts[0].wants_all && accounts[1].wants_all);
    assert_null(points_batch_find(b, 0x307));
    points_batch_run(b);
    points_batch_announce(b, 9, events);
    assert_int_equal(event_batch_count(events), 3);
    event_batch_free(events);
    points_batch_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_and_sweeps_and_crashes_change_nothing),
        cmocka_unit_test(every_kind_of_entry_came_up),
        cmocka_unit_test(each_new_entry_is_announced_with_its_number_as_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
