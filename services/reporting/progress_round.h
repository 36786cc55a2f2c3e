/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_round.h - what progress pages need beside the case, brought up to date again and again:
 * the questionnaire in force, and how right finish dates were. For that, each new case's dates are
 * written down soon after it was opened, as a page would have told them, by a curve that knows
 * nothing of how the case ended.
 */
#ifndef TROTH_REPORTING_PROGRESS_ROUND_H
#define TROTH_REPORTING_PROGRESS_ROUND_H

#include "common/domain/questionnaire.h"
#include "services/reporting/progress_finish.h"
#include "services/reporting/progress_standards.h"
#include "services/reporting/reporting.h"

struct progress_round;

/* Borrows both. */
struct progress_round *progress_round_new(struct reporting *r, struct progress_standards *shelf);
void progress_round_free(struct progress_round *round); /* NULL is fine */

/* NULL: there is none, or it was not read yet. Borrowed until the loop turns. */
const struct questionnaire *progress_round_questionnaire(const struct progress_round *round);
struct progress_record progress_round_record(const struct progress_round *round);

#endif
