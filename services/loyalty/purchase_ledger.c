/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/purchase_ledger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

static void list_free(struct sale_list *l)
{
    free(l->list);
    *l = (struct sale_list){.list = NULL};
}

void purchase_ledger_free(struct purchase_ledger *l)
{
    list_free(&l->purchases);
    list_free(&l->refunds);
}

/* ---- lists */

static struct sale sale_of(int64_t at_us, const char *currency)
{
    struct sale s = {.at_us = at_us};

    (void)text_copy(s.currency, sizeof(s.currency), currency);
    return s;
}

static int compare_sales(const void *a, const void *b)
{
    const struct sale *left = a, *right = b;

    if (left->at_us != right->at_us) {
        return left->at_us < right->at_us ? -1 : 1;
    }
    return strcmp(left->currency, right->currency);
}

/* The first that is not before s. */
static size_t place_of(const struct sale_list *l, const struct sale *s)
{
    size_t from = 0, to = l->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_sales(&l->list[middle], s) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static void list_insert(struct sale_list *l, size_t at, struct sale s)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity == 0 ? 8 : 2 * l->capacity;
        l->list = xreallocarray(l->list, l->capacity, sizeof(*l->list));
    }
    memmove(l->list + at + 1, l->list + at, (l->count - at) * sizeof(*l->list));
    l->list[at] = s;
    l->count++;
}

static void list_remove(struct sale_list *l, size_t at)
{
    l->count--;
    memmove(l->list + at, l->list + at + 1, (l->count - at) * sizeof(*l->list));
}

static struct sale_list *list_of(struct purchase_ledger *l, const struct evidence *e)
{
    return e->kind == EVIDENCE_REFUND ? &l->refunds : &l->purchases;
}

/* ---- filling */

void purchase_ledger_start(struct purchase_ledger *l, const struct account *a)
{
    if (a->first_purchase_us == INT64_MIN) {
        return;
    }
    list_insert(&l->purchases, 0, sale_of(a->first_purchase_us, a->currency));
    if (a->last_purchase_us > a->first_purchase_us) {
        list_insert(&l->purchases, 1, sale_of(a->last_purchase_us, a->currency));
    }
}

static void list_sort(struct sale_list *l)
{
    if (l->count > 0) {
        qsort(l->list, l->count, sizeof(*l->list), compare_sales);
    }
}

void purchase_ledger_learn(struct purchase_ledger *l, const struct evidence *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct evidence *e = &list[i];
        bool is_sale = e->kind == EVIDENCE_PURCHASE || e->kind == EVIDENCE_REFUND;
        if (is_sale && e->version > 0 && !e->is_void) {
            struct sale_list *to = list_of(l, e);
            list_insert(to, to->count, sale_of(e->at_us, e->label == NULL ? "" : e->label));
        }
    }
    list_sort(&l->purchases);
    list_sort(&l->refunds);
}

/* ---- keeping the account right */

/* UTC. */
static int64_t day_of(int64_t at_us)
{
    int64_t day = at_us / DURATION_DAY;

    return at_us % DURATION_DAY < 0 ? day - 1 : day;
}

/* Is there no purchase on its day beside the one at this place? */
static bool is_alone(const struct sale_list *l, size_t at)
{
    int64_t day = day_of(l->list[at].at_us);

    return (at == 0 || day_of(l->list[at - 1].at_us) != day) &&
           (at + 1 == l->count || day_of(l->list[at + 1].at_us) != day);
}

static void set_ends(const struct sale_list *l, struct account *a)
{
    a->first_purchase_us = l->count == 0 ? INT64_MIN : l->list[0].at_us;
    a->last_purchase_us = l->count == 0 ? INT64_MIN : l->list[l->count - 1].at_us;
}

static void add_currencies(const struct sale_list *l, struct account *a)
{
    for (size_t i = 0; i < l->count; i++) {
        account_add_currency(a, l->list[i].currency);
    }
}

void purchase_ledger_add(struct purchase_ledger *l, struct account *a, const struct evidence *e)
{
    struct sale_list *to = list_of(l, e);
    const struct sale s = sale_of(e->at_us, e->label == NULL ? "" : e->label);
    size_t at = place_of(to, &s);

    list_insert(to, at, s);
    account_add_currency(a, s.currency);
    if (to == &l->purchases) {
        a->purchase_days += is_alone(to, at);
        set_ends(to, a);
    }
}

void purchase_ledger_remove(struct purchase_ledger *l, struct account *a, const struct evidence *e)
{
    struct sale_list *from = list_of(l, e);
    const struct sale s = sale_of(e->at_us, e->label == NULL ? "" : e->label);
    size_t at = place_of(from, &s);

    if (at == from->count || compare_sales(&from->list[at], &s) != 0) {
        return;
    }
    if (from == &l->purchases) {
        a->purchase_days -= is_alone(from, at);
    }
    list_remove(from, at);
    set_ends(&l->purchases, a);
    a->currency[0] = '\0';
    add_currencies(&l->purchases, a);
    add_currencies(&l->refunds, a);
}
