/* SPDX-License-Identifier: Apache-2.0 */
/* process_gauges.h - what Prometheus expects of every process (process_*), and what every process
 * of ours has: version, time zones, connections, business time. */
#ifndef TROTH_COMMON_RUNTIME_PROCESS_GAUGES_H
#define TROTH_COMMON_RUNTIME_PROCESS_GAUGES_H

#include "common/runtime/service.h"

struct process_gauges;

/* Registers, and fills in before each printing of s->metrics; s is borrowed. */
struct process_gauges *process_gauges_new(const struct service *s);
void process_gauges_free(struct process_gauges *g); /* NULL is fine */

#endif
