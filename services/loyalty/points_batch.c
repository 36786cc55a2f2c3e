/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

struct points_batch {
    struct points_policy policy;
    struct points_fact *facts;
    size_t fact_count, fact_capacity;
    struct points_account *accounts; /* until sealed: one of each fact and touch */
    size_t account_count, account_capacity;
};

struct points_batch *points_batch_new(const struct points_policy *policy)
{
    struct points_batch *b = xcalloc(1, sizeof(*b));

    b->policy = *policy;
    return b;
}

void points_batch_free(struct points_batch *b)
{
    if (b != NULL) {
        points_batch_clear(b);
        free(b->facts);
        free(b->accounts);
        free(b);
    }
}

void points_batch_clear(struct points_batch *b)
{
    for (size_t i = 0; i < b->account_count; i++) {
        points_ledger_free(&b->accounts[i].ledger);
    }
    b->account_count = b->fact_count = 0;
}

/* ---- gathering */

static void *grown(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity ? 2 * *capacity : 64;
    return xreallocarray(list, *capacity, size);
}

static void name_account(struct points_batch *b, int64_t customer, int64_t until_us, bool wants_all)
{
    b->accounts = grown(b->accounts, b->account_count, &b->account_capacity, sizeof(*b->accounts));
    b->accounts[b->account_count++] = (struct points_account){
        .ledger.customer = customer,
        .until_us = until_us,
        .wants_all = wants_all,
    };
}

void points_batch_add(struct points_batch *b, const Troth__V1__Event *event)
{
    struct points_fact fact;

    if (!points_fact_of(event, &b->policy, &fact)) {
        return;
    }
    bool earns = fact.of == POINTS_OF_PURCHASE || fact.of == POINTS_OF_ANSWER;
    b->facts = grown(b->facts, b->fact_count, &b->fact_capacity, sizeof(*b->facts));
    b->facts[b->fact_count++] = fact;
    name_account(b, fact.customer, fact.recorded_us, !earns || fact.is_reversal);
}

void points_batch_touch(struct points_batch *b, int64_t customer, int64_t until_us)
{
    name_account(b, customer, until_us, false);
    b->accounts[b->account_count - 1].is_touched = true;
}

static int compare_accounts(const void *a, const void *b)
{
    const struct points_account *x = a, *y = b;

    return (x->ledger.customer > y->ledger.customer) - (x->ledger.customer < y->ledger.customer);
}

void points_batch_seal(struct points_batch *b)
{
    size_t count = 0;

    if (b->account_count == 0) {
        return;
    }
    qsort(b->accounts, b->account_count, sizeof(*b->accounts), compare_accounts);
    for (size_t i = 1; i < b->account_count; i++) {
        struct points_account *last = &b->accounts[count];
        const struct points_account *next = &b->accounts[i];
        if (next->ledger.customer != last->ledger.customer) {
            b->accounts[++count] = *next;
            continue;
        }
        last->wants_all = last->wants_all || next->wants_all;
        last->is_touched = last->is_touched || next->is_touched;
        last->until_us = next->until_us > last->until_us ? next->until_us : last->until_us;
    }
    b->account_count = count + 1;
}

/* ---- sealed */

size_t points_batch_accounts(struct points_batch *b, struct points_account **ret_list)
{
    *ret_list = b->accounts;
    return b->account_count;
}

size_t points_batch_facts(const struct points_batch *b, const struct points_fact **ret_list)
{
    *ret_list = b->facts;
    return b->fact_count;
}

struct points_ledger *points_batch_find(struct points_batch *b, int64_t customer)
{
    const struct points_account key = {.ledger.customer = customer};
    struct points_account *found =
        b->account_count == 0
            ? NULL
            : bsearch(&key, b->accounts, b->account_count, sizeof(key), compare_accounts);

    return found == NULL ? NULL : &found->ledger;
}

void points_batch_run(struct points_batch *b)
{
    for (size_t i = 0; i < b->fact_count; i++) {
        const struct points_fact *fact = &b->facts[i];
        points_plan_apply(points_batch_find(b, fact->customer), &b->policy, fact);
    }
    for (size_t i = 0; i < b->account_count; i++) {
        if (b->accounts[i].is_touched) {
            points_plan_expire(&b->accounts[i].ledger, b->accounts[i].until_us);
        }
    }
}

/* ---- what is said */

static void announce(const struct points_ledger *l, const struct points_entry *e, int64_t now_us,
                     struct event_batch *to)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__PointsChanged body = TROTH__V1__POINTS_CHANGED__INIT;
    char reason[16]; /* generated structs have texts that may be written to */

    (void)text_copy(reason, sizeof(reason), points_kind_name(e->kind));
    event.has_customer = event.has_version = event.has_occurred_us = event.has_recorded_us = true;
    event.has_is_historical = true;
    event.customer = l->customer;
    event.version = e->number;
    event.occurred_us = e->at_us;
    event.recorded_us = now_us;
    event.is_historical = e->is_historical;
    event.body_case = TROTH__V1__EVENT__BODY_POINTS_CHANGED;
    event.points_changed = &body;
    body.has_change = body.has_balance = body.has_subject = true;
    body.change = e->points;
    body.balance = e->balance;
    body.reason = reason;
    body.subject = e->subject;
    event_batch_add(to, &event);
}

void points_batch_announce(const struct points_batch *b, int64_t now_us, struct event_batch *to)
{
    for (size_t i = 0; i < b->account_count; i++) {
        const struct points_ledger *l = &b->accounts[i].ledger;
        for (size_t k = 0; k < l->count; k++) {
            if (l->entries[k].is_new) {
                announce(l, &l->entries[k], now_us, to);
            }
        }
    }
}
