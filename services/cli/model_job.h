/* SPDX-License-Identifier: Apache-2.0 */
/* model_job.h - runs a job of troth-loyalty, the program beside ours. */
#ifndef TROTH_SERVICES_CLI_MODEL_JOB_H
#define TROTH_SERVICES_CLI_MODEL_JOB_H

#include <stdbool.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

struct model_job {
    const char *name;
    const char *config; /* the settings of troth-loyalty */
    bool is_demo_clock;
    bool is_quiet; /* what it prints goes to standard error */
};

/* Waits for its end; Ctrl-C reaches it, and it ends when we do. Returns its exit status, or -1 with
 * err when it could not be started or was killed. */
MUST_CHECK int model_job_run(const struct model_job *job, struct err *err);

#endif
