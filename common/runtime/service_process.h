/* SPDX-License-Identifier: Apache-2.0 */
/* service_process.h - a process between its command line and its exit code, for service.c. */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_PROCESS_H
#define TROTH_COMMON_RUNTIME_SERVICE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/service.h"
#include "common/runtime/service_arguments.h"
#include "common/runtime/service_health.h"
#include "common/runtime/service_notify.h"

enum {
    SERVICE_STOPPED = 0,
    SERVICE_FAILED = 1,
    SERVICE_USAGE = 2
}; /* exit codes */

struct service_process {
    struct service service;
    const struct service_spec *spec;
    struct service_arguments arguments;
    struct setting *common_table;
    const struct setting *own_table;
    struct service_settings common;
    void *state;
    int signal_fd;
    struct loop_watch *signal_watch;
    struct loop_timer *drain_timer;
    int64_t drain_until_us;
    struct service_health *health;
    struct memory_trim *trim;          /* NULL in a job */
    struct service_notify *notify;     /* NULL in a job */
    struct principal_refresh *refresh; /* NULL without a database, and in a job */
    bool must_reload;                  /* SIGHUP came during the start */
    bool is_flushing;
    bool has_failed; /* asked to stop by what went wrong, not by a signal */
};

/* Fills both structs, here and at a reload. */
MUST_CHECK int service_process_load(const struct service_process *p,
                                    struct service_settings *common, void *own, struct err *err);
void service_process_free_settings(const struct service_process *p, struct service_settings *common,
                                   void *own);

/* Serves, or does the job. Returns the exit code; what went wrong was logged. */
int service_process_run(struct service_process *p);

#endif
