/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor.h - starts processes in order, restarts what dies, stops all in reverse order.
 *
 * The next process starts when the one before is ready. One that dies is started again after a
 * pause that doubles from restart_after to restart_cap; it counts as well again once it has been
 * ready for longer than restart_cap. Until all have been ready once, start_tries failures in a row
 * of one process end the whole; afterwards nothing but a signal does. SIGTERM and SIGINT stop all,
 * a second one kills all; SIGHUP is passed on.
 */
#ifndef TROTH_SERVICES_CLI_SUPERVISOR_H
#define TROTH_SERVICES_CLI_SUPERVISOR_H

#include "common/base/err.h"
#include "services/cli/run_config.h"

/* Returns 0 when everything was stopped as asked; -1 with err: "start_failed" naming the process,
 * "killed". */
MUST_CHECK int supervisor_run(const struct run_config *config, struct err *err);

#endif
