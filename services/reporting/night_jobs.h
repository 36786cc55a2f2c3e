/* SPDX-License-Identifier: Apache-2.0 */
/*
 * night_jobs.h - `troth-reporting --job NAME`: the tasks of night_task.h on demand, for the days of
 * the settings job_from and job_to (empty: the last day that has ended).
 *
 * Beside the running processes, which go on with theirs. What came out goes to standard output.
 */
#ifndef TROTH_REPORTING_NIGHT_JOBS_H
#define TROTH_REPORTING_NIGHT_JOBS_H

#include "common/runtime/service.h"

extern const struct service_job night_jobs[];

#endif
