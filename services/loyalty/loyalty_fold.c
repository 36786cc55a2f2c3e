/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/loyalty/loyalty_fold_private.h"

/* ---- lists */

static const size_t item_sizes[FOLD_PART_COUNT] = {
    [FOLD_FACTS] = sizeof(struct fold_fact),
    [FOLD_EVIDENCE] = sizeof(struct evidence),
    [FOLD_TOUCHED] = sizeof(int64_t),
    [FOLD_NUMBERS] = sizeof(int64_t),
    [FOLD_CUSTOMERS] = sizeof(struct fold_customer),
    [FOLD_THINGS] = sizeof(struct fold_thing),
    [FOLD_CASES] = sizeof(struct fold_case),
    [FOLD_PURCHASES] = sizeof(struct fold_purchases),
    [FOLD_KNOWN] = sizeof(struct evidence),
    [FOLD_SUMS] = sizeof(struct fold_sum),
    [FOLD_SCORES] = sizeof(struct customer_score),
    [FOLD_GROUPS] = sizeof(struct fold_group),
    [FOLD_INDEX_CHANGES] = sizeof(struct index_change),
    [FOLD_STANDING_CHANGES] = sizeof(struct standing_change),
};

void *fold_put(struct loyalty_fold *f, enum fold_part part)
{
    struct fold_list *l = &f->lists[part];
    size_t size = item_sizes[part];

    if (l->count == l->capacity) {
        l->capacity = l->capacity == 0 ? 64 : 2 * l->capacity;
        l->items = xreallocarray(l->items, l->capacity, size);
    }
    return memset((char *)l->items + l->count++ * size, 0, size);
}

void fold_sort(struct loyalty_fold *f, enum fold_part part, fold_order *order)
{
    struct fold_list *l = &f->lists[part];

    if (l->count > 0) {
        qsort(l->items, l->count, item_sizes[part], order);
    }
}

void fold_unique(struct loyalty_fold *f, enum fold_part part, fold_order *order)
{
    struct fold_list *l = &f->lists[part];
    size_t size = item_sizes[part], kept = 0;
    char *items = l->items;

    for (size_t i = 0; i < l->count; i++) {
        if (kept == 0 || order(items + (kept - 1) * size, items + i * size) != 0) {
            memmove(items + kept * size, items + i * size, size);
            kept++;
        }
    }
    l->count = kept;
}

/* ---- life */

struct loyalty_fold *loyalty_fold_new(void)
{
    return xcalloc(1, sizeof(struct loyalty_fold));
}

/* Keeps the memory of the lists for the next batch. */
void loyalty_fold_clear(struct loyalty_fold *f)
{
    struct fold_customer *customers = f->lists[FOLD_CUSTOMERS].items;

    for (size_t i = 0; i < f->lists[FOLD_CUSTOMERS].count; i++) {
        purchase_ledger_free(&customers[i].ledger);
    }
    for (size_t i = 0; i < FOLD_PART_COUNT; i++) {
        f->lists[i].count = 0;
    }
}

void loyalty_fold_free(struct loyalty_fold *f)
{
    if (f == NULL) {
        return;
    }
    loyalty_fold_clear(f);
    for (size_t i = 0; i < FOLD_PART_COUNT; i++) {
        free(f->lists[i].items);
    }
    free(f);
}

/* ---- events become facts */

void loyalty_fold_add(struct loyalty_fold *f, const Troth__V1__Event *event)
{
    struct evidence evidence[EVIDENCE_PER_EVENT_MAX];
    int count = evidence_of_event(event, evidence);
    int64_t seen_us = evidence_seen_us(event);

    if (count == 0 && seen_us == INT64_MIN) {
        return;
    }
    struct fold_fact *fact = fold_put(f, FOLD_FACTS);
    *fact = (struct fold_fact){
        .customer = event->customer,
        .first = f->lists[FOLD_EVIDENCE].count,
        .count = (size_t)count,
        .seen_us = seen_us,
        .occurred_us = event->occurred_us,
        .recorded_us = event->recorded_us,
        .is_historical = event->is_historical,
        .stream = event->stream,
        .seq = event->seq,
    };
    for (int i = 0; i < count; i++) {
        *(struct evidence *)fold_put(f, FOLD_EVIDENCE) = evidence[i];
    }
}

void loyalty_fold_touch(struct loyalty_fold *f, int64_t customer)
{
    *(int64_t *)fold_put(f, FOLD_TOUCHED) = customer;
}

