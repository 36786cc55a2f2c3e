/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

#define MICRO INT64_C(1000000)

const struct metrics_bounds metrics_answer_time = {
    .count = 13,
    .at = {1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
           10000000},
    .unit = MICRO,
};

const struct metrics_bounds metrics_long_time = {
    .count = 12,
    .at = {DURATION_S, 5 * DURATION_S, 15 * DURATION_S, 30 * DURATION_S, DURATION_MIN,
           5 * DURATION_MIN, 15 * DURATION_MIN, DURATION_H, 4 * DURATION_H, 12 * DURATION_H,
           DURATION_DAY, 7 * DURATION_DAY},
    .unit = MICRO,
};

const struct metrics_bounds metrics_batch_size = {
    .count = 10,
    .at = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000},
    .unit = 1,
};

struct metrics_histogram {
    const struct metrics_bounds *bounds;
    int64_t counts[METRICS_BOUNDS_MAX + 1]; /* each of its bucket alone; the last is +Inf */
    int64_t sum;
};

struct metric {
    struct metric *next; /* of the same name */
    char *labels;        /* "" for none */
    int64_t value;       /* what the caller adds to */
    struct metrics_histogram histogram;
};

/* The lines of one name: the format wants them together, below their HELP and TYPE. */
struct family {
    struct family *next;
    char *name, *help;
    const char *type;
    int64_t unit;
    const struct metrics_bounds *bounds; /* of a histogram */
    struct metric *first;
    struct metric **end;
};

struct fill {
    struct fill *next;
    metrics_fill_fn *fn;
    void *ctx;
};

struct metrics {
    struct family *first;
    struct family **end;
    struct fill *fills;
};

/* ---- life */

struct metrics *metrics_new(void)
{
    struct metrics *m = xcalloc(1, sizeof(*m));
    m->end = &m->first;
    return m;
}

static void free_family(struct family *f)
{
    while (f->first) {
        struct metric *metric = f->first;
        f->first = metric->next;
        free(metric->labels);
        free(metric);
    }
    free(f->name);
    free(f->help);
    free(f);
}

void metrics_free(struct metrics *m)
{
    if (!m) {
        return;
    }
    while (m->first) {
        struct family *f = m->first;
        m->first = f->next;
        free_family(f);
    }
    while (m->fills) {
        struct fill *f = m->fills;
        m->fills = f->next;
        free(f);
    }
    free(m);
}

/* ---- registering */

