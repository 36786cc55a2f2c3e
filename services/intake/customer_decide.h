/* SPDX-License-Identifier: Apache-2.0 */
/* customer_decide.h - what is known of a customer. Pure. */
#ifndef TROTH_INTAKE_CUSTOMER_DECIDE_H
#define TROTH_INTAKE_CUSTOMER_DECIDE_H

#include "common/base/compiler.h"
#include "services/intake/intake_decide.h"

/* Month, day and their calendar. */
void customer_decide_forget_birthday(struct work_customer *c);

/* Returns 0, or -1 with a code and no effect. */
MUST_CHECK int customer_decide_consent(struct intake_work *w, const struct intake_record *r,
                                       struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int customer_decide_profile(struct intake_work *w, const struct intake_record *r,
                                       struct intake_outcome *ret_outcome, struct err *err);

#endif
