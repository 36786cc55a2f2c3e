/* SPDX-License-Identifier: Apache-2.0 */
/* intake_gauge_store.h - what intake asks for /metrics: its own queue, how far each reader of
 * events is, and PostgreSQL's own figures. */
#ifndef TROTH_INTAKE_INTAKE_GAUGE_STORE_H
#define TROTH_INTAKE_INTAKE_GAUGE_STORE_H

#include "common/runtime/gauge_watch.h"

/* For gauge_watch_new(). */
extern const struct gauge_question intake_gauge_questions[];

#endif
