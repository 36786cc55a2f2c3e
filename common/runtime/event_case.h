/* SPDX-License-Identifier: Apache-2.0 */
/* event_case.h - what an event says about a case, whatever its kind. */
#ifndef TROTH_COMMON_RUNTIME_EVENT_CASE_H
#define TROTH_COMMON_RUNTIME_EVENT_CASE_H

#include <stdint.h>

#include "event.pb-c.h"

/* The number of the case that the body names as its own (service_case); 0: none. */
int64_t event_case(const Troth__V1__Event *e);
/* The name of the body's field, which is the event's kind ("case_opened"); NULL: it has no body. */
const char *event_kind(const Troth__V1__Event *e);

#endif