static struct family *find_family(const struct metrics *m, const char *name)
{
    for (struct family *f = m->first; f; f = f->next) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

struct description {
    const char *name, *help, *type;
    int64_t unit;
    const struct metrics_bounds *bounds;
};

static struct family *family_of(struct metrics *m, const struct description *d)
{
    struct family *f = find_family(m, d->name);
    if (f) {
        if (f->type != d->type || f->unit != d->unit || f->bounds != d->bounds) {
            BUG("a metric of two types");
        }
        return f;
    }
    f = xcalloc(1, sizeof(*f));
    f->name = xstrdup(d->name);
    f->help = xstrdup(d->help);
    f->type = d->type;
    f->unit = d->unit;
    f->bounds = d->bounds;
    f->end = &f->first;
    *m->end = f;
    m->end = &f->next;
    return f;
}

/* The same name and labels twice is one number: two series with one identity make the page
 * unreadable. */
static struct metric *find_or_add(struct metrics *m, const struct description *d,
                                  const char *labels)
{
    struct family *f = family_of(m, d);
    const char *wanted = labels ? labels : "";
    for (struct metric *at = f->first; at; at = at->next) {
        if (strcmp(at->labels, wanted) == 0) {
            return at;
        }
    }
    struct metric *metric = xcalloc(1, sizeof(*metric));
    metric->labels = xstrdup(wanted);
    metric->histogram.bounds = d->bounds;
    *f->end = metric;
    f->end = &metric->next;
    return metric;
}

static const char counter_type[] = "counter";
static const char gauge_type[] = "gauge";
static const char histogram_type[] = "histogram";

int64_t *metrics_counter(struct metrics *m, const char *name, const char *labels, const char *help)
{
    const struct description d = {name, help, counter_type, 1, NULL};
    return &find_or_add(m, &d, labels)->value;
}

int64_t *metrics_gauge(struct metrics *m, const char *name, const char *labels, const char *help)
{
    const struct description d = {name, help, gauge_type, 1, NULL};
    return &find_or_add(m, &d, labels)->value;
}

int64_t *metrics_counter_micro(struct metrics *m, const char *name, const char *labels,
                               const char *help)
{
    const struct description d = {name, help, counter_type, MICRO, NULL};
    return &find_or_add(m, &d, labels)->value;
}

int64_t *metrics_gauge_micro(struct metrics *m, const char *name, const char *labels,
                             const char *help)
{
    const struct description d = {name, help, gauge_type, MICRO, NULL};
    return &find_or_add(m, &d, labels)->value;
}

void metrics_forget(struct metrics *m, const char *name)
{
    const struct family *f = find_family(m, name);
    for (struct metric *at = f ? f->first : NULL; at; at = at->next) {
        at->value = METRICS_NONE;
    }
}

struct metrics_histogram *metrics_histogram(struct metrics *m, const char *name, const char *labels,
                                            const char *help, const struct metrics_bounds *bounds)
{
    const struct description d = {name, help, histogram_type, bounds->unit, bounds};
    return &find_or_add(m, &d, labels)->histogram;
}

void metrics_observe(struct metrics_histogram *h, int64_t value)
{
    if (!h) {
        return;
    }
    const int64_t counted = value > 0 ? value : 0;
    size_t bucket = 0;
    while (bucket < h->bounds->count && counted > h->bounds->at[bucket]) {
        bucket++;
    }
    h->counts[bucket]++;
    h->sum += counted;
}

/* ---- printing */

void metrics_before_print(struct metrics *m, metrics_fill_fn *fill, void *ctx)
{
    struct fill **end = &m->fills;
    while (*end) {
        end = &(*end)->next;
    }
    *end = xcalloc(1, sizeof(**end));
    (*end)->fn = fill;
    (*end)->ctx = ctx;
}

void metrics_withdraw(struct metrics *m, const void *ctx)
{
    for (struct fill **at = &m->fills; *at;) {
        struct fill *f = *at;
        if (f->ctx == ctx) {
            *at = f->next;
            free(f);
        } else {
            at = &f->next;
        }
    }
}

/* Millionths as a decimal without zeros at its end. */
static void print_value(struct text *out, int64_t value, int64_t unit)
{
    if (unit == 1) {
        text_appendf(out, "%" PRId64, value);
        return;
    }
    const uint64_t all = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t part = all % (uint64_t)unit;
    int digits = 6;
    text_appendf(out, "%s%" PRIu64, value < 0 ? "-" : "", all / (uint64_t)unit);
    while (part > 0 && part % 10 == 0) {
        part /= 10;
        digits--;
    }
    if (part > 0) {
        text_appendf(out, ".%0*" PRIu64, digits, part);
    }
}

static void print_line(struct text *out, const struct family *f, const struct metric *metric)
{
    const char *open = *metric->labels ? "{" : "";
    const char *close = *metric->labels ? "}" : "";
    text_appendf(out, "%s%s%s%s ", f->name, open, metric->labels, close);
    print_value(out, metric->value, f->unit);
    text_appendf(out, "\n");
}

/* Buckets count what is in those before them too. */
static void print_histogram(struct text *out, const struct family *f, const struct metric *metric)
{
    const struct metrics_histogram *h = &metric->histogram;
    const char *comma = *metric->labels ? "," : "";
    const char *open = *metric->labels ? "{" : "";
    const char *close = *metric->labels ? "}" : "";
    int64_t count = 0;
    for (size_t i = 0; i < f->bounds->count; i++) {
        count += h->counts[i];
        text_appendf(out, "%s_bucket{%s%sle=\"", f->name, metric->labels, comma);
        print_value(out, f->bounds->at[i], f->unit);
        text_appendf(out, "\"} %" PRId64 "\n", count);
    }
    count += h->counts[f->bounds->count];
    text_appendf(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRId64 "\n", f->name, metric->labels, comma,
                 count);
    text_appendf(out, "%s_sum%s%s%s ", f->name, open, metric->labels, close);
    print_value(out, h->sum, f->unit);
    text_appendf(out, "\n%s_count%s%s%s %" PRId64 "\n", f->name, open, metric->labels, close,
                 count);
}

void metrics_print(struct metrics *m, struct text *out)
{
    for (struct fill *f = m->fills; f; f = f->next) {
        f->fn(f->ctx);
    }
    for (const struct family *f = m->first; f; f = f->next) {
        text_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, f->type);
        for (const struct metric *at = f->first; at; at = at->next) {
            if (f->bounds) {
                print_histogram(out, f, at);
            } else if (at->value != METRICS_NONE) {
                print_line(out, f, at);
            }
        }
    }
}
