/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/purchase_rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/xalloc.h"

static int compare(const void *left, const void *right)
{
    const struct purchase_row *l = left;
    const struct purchase_row *r = right;

    if (l->x != r->x) {
        return l->x < r->x ? -1 : 1;
    }
    if (l->t_x != r->t_x) {
        return l->t_x < r->t_x ? -1 : 1;
    }
    return (l->t > r->t) - (l->t < r->t);
}

static bool is_possible(const struct purchase_row *row)
{
    return isfinite(row->x) && isfinite(row->t) && isfinite(row->count) && row->count >= 0 &&
           row->x >= 0 && row->x == floor(row->x) && row->t_x >= 0 && row->t_x <= row->t &&
           (row->x > 0 || row->t_x <= 0);
}

static void put_equal_together(struct purchase_rows *r)
{
    size_t kept = 0;

    qsort(r->rows, r->count, sizeof(*r->rows), compare);
    for (size_t i = 0; i < r->count; i++) {
        if (kept > 0 && compare(&r->rows[kept - 1], &r->rows[i]) == 0) {
            r->rows[kept - 1].count += r->rows[i].count;
        } else {
            r->rows[kept++] = r->rows[i];
        }
    }
    r->count = kept;
}

static void measure_by_mean_time(struct purchase_rows *r)
{
    double time = 0;
    double repeats = 0;

    for (size_t i = 0; i < r->count; i++) {
        r->customers += r->rows[i].count;
        time += r->rows[i].count * r->rows[i].t;
        repeats += r->rows[i].count * r->rows[i].x;
    }
    r->scale = time > 0 ? time / r->customers : 1;
    r->log_unit = -repeats * log(r->scale);
    for (size_t i = 0; i < r->count; i++) {
        r->rows[i].t_x /= r->scale;
        r->rows[i].t /= r->scale;
    }
}

/* Somebody came back, and somebody who did was silent for a while. */
static bool is_varied(const struct purchase_rows *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->rows[i].x > 0 && r->rows[i].t_x < r->rows[i].t) {
            return true;
        }
    }
    return false;
}

const char *purchase_rows_read(struct purchase_rows *ret_rows,
                               const struct purchase_history *histories, const double *counts,
                               size_t count, const struct fit_terms *terms)
{
    struct purchase_rows r = {.rows = xcalloc(count + 1, sizeof(*r.rows)), .scale = 1};
    const char *why_not = NULL;

    for (size_t i = 0; i < count && why_not == NULL; i++) {
        const struct purchase_history *h = &histories[i];
        const struct purchase_row row = {h->x, h->t_x, h->t, counts == NULL ? 1 : counts[i]};

        why_not = is_possible(&row) ? NULL : "history_invalid";
        if (row.count > 0) {
            r.rows[r.count++] = row;
        }
    }
    if (why_not == NULL) {
        put_equal_together(&r);
        measure_by_mean_time(&r);
        if (r.customers < terms->customers_min) {
            why_not = "too_few_customers";
        } else if (!is_varied(&r)) {
            why_not = "no_variation";
        }
    }
    *ret_rows = r;
    return why_not;
}

void purchase_rows_free(struct purchase_rows *rows)
{
    free(rows->rows);
    *rows = (struct purchase_rows){0};
}
