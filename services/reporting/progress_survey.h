/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_survey.h - which questions of the questionnaire in force a progress page asks: those of
 * the script "case_resolved", once the case is resolved, without those that were answered since.
 * Items of SERVQUAL are not asked here: which two come next is for follow-ups to say. Pure.
 */
#ifndef TROTH_REPORTING_PROGRESS_SURVEY_H
#define TROTH_REPORTING_PROGRESS_SURVEY_H

#include "common/domain/questionnaire.h"
#include "common/runtime/answer_link.h"
#include "services/reporting/progress_case.h"

/* Fills ret->items and ret->language; questionnaire may be NULL: then there are none. */
void progress_survey_of(const struct questionnaire *q, const struct progress_case *c,
                        struct answer_link *ret);

/* What the case is about, in the words of the questionnaire; NULL: it has no name for it. */
const char *progress_survey_category(const struct questionnaire *q, const struct progress_case *c);

#endif
