/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_histogram.h - quantiles of very many values in a few hundred bytes, each with 1 % relative
 * error; histograms of parts are added to that of the whole, and a value can be taken back.
 *
 * DDSketch (C. Masson, J. E. Rim, H. K. Lee, DDSketch: A Fast and Fully-Mergeable Quantile Sketch
 * with Relative-Error Guarantees, PVLDB 12, 2019), without its collapsing: bucket i holds the
 * values in (g^(i-1), g^i] with g = (1 + a) / (1 - a), a = 0.01, and stands for 2 g^i / (g + 1).
 * Values of 0 have a bucket of their own; values below 0 are refused. All of int64 needs 2,184
 * buckets; those that are empty cost nothing.
 */
#ifndef TROTH_MODEL_LOG_HISTOGRAM_H
#define TROTH_MODEL_LOG_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

#define LOG_HISTOGRAM_ERROR 0.01

struct log_histogram_bucket {
    int32_t index;
    int64_t count;
};

/* Starts with {0}. Buckets are sorted by index; none is empty. */
struct log_histogram {
    struct log_histogram_bucket *buckets;
    size_t size, room;
    int64_t zeros;
    int64_t count; /* of all values */
};
void log_histogram_free(struct log_histogram *h); /* {0} again */

/* count may be below 0: takes back what was added. BUG() when value < 0. */
void log_histogram_add(struct log_histogram *h, int64_t value, int64_t count);
void log_histogram_merge(struct log_histogram *to, const struct log_histogram *from);

/* The value that is the q-quantile (0 <= q <= 1): of n values the one of rank floor(1 + q (n - 1)),
 * within 1 %. False, *ret untouched: it is empty. */
bool log_histogram_quantile(const struct log_histogram *h, double q, double *ret);
/* How many values are at most value; those of the bucket in which it lies are shared out in
 * proportion to the logarithm. */
double log_histogram_count_until(const struct log_histogram *h, double value);
/* The value that a bucket stands for, within 1 % of all that are in it. */
double log_histogram_value(int32_t index);

/* Appends the packed form: index steps and counts as zigzag varints. */
void log_histogram_pack(const struct log_histogram *h, struct buffer *out);
/* Adds a packed one. Returns 0, or -1 with err (malformed): to may then have a part of it. */
MUST_CHECK int log_histogram_add_packed(struct log_histogram *to, struct bytes packed,
                                        struct err *err);

#endif
