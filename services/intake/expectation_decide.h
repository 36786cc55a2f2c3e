/* SPDX-License-Identifier: Apache-2.0 */
/* expectation_decide.h - what a customer expects of a case. Pure. */
#ifndef TROTH_INTAKE_EXPECTATION_DECIDE_H
#define TROTH_INTAKE_EXPECTATION_DECIDE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/intake_decide.h"

/* An Expectation; of those with one reference the newest counts, which is for the readers. Returns
 * 0, or -1 with a code and no effect. */
MUST_CHECK int expectation_decide(struct intake_work *w, const struct intake_record *r,
                                  struct intake_outcome *ret_outcome, struct err *err);

#endif