/* ---- what to read */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_of_numbers(const void *a, const void *b)
{
    return compare_numbers(*(const int64_t *)a, *(const int64_t *)b);
}

static int order_of_things(const void *a, const void *b)
{
    const struct fold_thing *left = a, *right = b;
    int order = compare_numbers(left->customer, right->customer);

    if (order == 0) {
        order = compare_numbers(left->kind, right->kind);
    }
    return order != 0 ? order : compare_numbers(left->subject, right->subject);
}

static int order_of_cases(const void *a, const void *b)
{
    const struct fold_case *left = a, *right = b;
    int order = compare_numbers(left->customer, right->customer);

    return order != 0 ? order : compare_numbers(left->service_case, right->service_case);
}

static int order_of_purchases(const void *a, const void *b)
{
    const struct fold_purchases *left = a, *right = b;

    return compare_numbers(left->customer, right->customer);
}

/* Of one customer's the oldest first. */
static int order_of_purchase_times(const void *a, const void *b)
{
    const struct fold_purchases *left = a, *right = b;
    int order = order_of_purchases(a, b);

    return order != 0 ? order : compare_numbers(left->from_us, right->from_us);
}

static void ask_for_thing(struct loyalty_fold *f, const struct evidence *e, enum evidence_kind kind)
{
    *(struct fold_thing *)fold_put(f, FOLD_THINGS) =
        (struct fold_thing){.customer = e->customer, .kind = kind, .subject = e->subject};
}

static void ask_for(struct loyalty_fold *f, const struct evidence *e)
{
    if (fold_is_of_promise(e->kind)) {
        ask_for_thing(f, e, EVIDENCE_PROMISE);
        ask_for_thing(f, e, EVIDENCE_WORD);
        ask_for_thing(f, e, EVIDENCE_CAUSE);
        return;
    }
    ask_for_thing(f, e, e->kind);
    if (fold_is_of_case(e)) {
        *(struct fold_case *)fold_put(f, FOLD_CASES) =
            (struct fold_case){.customer = e->customer, .service_case = e->service_case};
    }
    if (e->kind == EVIDENCE_PURCHASE || (e->kind == EVIDENCE_REFUND && e->is_void)) {
        *(struct fold_purchases *)fold_put(f, FOLD_PURCHASES) = (struct fold_purchases){
            .customer = e->customer, .from_us = e->is_void ? INT64_MIN : e->at_us};
    }
}

static void list_customers(struct loyalty_fold *f)
{
    const struct fold_fact *facts = f->lists[FOLD_FACTS].items;
    const int64_t *touched = f->lists[FOLD_TOUCHED].items;

    for (size_t i = 0; i < f->lists[FOLD_FACTS].count; i++) {
        *(int64_t *)fold_put(f, FOLD_NUMBERS) = facts[i].customer;
    }
    for (size_t i = 0; i < f->lists[FOLD_TOUCHED].count; i++) {
        *(int64_t *)fold_put(f, FOLD_NUMBERS) = touched[i];
    }
    fold_sort(f, FOLD_NUMBERS, order_of_numbers);
    fold_unique(f, FOLD_NUMBERS, order_of_numbers);
    const int64_t *numbers = f->lists[FOLD_NUMBERS].items;
    for (size_t i = 0; i < f->lists[FOLD_NUMBERS].count; i++) {
        *(struct fold_customer *)fold_put(f, FOLD_CUSTOMERS) = fold_customer_new(numbers[i]);
    }
    for (size_t i = 0; i < f->lists[FOLD_TOUCHED].count; i++) {
        fold_find_customer(f, touched[i])->is_touched = true;
    }
}

void loyalty_fold_seal(struct loyalty_fold *f)
{
    const struct evidence *evidence = f->lists[FOLD_EVIDENCE].items;

    list_customers(f);
    for (size_t i = 0; i < f->lists[FOLD_EVIDENCE].count; i++) {
        ask_for(f, &evidence[i]);
    }
    fold_sort(f, FOLD_THINGS, order_of_things);
    fold_unique(f, FOLD_THINGS, order_of_things);
    fold_sort(f, FOLD_CASES, order_of_cases);
    fold_unique(f, FOLD_CASES, order_of_cases);
    fold_sort(f, FOLD_PURCHASES, order_of_purchase_times);
    fold_unique(f, FOLD_PURCHASES, order_of_purchases);
    const struct fold_purchases *purchases = f->lists[FOLD_PURCHASES].items;
    for (size_t i = 0; i < f->lists[FOLD_PURCHASES].count; i++) {
        fold_find_customer(f, purchases[i].customer)->purchases_from_us = purchases[i].from_us;
    }
}

