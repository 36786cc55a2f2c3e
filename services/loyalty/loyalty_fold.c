/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

/* One event that says something, as it came. */
struct fact {
    struct evidence evidence;
    int64_t recorded_us;
    bool is_historical;
};

struct loyalty_fold {
    struct fact *facts;
    size_t fact_count;
    size_t fact_capacity;
    /* Made by loyalty_fold_seal(). */
    struct evidence *evidence;
    size_t evidence_count;
    struct loyalty_customer *customers;
    size_t customer_count;
    struct index_change *changes; /* at most one per fact */
    size_t change_count;
};

struct loyalty_fold *loyalty_fold_new(void)
{
    return xcalloc(1, sizeof(struct loyalty_fold));
}

void loyalty_fold_free(struct loyalty_fold *f)
{
    if (f == NULL) {
        return;
    }
    loyalty_fold_clear(f);
    free(f->facts);
    free(f);
}

void loyalty_fold_clear(struct loyalty_fold *f)
{
    free(f->evidence);
    free(f->customers);
    free(f->changes);
    f->evidence = NULL;
    f->customers = NULL;
    f->changes = NULL;
    f->fact_count = f->evidence_count = f->customer_count = f->change_count = 0;
}

/* ---- events become facts */

static bool promise_fact_of(const Troth__V1__PromiseChanged *changed, struct evidence *e)
{
    e->kind = EVIDENCE_PROMISE;
    e->subject = changed->promise;
    e->version = changed->promise_version;
    e->value = (int32_t)changed->to;
    e->service_case = changed->service_case;
    /* Open states count for nothing, but take back what an earlier version counted. */
    return changed->has_promise && changed->has_promise_version && changed->has_to;
}

static bool answer_fact_of(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__SurveyAnswered *answered = event->survey_answered;

    if (answered->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT) {
        e->kind = EVIDENCE_CSAT;
    } else if (answered->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS) {
        e->kind = EVIDENCE_NPS;
    } else {
        return false;
    }
    e->subject = answered->answer;
    e->version = event->is_reversal ? 2 : 1;
    e->is_void = event->is_reversal;
    e->value = answered->value;
    e->service_case = answered->service_case;
    return answered->has_answer && answered->has_value;
}

/* Another process wrote the event: what the table cannot hold says nothing. */
static bool is_storable(const struct evidence *e)
{
    return e->value >= INT16_MIN && e->value <= INT16_MAX;
}

static bool fact_of_event(const Troth__V1__Event *event, struct fact *fact)
{
    struct evidence *e = &fact->evidence;

    fact->recorded_us = event->recorded_us;
    fact->is_historical = event->is_historical;
    e->customer = event->customer;
    e->at_us = event->occurred_us;
    e->stream = event->stream;
    e->seq = event->seq;
    e->is_changed = true;
    if (!event->has_customer) {
        return false;
    }
    if (event->body_case == TROTH__V1__EVENT__BODY_PROMISE_CHANGED) {
        return promise_fact_of(event->promise_changed, e) && is_storable(e);
    }
    if (event->body_case == TROTH__V1__EVENT__BODY_SURVEY_ANSWERED) {
        return answer_fact_of(event, e) && is_storable(e);
    }
    return false;
}

void loyalty_fold_add(struct loyalty_fold *f, const Troth__V1__Event *event)
{
    struct fact fact = {.recorded_us = 0};

    if (!fact_of_event(event, &fact)) {
        return;
    }
    if (f->fact_count == f->fact_capacity) {
        f->fact_capacity = f->fact_capacity == 0 ? 64 : 2 * f->fact_capacity;
        f->facts = xreallocarray(f->facts, f->fact_capacity, sizeof(*f->facts));
    }
    f->facts[f->fact_count++] = fact;
}

/* ---- what the batch is about */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_customers(const void *a, const void *b)
{
    const struct loyalty_customer *left = a, *right = b;

    return compare_numbers(left->number, right->number);
}

static int compare_evidence(const void *a, const void *b)
{
    const struct evidence *left = a, *right = b;
    int order = compare_numbers(left->customer, right->customer);

    if (order == 0) {
        order = compare_numbers(left->kind, right->kind);
    }
    return order != 0 ? order : compare_numbers(left->subject, right->subject);
}

/* Sorts and drops repetitions; returns how many are left. */
static size_t sort_unique(void *list, size_t count, size_t size,
                          int (*compare)(const void *, const void *))
{
    char *items = list;
    size_t kept = 0;

    if (count > 0) {
        qsort(items, count, size, compare);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare(items + (kept - 1) * size, items + i * size) != 0) {
            memmove(items + kept * size, items + i * size, size);
            kept++;
        }
    }
    return kept;
}

