/* SPDX-License-Identifier: Apache-2.0 */
/*
 * burst.h - when events came unusually close together, and bursts within bursts.
 *
 * J. Kleinberg, Bursty and Hierarchical Structure in Streams, KDD 2002. Events come from a source
 * that is at one of several levels, each s times faster than the one below; to climb a level costs
 * gamma ln n, to fall nothing; the levels are the ones that cost least in all. Result and order as
 * in the R package bursts: level 1 is the whole.
 */
#ifndef TROTH_MODEL_BURST_H
#define TROTH_MODEL_BURST_H

#include <stddef.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

struct burst {
    int level;         /* from 1 */
    double start, end; /* of the first and the last event in it */
};

struct burst_list {
    size_t count;
    struct burst *bursts; /* by start, then level */
};

/* times in rising order, none twice (add a sequence number to break ties), at least two of them; s
 * over 1, usually 2; gamma over 0, usually 1. Takes count times levels squared steps. Err, and *ret
 * untouched: times_bad. */
MUST_CHECK int burst_find(const double *times, size_t count, double s, double gamma,
                          struct burst_list *ret, struct err *err);
void burst_list_free(struct burst_list *list);

#endif
