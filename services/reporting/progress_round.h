/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_round.h - how right finish dates were, brought up to date again and again: each new
 * case's dates are written down soon after it was opened, as a page would have told them, by a
 * curve that knows nothing of how the case ended.
 */
#ifndef TROTH_REPORTING_PROGRESS_ROUND_H
#define TROTH_REPORTING_PROGRESS_ROUND_H

#include "services/reporting/progress_finish.h"
#include "services/reporting/progress_standards.h"
#include "services/reporting/reporting.h"

struct progress_round;

/* Borrows both. */
struct progress_round *progress_round_new(struct reporting *r, struct progress_standards *shelf);
void progress_round_free(struct progress_round *round); /* NULL is fine */

struct progress_record progress_round_record(const struct progress_round *round);

#endif
