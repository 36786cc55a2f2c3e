/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promise_again.h - the part of case_refold.h that makes promises begin again, on the side: c is
 * the case, s the same case as far as it has been derived anew. Pure.
 */
#ifndef TROTH_INTAKE_PROMISE_AGAIN_H
#define TROTH_INTAKE_PROMISE_AGAIN_H

#include "services/intake/case_history.h"
#include "services/intake/case_owed.h"

/* Those that this entry made; with 0 those of the opening. */
void promise_again_begin(struct intake_work *w, const struct work_case *c, struct work_case *s,
                         int64_t made_by);

/* What is owed because of e: as it was promised then, if the case was taken for the same, else by
 * what it is taken for now. */
void promise_again_owe(struct intake_work *w, struct work_case *c, struct work_case *s,
                       const struct case_entry *e, const struct case_owed *owed);

#endif
