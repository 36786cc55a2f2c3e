/* SPDX-License-Identifier: Apache-2.0 */
/* followup_receipts.h - tells dialers that their results are stored. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_RECEIPTS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_RECEIPTS_H

#include <stdbool.h>

struct followup;
struct followup_fate;
struct followup_receipts;

struct followup_receipts *followup_receipts_new(struct followup *f);
void followup_receipts_free(struct followup_receipts *r); /* NULL is fine */

/* Takes the fate, which is committed; it is sent soon after this handler. */
void followup_receipts_add(struct followup_receipts *r, struct followup_fate *fate);

bool followup_receipts_is_busy(const struct followup_receipts *r);

#endif
