/* SPDX-License-Identifier: Apache-2.0 */
/* fact_decide.h - facts that change no case: purchases, refunds, points that were spent, device
 * signals, answers. Pure. */
#ifndef TROTH_INTAKE_FACT_DECIDE_H
#define TROTH_INTAKE_FACT_DECIDE_H

#include "common/base/compiler.h"
#include "services/intake/intake_decide.h"

/* Each returns 0, or -1 with a code and no effect. */
MUST_CHECK int fact_decide_purchase(struct intake_work *w, const struct intake_record *r,
                                    struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int fact_decide_refund(struct intake_work *w, const struct intake_record *r,
                                  struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int fact_decide_redemption(struct intake_work *w, const struct intake_record *r,
                                      struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int fact_decide_device_signal(struct intake_work *w, const struct intake_record *r,
                                         struct intake_outcome *ret_outcome, struct err *err);
MUST_CHECK int fact_decide_answer(struct intake_work *w, const struct intake_record *r,
                                  struct intake_outcome *ret_outcome, struct err *err);

#endif
