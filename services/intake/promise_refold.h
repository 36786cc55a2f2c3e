/* SPDX-License-Identifier: Apache-2.0 */
/* promise_refold.h - the part of case_refold.h that makes the promises of a case what they are on
 * the side, where the case was derived anew, and tells the difference. Pure. */
#ifndef TROTH_INTAKE_PROMISE_REFOLD_H
#define TROTH_INTAKE_PROMISE_REFOLD_H

#include "services/intake/intake_work.h"
#include "services/intake/work_events.h"

/* aside: the case derived anew. What it lacks was never made; what it has more is made now. when:
 * of the taking back. */
void promise_refold(struct intake_work *w, struct work_case *c, struct work_case *aside,
                    struct work_when when);

/* It was never made. */
void promise_refold_unmake(struct intake_work *w, struct work_case *c, struct work_promise *p,
                           struct work_when when);

#endif
