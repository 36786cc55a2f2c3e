/* SPDX-License-Identifier: Apache-2.0 */
/* contact_decide.h - a contact opens a case, or belongs to one that it names. Pure. */
#ifndef TROTH_INTAKE_CONTACT_DECIDE_H
#define TROTH_INTAKE_CONTACT_DECIDE_H

#include "common/base/compiler.h"
#include "services/intake/intake_decide.h"

/* A Contact. Returns 0, or -1 with a code and no effect. */
MUST_CHECK int contact_decide(struct intake_work *w, const struct intake_record *r,
                              struct intake_outcome *ret_outcome, struct err *err);

#endif
