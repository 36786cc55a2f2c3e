/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_refold.h - a part of a case's history is taken back: the case and its promises are derived
 * anew from what remains, and the others are told the difference. Pure.
 *
 * What remains takes effect in its old order and is judged as it was then: each entry at the
 * instant at which we heard of it, with the steps of the promises that were due by then. What is no
 * longer possible has no effect. A promise that was at risk or broken by its clock is so again if
 * its clock still says so; one that is open again is left to the step timer.
 */
#ifndef TROTH_INTAKE_CASE_REFOLD_H
#define TROTH_INTAKE_CASE_REFOLD_H

#include "services/intake/case_history.h"
#include "services/intake/work_events.h"

/* Marks the entry, which is not void, and derives the case anew; when: of the taking back. The
 * history is complete. A case without any contact that is not void is taken back as a whole. */
void case_refold_without(struct intake_work *w, struct work_case *c, struct case_entry *entry,
                         struct work_when when);

#endif
