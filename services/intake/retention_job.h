/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retention_job.h - `troth-intake --job retention`: closes and drops parts of the event log, and
 * deletes disclosures that were kept long enough. deploy/RETENTION.md.
 *
 *   list       -> which parts are there, and why they stay
 *   close      -> the newest part becomes a table of its own (log.event_part_close)
 *   drop, one transaction each:
 *     events of open cases -> the newest part
 *     what is left         -> a signed statement, when there is a tamper-evident record
 *     DROP TABLE
 */
#ifndef TROTH_INTAKE_RETENTION_JOB_H
#define TROTH_INTAKE_RETENTION_JOB_H

#include "common/runtime/service.h"

int retention_job_run(struct service *s, struct err *err);

#endif
