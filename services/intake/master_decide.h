/* SPDX-License-Identifier: Apache-2.0 */
/* master_decide.h - what sources say about the company's branches and staff. The newest word
 * counts; there are no events, others read the views. Pure. */
#ifndef TROTH_INTAKE_MASTER_DECIDE_H
#define TROTH_INTAKE_MASTER_DECIDE_H

#include "common/base/compiler.h"
#include "services/intake/intake_decide.h"

/* Each returns 0. */
MUST_CHECK int master_decide_branch(struct intake_work *w, const struct intake_record *r,
                                    struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int master_decide_staff(struct intake_work *w, const struct intake_record *r,
                                   struct intake_outcome *ret_outcome, struct err *err);

/* What was made better; who reported it is told. */
MUST_CHECK int master_decide_improvement(struct intake_work *w, const struct intake_record *r,
                                         struct intake_outcome *ret_outcome, struct err *err);

#endif
