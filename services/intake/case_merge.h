/* SPDX-License-Identifier: Apache-2.0 */
/* case_merge.h - which other case an update of a case names. Pure. */
#ifndef TROTH_INTAKE_CASE_MERGE_H
#define TROTH_INTAKE_CASE_MERGE_H

#include "common/base/err.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

/* The case that goes on when c is merged into it: open, and of the same customer or of one that is
 * the same person. NULL with a code. */
struct work_case *case_merge_find(struct intake_work *w, const struct intake_record *r,
                                  const struct work_case *c, struct err *err);

/* The case whose answer solved c, of whatever customer. NULL with a code. */
const struct work_case *case_merge_find_like(struct intake_work *w, const struct intake_record *r,
                                             const struct work_case *c, struct err *err);

#endif
