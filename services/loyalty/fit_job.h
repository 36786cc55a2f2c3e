/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_job.h - the job fit-models: fits the models of purchases and the averages.
 *
 * 1. the currency that most customers bought in, and the first purchase  -> one row for each bucket
 * 2. of each customer how often, when and for how much                   -> 28 bytes in memory
 * 3. purchases (with its comparison on the last quarter), spend, quintiles, averages: fit_models.h
 * 4. a row of loyalty.model_fit for each, also for what did not work     -> committed one by one
 *
 * Reads slices of some thousand customers, each a statement of its own: the figures of different
 * customers may be seconds apart. May be stopped anywhere; started again it begins from the start.
 * Two that run at the same time do the same twice, and the later one counts.
 */
#ifndef TROTH_LOYALTY_FIT_JOB_H
#define TROTH_LOYALTY_FIT_JOB_H

#include "common/base/compiler.h"
#include "common/runtime/service.h"

MUST_CHECK int fit_job_run(struct service *s, struct err *err);

#endif
