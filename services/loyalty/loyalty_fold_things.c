/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_fold_things.c - what a newer version of a thing takes back and what it counts. */
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "services/loyalty/loyalty_fold_private.h"

struct shares {
    struct share list[SHARES_MAX];
    size_t count;
};

bool fold_is_of_promise(enum evidence_kind kind)
{
    return kind == EVIDENCE_PROMISE || kind == EVIDENCE_WORD || kind == EVIDENCE_CAUSE;
}

bool fold_is_of_case(const struct evidence *e)
{
    return (e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_CES) && e->service_case != 0;
}

/* ---- what is known */

static int order_of_parts(const void *a, const void *b)
{
    return evidence_compare_things(a, b);
}

static void reserve(struct loyalty_fold *f, const struct evidence *e, enum evidence_kind kind)
{
    *(struct evidence *)fold_put(f, FOLD_KNOWN) = (struct evidence){
        .customer = e->customer, .kind = kind, .subject = e->subject, .part = e->part};
}

void fold_prepare_known(struct loyalty_fold *f)
{
    const struct evidence *evidence = f->lists[FOLD_EVIDENCE].items;

    for (size_t i = 0; i < f->lists[FOLD_EVIDENCE].count; i++) {
        if (fold_is_of_promise(evidence[i].kind)) {
            reserve(f, &evidence[i], EVIDENCE_PROMISE);
            reserve(f, &evidence[i], EVIDENCE_WORD);
            reserve(f, &evidence[i], EVIDENCE_CAUSE);
        } else {
            reserve(f, &evidence[i], evidence[i].kind);
        }
    }
    fold_sort(f, FOLD_KNOWN, evidence_compare_versions);
    fold_unique(f, FOLD_KNOWN, order_of_parts);
}

static struct evidence *find(const struct loyalty_fold *f, const struct evidence *e,
                             enum evidence_kind kind)
{
    const struct fold_list *known = &f->lists[FOLD_KNOWN];
    const struct evidence key = {
        .customer = e->customer, .kind = kind, .subject = e->subject, .part = e->part};

    return bsearch(&key, known->items, known->count, sizeof(key), order_of_parts);
}

/* All that is known of a customer's things of one kind; ret_count of them. */
static const struct evidence *find_kind(const struct loyalty_fold *f, int64_t customer,
                                        enum evidence_kind kind, size_t *ret_count)
{
    const struct evidence *known = f->lists[FOLD_KNOWN].items;
    const struct evidence key = {.customer = customer, .kind = kind, .subject = INT64_MIN};
    size_t from = 0, to = f->lists[FOLD_KNOWN].count, end;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (evidence_compare_things(&known[middle], &key) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    for (end = from; end < f->lists[FOLD_KNOWN].count; end++) {
        if (known[end].customer != customer || known[end].kind != kind) {
            break;
        }
    }
    *ret_count = end - from;
    return known + from;
}

/* ---- counting */

static bool is_same(const struct shares *a, const struct shares *b)
{
    bool is_same = a->count == b->count;

    for (size_t i = 0; is_same && i < a->count; i++) {
        const struct share *left = &a->list[i], *right = &b->list[i];
        is_same = left->measure == right->measure && left->at_us == right->at_us &&
                  left->weight == right->weight && left->value == right->value;
    }
    return is_same;
}

static void apply(const struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                  const struct shares *shares, int sign)
{
    account_apply(account, f->policy, shares->list, shares->count, sign);
    for (size_t i = 0; i < shares->count; i++) {
        c->is_written[shares->list[i].measure] = true;
    }
}

/* Returns whether they differ. */
static bool replace(const struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                    const struct shares *before, const struct shares *after)
{
    if (is_same(before, after)) {
        return false;
    }
    apply(f, c, account, before, -1);
    apply(f, c, account, after, 1);
    return true;
}

/* ---- promises: three things that count together, for the customer and for those who promised */

struct promise {
    const struct evidence *promise, *word, *cause; /* as known */
};

static struct shares shares_of(const struct loyalty_fold *f, const struct promise *p)
{
    struct shares s;

    s.count = shares_of_promise(f->policy, p->promise, p->word, p->cause, s.list);
    return s;
}

static void put_group(struct loyalty_fold *f, const struct fold_group *delta,
                      enum trust_grouping grouping, const char *name)
{
    if (name != NULL && (grouping == GROUPING_COMPANY || name[0] != '\0')) {
        struct fold_group *g = fold_put(f, FOLD_GROUPS);
        *g = *delta;
        g->grouping = grouping;
        g->name = name;
    }
}

static void count_for_groups(struct loyalty_fold *f, const struct promise *p,
                             const struct shares *s, int sign)
{
    const struct evidence *promise = p->promise;
    enum promise_end end = promise_end_of(promise, p->word);

    if (end == PROMISE_END_NONE) {
        return;
    }
    double weight = share_forward_weight(f->policy, &s->list[0]); /* MEASURE_TRUST */
    const struct fold_group delta = {
        .bucket = (int32_t)(promise->customer & 0xff),
        .kept = end == PROMISE_END_KEPT ? sign : 0,
        .late = end == PROMISE_END_LATE ? sign : 0,
        .broken = end == PROMISE_END_BROKEN ? sign : 0,
        .weight = sign * weight,
        .value = sign * (weight * s->list[0].value),
    };
    put_group(f, &delta, GROUPING_COMPANY, "");
    put_group(f, &delta, GROUPING_BRANCH, promise->branch);
    put_group(f, &delta, GROUPING_TEAM, promise->team);
    put_group(f, &delta, GROUPING_PROMISE_KIND, promise->label);
}

static bool count_promise(struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                          const struct evidence *e, struct evidence *known)
{
    const struct promise p = {
        .promise = find(f, e, EVIDENCE_PROMISE),
        .word = find(f, e, EVIDENCE_WORD),
        .cause = find(f, e, EVIDENCE_CAUSE),
    };
    struct shares before = shares_of(f, &p);

    count_for_groups(f, &p, &before, -1);
    *known = *e;
    struct shares after = shares_of(f, &p);
    count_for_groups(f, &p, &after, 1);
    return replace(f, c, account, &before, &after);
}

/* ---- other things: alone, and answers as a case is remembered */

static struct shares shares_of_answers(const struct loyalty_fold *f, const struct evidence *e)
{
    size_t csat_count, ces_count, count = 0;
    const struct evidence *csat = find_kind(f, e->customer, EVIDENCE_CSAT, &csat_count);
    const struct evidence *ces = find_kind(f, e->customer, EVIDENCE_CES, &ces_count);
    const struct evidence **answers =
        xcalloc(csat_count + ces_count, sizeof(const struct evidence *));
    struct shares s;

