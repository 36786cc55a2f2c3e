/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h - counters and gauges of one process, printed in the Prometheus text format at
 * /metrics. */
#ifndef TROTH_COMMON_RUNTIME_METRICS_H
#define TROTH_COMMON_RUNTIME_METRICS_H

#include <stdint.h>

#include "common/base/text.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Registers once at start; the pointer stays valid as long as m, and the caller just adds to it.
 * name: troth_<service>_<what>_total for counters; labels like `outcome="accepted"` or NULL; help
 * one sentence. */
int64_t *metrics_counter(struct metrics *m, const char *name, const char *labels, const char *help);
int64_t *metrics_gauge(struct metrics *m, const char *name, const char *labels, const char *help);

void metrics_print(const struct metrics *m, struct text *out);

#endif
