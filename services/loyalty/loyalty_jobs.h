/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_jobs.h - `troth-loyalty --job NAME`: fit-models, train-churn.
 *
 * Each works in small steps beside the running processes, which use what it found within seconds.
 * What a person should know goes to standard output.
 */
#ifndef TROTH_LOYALTY_LOYALTY_JOBS_H
#define TROTH_LOYALTY_LOYALTY_JOBS_H

#include "common/runtime/service.h"

extern const struct service_job loyalty_jobs[];

#endif
