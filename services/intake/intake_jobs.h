/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_jobs.h - `troth-intake --job NAME`: rewrap-keys, expire-receipts, check-orphans,
 * read-texts, train-triage, retention.
 *
 * Each works in small transactions beside the running processes, may be stopped at any point, and
 * goes on where it was when it is started again. What a person should know goes to standard output.
 */
#ifndef TROTH_INTAKE_INTAKE_JOBS_H
#define TROTH_INTAKE_INTAKE_JOBS_H

#include "common/runtime/service.h"

extern const struct service_job intake_jobs[];

#endif
