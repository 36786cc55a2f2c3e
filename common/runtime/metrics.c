/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

struct metric {
    struct metric *next;
    char *name;
    char *labels; /* "" for none */
    char *help;
    const char *type;
    int64_t value; /* what the caller adds to */
};

struct metrics {
    struct metric *first;
    struct metric **end;
};

struct metrics *metrics_new(void)
{
    struct metrics *m = xcalloc(1, sizeof(*m));
    m->end = &m->first;
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m) {
        return;
    }
    while (m->first) {
        struct metric *metric = m->first;
        m->first = metric->next;
        free(metric->name);
        free(metric->labels);
        free(metric->help);
        free(metric);
    }
    free(m);
}

/* The same name and labels twice is one number: two series with one identity make the page
 * unreadable. */
static struct metric *find_or_add(struct metrics *m, const char *name, const char *labels)
{
    for (struct metric *at = m->first; at; at = at->next) {
        if (strcmp(at->name, name) == 0 && strcmp(at->labels, labels) == 0) {
            return at;
        }
    }
    struct metric *metric = xcalloc(1, sizeof(*metric));
    metric->name = xstrdup(name);
    metric->labels = xstrdup(labels);
    *m->end = metric;
    m->end = &metric->next;
    return metric;
}

static int64_t *describe(struct metric *metric, const char *type, const char *help)
{
    if (!metric->help) {
        metric->help = xstrdup(help);
        metric->type = type;
    }
    return &metric->value;
}

int64_t *metrics_counter(struct metrics *m, const char *name, const char *labels, const char *help)
{
    return describe(find_or_add(m, name, labels ? labels : ""), "counter", help);
}

int64_t *metrics_gauge(struct metrics *m, const char *name, const char *labels, const char *help)
{
    return describe(find_or_add(m, name, labels ? labels : ""), "gauge", help);
}

static bool is_first_of_name(const struct metrics *m, const struct metric *metric)
{
    for (const struct metric *at = m->first; at != metric; at = at->next) {
        if (strcmp(at->name, metric->name) == 0) {
            return false;
        }
    }
    return true;
}

/* The format wants all lines of one name together, below its HELP and TYPE. */
static void print_name(const struct metric *first, struct text *out)
{
    text_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", first->name, first->help, first->name,
                 first->type);
    for (const struct metric *at = first; at; at = at->next) {
        if (strcmp(at->name, first->name) == 0) {
            const char *open = *at->labels ? "{" : "";
            const char *close = *at->labels ? "}" : "";
            text_appendf(out, "%s%s%s%s %" PRId64 "\n", at->name, open, at->labels, close,
                         at->value);
        }
    }
}

void metrics_print(const struct metrics *m, struct text *out)
{
    for (const struct metric *at = m->first; at; at = at->next) {
        if (is_first_of_name(m, at)) {
            print_name(at, out);
        }
    }
}
