/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/loyalty_world.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* ---- tables */

static void *put(struct world_table *t, size_t size)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity == 0 ? 16 : 2 * t->capacity;
        t->rows = xreallocarray(t->rows, t->capacity, size);
    }
    return memset((char *)t->rows + t->count++ * size, 0, size);
}

#define TABLES 6

static struct world_table *table(struct loyalty_world *w, size_t i)
{
    struct world_table *const tables[TABLES] = {
        &w->evidence, &w->scores, &w->sums, &w->groups, &w->index_changes, &w->standing_changes};

    return tables[i];
}

void loyalty_world_clear(struct loyalty_world *w)
{
    for (size_t i = 0; i < TABLES; i++) {
        table(w, i)->count = 0;
    }
    w->read_count = 0;
}

void loyalty_world_free(struct loyalty_world *w)
{
    for (size_t i = 0; i < TABLES; i++) {
        free(table(w, i)->rows);
    }
    *w = (struct loyalty_world){.read_count = 0};
}

/* ---- reading */

static const struct customer_score *find_score(const struct loyalty_world *w, int64_t customer)
{
    const struct customer_score *rows = w->scores.rows;

    for (size_t i = 0; i < w->scores.count; i++) {
        if (rows[i].customer == customer) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct customer_score *loyalty_world_score(const struct loyalty_world *w, int64_t customer)
{
    return find_score(w, customer);
}

static bool is_asked_as_thing(const struct loyalty_fold *f, const struct evidence *e)
{
    const struct fold_thing *things;
    size_t count = loyalty_fold_things(f, &things);

    for (size_t i = 0; i < count; i++) {
        if (things[i].customer == e->customer && things[i].kind == e->kind &&
            things[i].subject == e->subject) {
            return true;
        }
    }
    return false;
}

static bool is_asked_as_case(const struct loyalty_fold *f, const struct evidence *e)
{
    const struct fold_case *cases;
    size_t count = loyalty_fold_cases(f, &cases);
    bool is_answer = e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_CES;

    for (size_t i = 0; is_answer && i < count; i++) {
        if (cases[i].customer == e->customer && cases[i].service_case == e->service_case) {
            return true;
        }
    }
    return false;
}

static bool is_asked_as_purchase(const struct loyalty_world *w, const struct loyalty_fold *f,
                                 const struct evidence *e)
{
    const struct fold_purchases *purchases;
    size_t count = loyalty_fold_purchases(f, &purchases);
    bool is_sale = e->kind == EVIDENCE_PURCHASE || e->kind == EVIDENCE_REFUND;

    for (size_t i = 0; is_sale && i < count; i++) {
        const struct customer_score *row = find_score(w, e->customer);
        int64_t last_us = row == NULL ? INT64_MIN : row->last_purchase_us;
        if (purchases[i].customer == e->customer &&
            (purchases[i].from_us == INT64_MIN ||
             (last_us != INT64_MIN && last_us >= purchases[i].from_us))) {
            return true;
        }
    }
    return false;
}

/* Older versions are not read: they stand behind newer ones in the table. */
static bool is_newest(const struct loyalty_world *w, const struct evidence *e)
{
    const struct evidence *rows = w->evidence.rows;

    for (size_t i = 0; i < w->evidence.count; i++) {
        if (evidence_compare_things(&rows[i], e) == 0 && rows[i].version > e->version) {
            return false;
        }
    }
    return true;
}

void loyalty_world_read(struct loyalty_world *w, struct loyalty_fold *f)
{
    const struct evidence *rows = w->evidence.rows;
    const struct fold_sum *sums = w->sums.rows;
    const int64_t *customers;

    loyalty_fold_seal(f);
    size_t count = loyalty_fold_customers(f, &customers);
    for (size_t i = 0; i < count; i++) {
        const struct customer_score *row = find_score(w, customers[i]);
        if (row != NULL) {
            loyalty_fold_learn_score(f, row);
        }
    }
    for (size_t i = 0; i < w->sums.count; i++) {
        loyalty_fold_learn_sum(f, sums[i].customer, sums[i].measure, &sums[i].sum);
    }
    for (size_t i = 0; i < w->evidence.count; i++) {
        bool is_asked = is_asked_as_thing(f, &rows[i]) || is_asked_as_case(f, &rows[i]) ||
                        is_asked_as_purchase(w, f, &rows[i]);
        if (is_asked && is_newest(w, &rows[i])) {
            loyalty_fold_learn_evidence(f, &rows[i]);
            w->read_count++;
        }
    }
}

struct account loyalty_world_account(const struct loyalty_world *w, int64_t customer)
{
    const struct customer_score *row = find_score(w, customer);
    const struct fold_sum *sums = w->sums.rows;
    struct account a = account_empty;

    if (row != NULL) {
        a.first_purchase_us = row->first_purchase_us;
        a.last_purchase_us = row->last_purchase_us;
        a.purchase_days = row->purchase_days;
        a.seen_us = row->seen_us;
        (void)text_copy(a.currency, sizeof(a.currency), row->currency);
    }
    for (size_t i = 0; i < w->sums.count; i++) {
        if (sums[i].customer == customer) {
            a.sums[sums[i].measure] = sums[i].sum;
        }
    }
    return a;
}

/* ---- writing */

static bool has_evidence(const struct loyalty_world *w, const struct evidence *e)
{
    const struct evidence *rows = w->evidence.rows;

    for (size_t i = 0; i < w->evidence.count; i++) {
        if (evidence_compare_things(&rows[i], e) == 0 && rows[i].version == e->version) {
            return true;
        }
    }
    return false;
}

static void write_score(struct loyalty_world *w, const struct customer_score *row)
{
    struct customer_score *rows = w->scores.rows;

    for (size_t i = 0; i < w->scores.count; i++) {
        if (rows[i].customer == row->customer) {
            rows[i] = *row;
            return;
        }
    }
    *(struct customer_score *)put(&w->scores, sizeof(*row)) = *row;
}

static void write_sum(struct loyalty_world *w, const struct fold_sum *sum)
{
    struct fold_sum *rows = w->sums.rows;

    for (size_t i = 0; i < w->sums.count; i++) {
        if (rows[i].customer == sum->customer && rows[i].measure == sum->measure) {
            rows[i] = *sum;
            return;
        }
    }
    *(struct fold_sum *)put(&w->sums, sizeof(*sum)) = *sum;
}

static void write_group(struct loyalty_world *w, const struct fold_group *delta)
{
    struct fold_group *rows = w->groups.rows, *row = NULL;

    for (size_t i = 0; i < w->groups.count; i++) {
        if (rows[i].bucket == delta->bucket && rows[i].grouping == delta->grouping &&
            strcmp(rows[i].name, delta->name) == 0) {
            row = &rows[i];
        }
    }
    if (row == NULL) {
        *(struct fold_group *)put(&w->groups, sizeof(*delta)) = *delta;
        return;
    }
    row->kept += delta->kept;
    row->late += delta->late;
    row->broken += delta->broken;
    bool is_empty = row->kept == 0 && row->late == 0 && row->broken == 0;
    row->weight = is_empty ? 0 : row->weight + delta->weight;
    row->value = is_empty ? 0 : row->value + delta->value;
}

static void write_changes(struct loyalty_world *w, const struct loyalty_fold *f)
{
    const struct index_change *moves;
    const struct standing_change *changes;
    size_t count = loyalty_fold_index_changes(f, &moves);

    for (size_t i = 0; i < count; i++) {
        *(struct index_change *)put(&w->index_changes, sizeof(*moves)) = moves[i];
    }
    count = loyalty_fold_standing_changes(f, &changes);
    for (size_t i = 0; i < count; i++) {
        *(struct standing_change *)put(&w->standing_changes, sizeof(*changes)) = changes[i];
    }
}

void loyalty_world_write(struct loyalty_world *w, const struct loyalty_fold *f)
{
    const struct evidence *evidence;
    const struct customer_score *scores;
    const struct fold_sum *sums;
    const struct fold_group *groups;
    size_t count = loyalty_fold_evidence(f, &evidence);

    for (size_t i = 0; i < count; i++) {
        if (!has_evidence(w, &evidence[i])) {
            *(struct evidence *)put(&w->evidence, sizeof(*evidence)) = evidence[i];
        }
    }
    count = loyalty_fold_scores(f, &scores);
    for (size_t i = 0; i < count; i++) {
        write_score(w, &scores[i]);
    }
    count = loyalty_fold_sums(f, &sums);
    for (size_t i = 0; i < count; i++) {
        write_sum(w, &sums[i]);
    }
    count = loyalty_fold_groups(f, &groups);
    for (size_t i = 0; i < count; i++) {
        write_group(w, &groups[i]);
    }
    write_changes(w, f);
}

struct fold_group loyalty_world_group(const struct loyalty_world *w, enum trust_grouping grouping,
                                      const char *name)
{
    const struct fold_group *rows = w->groups.rows;
    struct fold_group sum = {.grouping = grouping, .name = name};

    for (size_t i = 0; i < w->groups.count; i++) {
        if (rows[i].grouping == grouping && strcmp(rows[i].name, name) == 0) {
            sum.kept += rows[i].kept;
            sum.late += rows[i].late;
            sum.broken += rows[i].broken;
            sum.weight += rows[i].weight;
            sum.value += rows[i].value;
        }
    }
    return sum;
}