struct fold_customer *fold_find_customer(const struct loyalty_fold *f, int64_t number)
{
    const struct fold_list *numbers = &f->lists[FOLD_NUMBERS];
    struct fold_customer *customers = f->lists[FOLD_CUSTOMERS].items;

    if (numbers->count == 0) {
        return NULL;
    }
    const int64_t *place =
        bsearch(&number, numbers->items, numbers->count, sizeof(number), order_of_numbers);
    return place == NULL ? NULL : &customers[place - (const int64_t *)numbers->items];
}

/* ---- what is known */

void loyalty_fold_learn_score(struct loyalty_fold *f, const struct customer_score *row)
{
    struct fold_customer *c = fold_find_customer(f, row->customer);

    if (c != NULL) {
        c->row = *row;
        c->is_next_known = true;
        c->account.first_purchase_us = row->first_purchase_us;
        c->account.last_purchase_us = row->last_purchase_us;
        c->account.purchase_days = row->purchase_days;
        c->account.seen_us = row->seen_us;
        (void)text_copy(c->account.currency, sizeof(c->account.currency), row->currency);
    }
}

void loyalty_fold_learn_sum(struct loyalty_fold *f, int64_t customer, enum measure m,
                            const struct measure_sum *sum)
{
    struct fold_customer *c = fold_find_customer(f, customer);

    if (c != NULL && m >= MEASURE_TRUST && m < MEASURE_END) {
        c->account.sums[m] = *sum;
    }
}

void loyalty_fold_learn_other(struct loyalty_fold *f, int64_t customer, const struct account *other)
{
    struct fold_customer *c = fold_find_customer(f, customer);

    if (c != NULL) {
        c->has_others = true;
        account_merge(&c->others, other);
    }
}

void loyalty_fold_learn_evidence(struct loyalty_fold *f, const struct evidence *row)
{
    if (fold_find_customer(f, row->customer) != NULL) {
        *(struct evidence *)fold_put(f, FOLD_KNOWN) = *row;
    }
}

/* ---- lists for others */

size_t loyalty_fold_customers(const struct loyalty_fold *f, const int64_t **ret_list)
{
    *ret_list = f->lists[FOLD_NUMBERS].items;
    return f->lists[FOLD_NUMBERS].count;
}

size_t loyalty_fold_things(const struct loyalty_fold *f, const struct fold_thing **ret_list)
{
    *ret_list = f->lists[FOLD_THINGS].items;
    return f->lists[FOLD_THINGS].count;
}

size_t loyalty_fold_cases(const struct loyalty_fold *f, const struct fold_case **ret_list)
{
    *ret_list = f->lists[FOLD_CASES].items;
    return f->lists[FOLD_CASES].count;
}

size_t loyalty_fold_purchases(const struct loyalty_fold *f, const struct fold_purchases **ret_list)
{
    *ret_list = f->lists[FOLD_PURCHASES].items;
    return f->lists[FOLD_PURCHASES].count;
}

size_t loyalty_fold_evidence(const struct loyalty_fold *f, const struct evidence **ret_list)
{
    *ret_list = f->lists[FOLD_EVIDENCE].items;
    return f->lists[FOLD_EVIDENCE].count;
}

size_t loyalty_fold_sums(const struct loyalty_fold *f, const struct fold_sum **ret_list)
{
    *ret_list = f->lists[FOLD_SUMS].items;
    return f->lists[FOLD_SUMS].count;
}

size_t loyalty_fold_scores(const struct loyalty_fold *f, const struct customer_score **ret_list)
{
    *ret_list = f->lists[FOLD_SCORES].items;
    return f->lists[FOLD_SCORES].count;
}

size_t loyalty_fold_groups(const struct loyalty_fold *f, const struct fold_group **ret_list)
{
    *ret_list = f->lists[FOLD_GROUPS].items;
    return f->lists[FOLD_GROUPS].count;
}

size_t loyalty_fold_index_changes(const struct loyalty_fold *f,
                                  const struct index_change **ret_list)
{
    *ret_list = f->lists[FOLD_INDEX_CHANGES].items;
    return f->lists[FOLD_INDEX_CHANGES].count;
}

size_t loyalty_fold_standing_changes(const struct loyalty_fold *f,
                                     const struct standing_change **ret_list)
{
    *ret_list = f->lists[FOLD_STANDING_CHANGES].items;
    return f->lists[FOLD_STANDING_CHANGES].count;
}
