/* SPDX-License-Identifier: Apache-2.0 */
/* void_decide.h - a RecordVoid takes back one of its source's own records. Pure. */
#ifndef TROTH_INTAKE_VOID_DECIDE_H
#define TROTH_INTAKE_VOID_DECIDE_H

#include "common/base/compiler.h"
#include "services/intake/intake_decide.h"

/* r->target says what the named record became, its names whom it was about. Returns 0, or -1 with a
 * code and no effect. */
MUST_CHECK int void_decide(struct intake_work *w, const struct intake_record *r,
                           struct intake_outcome *ret_outcome, struct err *err);

/* For tests and documents: what kinds of record there are. */
struct void_kind {
    const char *name;    /* of the field in Record.body */
    const char *instead; /* what to do instead; NULL: it can be taken back */
};
/* NULL for a kind that this version does not know. */
const struct void_kind *void_kind_of(int record_kind);

#endif
