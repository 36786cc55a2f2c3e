/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_class.h - what a case is taken for, and what follows when staff say what it really is. Pure.
 *
 * The standard decides anew; the time that passed stays. Open promises of the standard get what the
 * new rule gives for their kind, and what it does not give any more is owed no more.
 */
#ifndef TROTH_INTAKE_CASE_CLASS_H
#define TROTH_INTAKE_CASE_CLASS_H

#include <stdbool.h>

#include "services/intake/intake_work.h"
#include "services/intake/work_events.h"

struct work_class case_class_of(const struct work_case *c);
void case_class_set(struct work_case *c, const struct work_class *as);
bool case_class_is_same(const struct work_class *a, const struct work_class *b);

/* What the case will be taken for after what was said, by the standard in force. */
struct work_class case_class_decide(const struct intake_work *w, const struct work_case *c,
                                    const struct work_case_class *said);

/* The open promises of the standard follow the case, which has its new class already. What is newly
 * owed is not made here: case_owed.h. */
void case_class_retarget(struct intake_work *w, struct work_case *c, struct work_when when);

#endif
