/* SPDX-License-Identifier: Apache-2.0 */
/* promise_record_decide.h - what sources say about promises: given, renegotiated, kept, waived,
 * withdrawn; and what is promised to make good for something. Pure. */
#ifndef TROTH_INTAKE_PROMISE_RECORD_DECIDE_H
#define TROTH_INTAKE_PROMISE_RECORD_DECIDE_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/intake_decide.h"

/* Each returns 0, or -1 with a code and no effect. */

/* Fact number: of the promise. */
MUST_CHECK int promise_record_decide_given(struct intake_work *w, const struct intake_record *r,
                                           struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int promise_record_decide_compensation(struct intake_work *w,
                                                  const struct intake_record *r,
                                                  struct intake_outcome *ret_outcome,
                                                  struct err *err);
/* Fact number: of the promise's event. */
MUST_CHECK int promise_record_decide_update(struct intake_work *w, const struct intake_record *r,
                                            struct intake_outcome *ret_outcome, struct err *err);

#endif