    for (size_t i = 0; i < csat_count + ces_count; i++) {
        const struct evidence *a = i < csat_count ? &csat[i] : &ces[i - csat_count];
        if (a->version > 0 && !a->is_void && a->service_case == e->service_case) {
            answers[count++] = a;
        }
    }
    s.count = shares_of_case(answers, count, s.list);
    free(answers);
    return s;
}

static struct shares shares_of_alone(const struct evidence *e)
{
    struct shares s;

    s.count = shares_of_thing(e, s.list);
    return s;
}

static bool count_thing(struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                        const struct evidence *e, struct evidence *known)
{
    struct shares before = shares_of_alone(known), after = shares_of_alone(e);
    struct shares case_before = {.count = 0}, case_after = {.count = 0};

    if (fold_is_of_case(e)) {
        case_before = shares_of_answers(f, e);
    }
    *known = *e;
    if (fold_is_of_case(e)) {
        case_after = shares_of_answers(f, e);
    }
    bool is_moved = replace(f, c, account, &before, &after);
    return replace(f, c, account, &case_before, &case_after) || is_moved;
}

/* ---- purchases */

static void start_ledger(const struct loyalty_fold *f, struct fold_customer *c,
                         const struct account *account)
{
    size_t count, refund_count;

    c->has_ledger = true;
    if (account->last_purchase_us < c->purchases_from_us) {
        purchase_ledger_start(&c->ledger, account);
        return;
    }
    const struct evidence *purchases = find_kind(f, c->row.customer, EVIDENCE_PURCHASE, &count);
    const struct evidence *refunds = find_kind(f, c->row.customer, EVIDENCE_REFUND, &refund_count);
    purchase_ledger_learn(&c->ledger, purchases, count);
    purchase_ledger_learn(&c->ledger, refunds, refund_count);
}

static bool count_sale(struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                       const struct evidence *e, struct evidence *known)
{
    struct shares before = shares_of_alone(known), after = shares_of_alone(e);

    if (!c->has_ledger) {
        start_ledger(f, c, account);
    }
    if (before.count > 0) {
        purchase_ledger_remove(&c->ledger, account, known);
    }
    if (after.count > 0) {
        purchase_ledger_add(&c->ledger, account, e);
    }
    *known = *e;
    return replace(f, c, account, &before, &after);
}

/* ---- any thing */

bool fold_count(struct loyalty_fold *f, struct fold_customer *c, struct account *account,
                const struct evidence *e)
{
    struct evidence *known = find(f, e, e->kind);

    if (known == NULL || e->version <= known->version) {
        return false;
    }
    if (fold_is_of_promise(e->kind)) {
        return count_promise(f, c, account, e, known);
    }
    if (e->kind == EVIDENCE_PURCHASE || e->kind == EVIDENCE_REFUND) {
        return count_sale(f, c, account, e, known);
    }
    return count_thing(f, c, account, e, known);
}

/* ---- groups */

static int order_of_groups(const void *a, const void *b)
{
    const struct fold_group *left = a, *right = b;

    if (left->bucket != right->bucket) {
        return left->bucket < right->bucket ? -1 : 1;
    }
    if (left->grouping != right->grouping) {
        return left->grouping < right->grouping ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

static bool says_something(const struct fold_group *g)
{
    return g->kept != 0 || g->late != 0 || g->broken != 0 || g->weight != 0 || g->value != 0;
}

void fold_add_up_groups(struct loyalty_fold *f)
{
    struct fold_list *l = &f->lists[FOLD_GROUPS];
    struct fold_group *groups = l->items;
    size_t kept = 0;

    fold_sort(f, FOLD_GROUPS, order_of_groups);
    for (size_t i = 0, end; i < l->count; i = end) {
        struct fold_group sum = groups[i];
        for (end = i + 1; end < l->count && order_of_groups(&sum, &groups[end]) == 0; end++) {
            sum.kept += groups[end].kept;
            sum.late += groups[end].late;
            sum.broken += groups[end].broken;
            sum.weight += groups[end].weight;
            sum.value += groups[end].value;
        }
        if (says_something(&sum)) {
            groups[kept++] = sum;
        }
    }
    l->count = kept;
}
