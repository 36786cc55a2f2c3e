/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_texts.h - the job read-texts: what customers said, made useful without keeping it readable.
 *
 * 1. writes down that it reads (one row of intake.disclosure per run)   -> committed
 * 2. fingerprints of cases that have none, and which cases are solved   -> a transaction per slice
 * 3. the words of every day that got contacts since the last run        -> a transaction per day,
 *    counted anew and replaced, with its event in a slot of the stream leased by the job
 * 4. remembers when it began                                            -> the next run's since
 *
 * May be stopped anywhere and started again; a second run right after it changes nothing.
 */
#ifndef TROTH_INTAKE_READ_TEXTS_H
#define TROTH_INTAKE_READ_TEXTS_H

#include "common/base/compiler.h"
#include "common/runtime/service.h"

MUST_CHECK int read_texts_run(struct service *s, struct err *err);

#endif
