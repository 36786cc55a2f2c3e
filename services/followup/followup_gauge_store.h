/* SPDX-License-Identifier: Apache-2.0 */
/* followup_gauge_store.h - what the scheduler asks for /metrics: how old its queues are. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_GAUGE_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_GAUGE_STORE_H

#include "common/runtime/gauge_watch.h"

/* For gauge_watch_new(). */
extern const struct gauge_question followup_gauge_questions[];

#endif