void loyalty_fold_seal(struct loyalty_fold *f)
{
    const struct trust_account no_promises = {.kept = 0};
    const struct satisfaction no_answers = {.csat_count = 0};

    f->evidence = xcalloc(f->fact_count + 1, sizeof(*f->evidence));
    f->customers = xcalloc(f->fact_count + 1, sizeof(*f->customers));
    f->changes = xcalloc(f->fact_count + 1, sizeof(*f->changes));
    for (size_t i = 0; i < f->fact_count; i++) {
        const struct evidence *e = &f->facts[i].evidence;
        f->evidence[i] =
            (struct evidence){.customer = e->customer, .kind = e->kind, .subject = e->subject};
        f->customers[i] = (struct loyalty_customer){
            .number = e->customer,
            .index = index_of(&no_promises, &no_answers),
            .changed_us = INT64_MIN,
        };
    }
    f->evidence_count =
        sort_unique(f->evidence, f->fact_count, sizeof(*f->evidence), compare_evidence);
    f->customer_count =
        sort_unique(f->customers, f->fact_count, sizeof(*f->customers), compare_customers);
}

size_t loyalty_fold_customers(struct loyalty_fold *f, struct loyalty_customer **ret_list)
{
    *ret_list = f->customers;
    return f->customer_count;
}

size_t loyalty_fold_evidence(struct loyalty_fold *f, struct evidence **ret_list)
{
    *ret_list = f->evidence;
    return f->evidence_count;
}

struct loyalty_customer *loyalty_fold_find_customer(struct loyalty_fold *f, int64_t number)
{
    const struct loyalty_customer key = {.number = number};

    if (f->customer_count == 0) {
        return NULL;
    }
    return bsearch(&key, f->customers, f->customer_count, sizeof(key), compare_customers);
}

struct evidence *loyalty_fold_find_evidence(struct loyalty_fold *f, int64_t customer,
                                            enum evidence_kind kind, int64_t subject)
{
    const struct evidence key = {.customer = customer, .kind = kind, .subject = subject};

    if (f->evidence_count == 0) {
        return NULL;
    }
    return bsearch(&key, f->evidence, f->evidence_count, sizeof(key), compare_evidence);
}

/* ---- applying */

/* The three return whether it counts for anything. */
static bool count_promise(struct trust_account *a, int32_t state, int count)
{
    if (state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT) {
        a->kept += count;
    } else if (state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT_LATE) {
        a->kept_late += count;
    } else if (state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN ||
               state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_RENEGOTIATED_LATE) {
        a->broken += count;
    } else {
        return false;
    }
    return true;
}

/* count 1 counts it, -1 takes it back. */
static bool count_evidence(struct loyalty_customer *c, const struct evidence *e, int count)
{
    if (e->is_void) {
        return false;
    }
    switch (e->kind) {
    case EVIDENCE_PROMISE:
        return count_promise(&c->account, e->value, count);
    case EVIDENCE_CSAT:
        satisfaction_add_csat(&c->answers, e->value, count);
        return true;
    case EVIDENCE_NPS:
        satisfaction_add_nps(&c->answers, e->value, count);
        return true;
    }
    return false;
}

static void move_index(struct loyalty_fold *f, struct loyalty_customer *c, const struct fact *fact)
{
    struct loyalty_index index = index_of(&c->account, &c->answers);
    double before = index_sum(&c->index);
    double after = index_sum(&index);

    if (before != after) {
        c->version++;
        f->changes[f->change_count++] = (struct index_change){
            .customer = c->number,
            .version = c->version,
            .at_us = fact->recorded_us,
            .occurred_us = fact->evidence.at_us,
            .is_historical = fact->is_historical,
            .before = before,
            .after = after,
            .reason = index_moved_most(&c->index, &index),
        };
    }
    c->index = index;
}

static void apply_fact(struct loyalty_fold *f, const struct fact *fact)
{
    const struct evidence *new = &fact->evidence;
    struct evidence *known = loyalty_fold_find_evidence(f, new->customer, new->kind, new->subject);
    struct loyalty_customer *c = loyalty_fold_find_customer(f, new->customer);

    if (known == NULL || c == NULL || new->version <= known->version) {
        return;
    }
    bool is_counted = known->version > 0 && count_evidence(c, known, -1);
    *known = *new;
    is_counted = count_evidence(c, known, 1) || is_counted;
    if (!is_counted) {
        return;
    }
    c->is_changed = true;
    if (fact->recorded_us > c->changed_us) {
        c->changed_us = fact->recorded_us;
    }
    move_index(f, c, fact);
}

void loyalty_fold_run(struct loyalty_fold *f)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        apply_fact(f, &f->facts[i]);
    }
}

size_t loyalty_fold_changes(const struct loyalty_fold *f, const struct index_change **ret_list)
{
    *ret_list = f->changes;
    return f->change_count;
}
