/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - counters, gauges and histograms of one process, printed in the Prometheus text format
 * at /metrics.
 *
 * Names follow Prometheus: troth_<service>_<what>_<base unit>, counters end in _total, times are in
 * seconds. Values are whole numbers here; one that is not (a time, a share) is kept in millionths:
 * a time in microseconds prints as seconds. Labels have few values, known beforehand, and none is
 * about a person. Printing asks nobody and waits for nothing.
 */
#ifndef TROTH_COMMON_RUNTIME_METRICS_H
#define TROTH_COMMON_RUNTIME_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

struct metrics;

/* The value of what nobody knows (yet, or any more): such a line is not printed. */
#define METRICS_NONE INT64_MIN

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Registers at start, or when a label's value is first seen; the pointer stays valid as long as m,
 * and the caller just adds to it. name and labels together are one number: asked for twice, the
 * same pointer. A name has one type. labels like `outcome="accepted"` or NULL; help one sentence.
 * All texts are copied. */
int64_t *metrics_counter(struct metrics *m, const char *name, const char *labels, const char *help);
int64_t *metrics_gauge(struct metrics *m, const char *name, const char *labels, const char *help);

/* The same in millionths: 1500000 prints as 1.5. */
int64_t *metrics_counter_micro(struct metrics *m, const char *name, const char *labels,
                               const char *help);
int64_t *metrics_gauge_micro(struct metrics *m, const char *name, const char *labels,
                             const char *help);

/* Every number of that name is METRICS_NONE from now on; nothing when there is no such name. */
void metrics_forget(struct metrics *m, const char *name);

/* ---- histograms */

#define METRICS_BOUNDS_MAX 16

/* The upper bounds of the buckets, ascending; each includes its bound. What is larger than all is
 * in +Inf. Bounds are never moved: sums over old and new processes would be of different things. */
struct metrics_bounds {
    size_t count;
    int64_t at[METRICS_BOUNDS_MAX];
    int64_t unit; /* 1000000: bounds and values are millionths; 1: they are whole */
};

/* An answer somebody waits for: 1, 2.5, 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5, 10 s. */
extern const struct metrics_bounds metrics_answer_time;
/* What people wait for: 1, 5, 15, 30 s, 1, 5, 15 min, 1, 4, 12 h, 1, 7 d. */
extern const struct metrics_bounds metrics_long_time;
/* How many at once: 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000. */
extern const struct metrics_bounds metrics_batch_size;

struct metrics_histogram;

/* As metrics_counter(); bounds is static and the same for all labels of a name. */
struct metrics_histogram *metrics_histogram(struct metrics *m, const char *name, const char *labels,
                                            const char *help, const struct metrics_bounds *bounds);
/* value: in the unit of the bounds; less than 0 counts as 0. h NULL: nothing. */
void metrics_observe(struct metrics_histogram *h, int64_t value);

/* ---- printing */

/* fill(ctx) is called before each printing, for numbers that are looked up: from memory or /proc
 * only. They are called in the order of their adding, and must stay valid as long as m is
 * printed. */
typedef void metrics_fill_fn(void *ctx);
void metrics_before_print(struct metrics *m, metrics_fill_fn *fill, void *ctx);
void metrics_withdraw(struct metrics *m, const void *ctx); /* fills with this ctx */

void metrics_print(struct metrics *m, struct text *out);

#endif
