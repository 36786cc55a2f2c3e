/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_past.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "services/loyalty/purchase_ledger.h"

struct past {
    const struct score_policy *policy;
    const struct evidence **things; /* sorted; none is void */
    size_t count;
    struct account account;
    struct purchase_ledger ledger;
};

static void add(struct past *p, const struct share *shares, size_t count)
{
    account_apply(&p->account, p->policy, shares, count, 1);
}

/* ---- promises: three things that count together */

static int compare_things(const void *a, const void *b)
{
    return evidence_compare_things(*(const struct evidence *const *)a,
                                   *(const struct evidence *const *)b);
}

static const struct evidence *find(const struct past *p, enum evidence_kind kind,
                                   const struct evidence *of)
{
    const struct evidence key = {.customer = of->customer, .kind = kind, .subject = of->subject};
    const struct evidence *wanted = &key;
    const struct evidence **found =
        bsearch(&wanted, p->things, p->count, sizeof(const struct evidence *), compare_things);

    return found == NULL ? NULL : *found;
}

static void add_promise(struct past *p, const struct evidence *promise)
{
    struct share shares[SHARES_MAX];
    size_t count = shares_of_promise(p->policy, promise, find(p, EVIDENCE_WORD, promise),
                                     find(p, EVIDENCE_CAUSE, promise), shares);

    add(p, shares, count);
}

/* ---- cases: all answers about one */

static bool is_about_case(const struct evidence *e)
{
    return (e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_CES) && e->service_case != 0;
}

static int compare_numbers(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static int compare_cases(const void *a, const void *b)
{
    const struct evidence *left = *(const struct evidence *const *)a;
    const struct evidence *right = *(const struct evidence *const *)b;

    return compare_numbers(&left->service_case, &right->service_case);
}

static void add_cases(struct past *p)
{
    const struct evidence **answers = xcalloc(p->count + 1, sizeof(const struct evidence *));
    struct share shares[SHARES_MAX];
    size_t count = 0, begin = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (is_about_case(p->things[i])) {
            answers[count++] = p->things[i];
        }
    }
    if (count > 0) {
        qsort(answers, count, sizeof(const struct evidence *), compare_cases);
    }
    for (size_t i = 1; i <= count; i++) {
        if (i == count || compare_cases(&answers[begin], &answers[i]) != 0) {
            add(p, shares, shares_of_case(&answers[begin], i - begin, shares));
            begin = i;
        }
    }
    free(answers);
}

/* ---- all of it */

bool score_past_is_heard(const struct evidence *e)
{
    return e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_NPS || e->kind == EVIDENCE_CES ||
           e->kind == EVIDENCE_SERVQUAL || e->kind == EVIDENCE_WORD ||
           e->kind == EVIDENCE_COMPLAINT || e->kind == EVIDENCE_PURCHASE;
}

static void add_thing(struct past *p, const struct evidence *e)
{
    struct share shares[SHARES_MAX];

    if (e->kind == EVIDENCE_PROMISE) {
        add_promise(p, e);
        return;
    }
    add(p, shares, shares_of_thing(e, shares));
    if (e->kind == EVIDENCE_PURCHASE || e->kind == EVIDENCE_REFUND) {
        purchase_ledger_add(&p->ledger, &p->account, e);
    }
    if (score_past_is_heard(e) && e->at_us > p->account.seen_us) {
        p->account.seen_us = e->at_us;
    }
}

struct account score_past_account(const struct score_policy *policy,
                                  const struct evidence *const *things, size_t count)
{
    struct past p = {.policy = policy, .account = account_empty};

    p.things = xcalloc(count + 1, sizeof(const struct evidence *));
    for (size_t i = 0; i < count; i++) {
        if (!things[i]->is_void) {
            p.things[p.count++] = things[i];
        }
    }
    if (p.count > 0) {
        qsort(p.things, p.count, sizeof(const struct evidence *), compare_things);
    }
    for (size_t i = 0; i < p.count; i++) {
        add_thing(&p, p.things[i]);
    }
    add_cases(&p);
    struct account account = p.account;
    purchase_ledger_free(&p.ledger);
    free(p.things);
    return account;
}
