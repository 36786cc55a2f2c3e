/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train_job.h - the job train-churn: learns who leaves.
 *
 * 1. the models in force, for the features                              -> one row each
 * 2. for each bucket the contacts of its customers, then their evidence -> slices of customers
 * 3. what was known at past dates and what came (churn_history.h)       -> 36 bytes each
 * 4. the model, its calibration, how it does on others (churn_training.h)
 * 5. a row of loyalty.model_fit, also when it did not work              -> committed
 *
 * May be stopped anywhere; started again it begins from the start.
 */
#ifndef TROTH_LOYALTY_TRAIN_JOB_H
#define TROTH_LOYALTY_TRAIN_JOB_H

#include "common/base/compiler.h"
#include "common/runtime/service.h"

MUST_CHECK int train_job_run(struct service *s, struct err *err);

#endif
