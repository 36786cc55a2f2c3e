/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/check_compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/log_histogram.h"

struct entry_key {
    int64_t day;
    int32_t measure, part;
    char branch[CHECK_VALUE_SIZE]; /* zeros to its end */
};
/* Without what the compiler adds behind it, whose bytes are anything. */
#define KEY_LEN (offsetof(struct entry_key, branch) + CHECK_VALUE_SIZE)

struct entry {
    struct entry_key key;
    int64_t lane_figures, lane_facts;
    int64_t figures, facts;
    bool is_different;
    UT_hash_handle hh;
};

struct check_compare {
    struct entry *entries;
};

struct check_compare *check_compare_new(void)
{
    return xcalloc(1, sizeof(struct check_compare));
}

void check_compare_free(struct check_compare *c)
{
    if (!c) {
        return;
    }
    struct entry *e = c->entries;
    HASH_CLEAR(hh, c->entries); /* they stay linked */
    while (e) {
        struct entry *next = e->hh.next;
        free(e);
        e = next;
    }
    free(c);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct entry *entry_of(struct check_compare *c, const struct check_key *key)
{
    struct entry_key k = {
        .day = key->day, .measure = (int32_t)key->measure, .part = (int32_t)key->part};
    struct entry *e;

    (void)text_copy(k.branch, sizeof(k.branch), key->branch);
    HASH_FIND(hh, c->entries, &k, KEY_LEN, e);
    if (!e) {
        e = xcalloc(1, sizeof(*e));
        e->key = k;
        HASH_ADD(hh, c->entries, key, KEY_LEN, e);
    }
    return e;
}

void check_compare_figure(struct check_compare *c, const struct check_key *key, int64_t value)
{
    struct entry *e = entry_of(c, key);

    e->lane_figures = figure_plus(e->lane_figures, value);
}

void check_compare_fact(struct check_compare *c, const struct check_key *key, int64_t value)
{
    struct entry *e = entry_of(c, key);

    e->lane_facts = figure_plus(e->lane_facts, value);
}

static bool is_quantile(const struct entry *e)
{
    return e->key.part == CHECK_MEDIAN || e->key.part == CHECK_P90;
}

#define CHECKSUM_BITS 0x7fffffffU
#define SUM_BITS      0x3fffffffffffffffU

int64_t check_sum_of(figure_total sum)
{
    return (int64_t)(sum % ((figure_total)SUM_BITS + 1));
}

static bool is_equal(const struct entry *e)
{
    if (e->key.part == CHECK_MONTH_CONTENT || e->key.part == CHECK_SUM) {
        const uint64_t bits = e->key.part == CHECK_SUM ? SUM_BITS : CHECKSUM_BITS;
        return (((uint64_t)e->lane_figures - (uint64_t)e->lane_facts) & bits) == 0;
    }
    if (!is_quantile(e)) {
        return e->lane_figures == e->lane_facts;
    }
    /* Both are whole microseconds. */
    return fabs((double)e->lane_figures - (double)e->lane_facts) <=
           LOG_HISTOGRAM_ERROR * fabs((double)e->lane_facts) + 1.0;
}

void check_compare_lane(struct check_compare *c)
{
    struct entry *e, *next;

    HASH_ITER(hh, c->entries, e, next)
    {
        bool is_new = !is_equal(e);
        if (!is_quantile(e)) {
            e->figures = figure_plus(e->figures, e->lane_figures);
            e->facts = figure_plus(e->facts, e->lane_facts);
        } else if (is_new || !e->is_different) {
            e->figures = e->lane_figures;
            e->facts = e->lane_facts;
        }
        e->is_different = e->is_different || is_new;
        e->lane_figures = e->lane_facts = 0;
    }
}

void check_compare_again(struct check_compare *c)
{
    struct entry *e, *next;

    HASH_ITER(hh, c->entries, e, next)
    {
        e->lane_figures = e->lane_facts = 0;
    }
}

static const char *name_of(const struct entry *e)
{
    static const char *const sheets[SHEET_END] = {
        [SHEET_CASES] = "cases",     [SHEET_PROMISES] = "promises",
        [SHEET_ANSWERS] = "answers", [SHEET_FOLLOW_UPS] = "follow_ups",
        [SHEET_LOYALTY] = "loyalty",
    };
    if (e->key.part == CHECK_MONTH || e->key.part == CHECK_MONTH_CONTENT) {
        return sheets[e->key.measure];
    }
    const struct figure_measure_row *row = figure_measure_find((enum figure_measure)e->key.measure);
    return row ? row->name : "unknown";
}

void check_compare_list(const struct check_compare *c, check_difference_fn *take, void *ctx)
{
    static const char *const endings[CHECK_PART_COUNT] = {"",     "_sum",   "_median",
                                                          "_p90", "_month", "_month_content"};
    const struct entry *e, *next;

    HASH_ITER(hh, c->entries, e, next)
    {
        struct check_difference d = {
            .day = e->key.day, .branch = e->key.branch, .figures = e->figures, .facts = e->facts};
        if (!e->is_different) {
            continue;
        }
        (void)text_format(d.figure, sizeof(d.figure), "%s%s", name_of(e), endings[e->key.part]);
        take(ctx, &d);
    }
}

void check_compare_day(const struct check_compare *c, int64_t day, int32_t *ret_figures,
                       int32_t *ret_different)
{
    const struct entry *e, *next;

    *ret_figures = *ret_different = 0;
    HASH_ITER(hh, c->entries, e, next)
    {
        *ret_figures += e->key.day == day;
        *ret_different += e->key.day == day && e->is_different;
    }
}
