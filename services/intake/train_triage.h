/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train_triage.h - the job train-triage: learns category and mood of texts from the stored ones.
 *
 * 1. writes down that it reads (one row of intake.disclosure per run)      -> committed
 * 2. reads four cases in five, the newest first, in small slices           -> examples
 * 3. learns a model of each purpose that has enough of them                -> no transaction
 * 4. reads the fifth that is never learned from, lets the new model and the one in force tell it
 * 5. stores the new model with its table; puts it in force when it told at least as many right
 *
 * Categories are learned from what sources and staff said; what staff corrected weighs three times.
 * Moods are learned from complaints against praise. Texts are opened one by one and not kept: what
 * stays is hashed. May be stopped anywhere; started again it begins from the start.
 */
#ifndef TROTH_INTAKE_TRAIN_TRIAGE_H
#define TROTH_INTAKE_TRAIN_TRIAGE_H

#include "common/base/compiler.h"
#include "common/runtime/service.h"

MUST_CHECK int train_triage_run(struct service *s, struct err *err);

#endif
