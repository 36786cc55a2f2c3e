/* SPDX-License-Identifier: Apache-2.0 */
/* run_config.h - which processes `troth run` looks after: deploy/config/run.conf. */
#ifndef TROTH_SERVICES_CLI_RUN_CONFIG_H
#define TROTH_SERVICES_CLI_RUN_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

struct run_service {
    char *name;
    char **command; /* ended by NULL */
    char *ready;    /* its first line that begins so says it is ready; "": ready once it runs */
};

struct run_config {
    struct run_service *services; /* in the order of starting */
    size_t count;
    int64_t start_tries;
    int64_t ready_within_us;
    int64_t stop_within_us;
    int64_t restart_after_us; /* the first pause; doubled each time */
    int64_t restart_cap_us;
};

/* Returns 0, or -1 with err "file:line: ...". */
MUST_CHECK int run_config_read(const char *path, struct run_config *ret_config, struct err *err);
void run_config_free(struct run_config *c);

#endif
