/* SPDX-License-Identifier: Apache-2.0 */
/* service_arguments.h - the command line of a service, for service.c. */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_ARGUMENTS_H
#define TROTH_COMMON_RUNTIME_SERVICE_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/err.h"
#include "common/runtime/service.h"

enum service_mode {
    SERVICE_MODE_RUN = 1,
    SERVICE_MODE_CHECK_CONFIG,
    SERVICE_MODE_PRINT_CONFIG,
    SERVICE_MODE_HEALTHCHECK,
    SERVICE_MODE_HELP,
    SERVICE_MODE_VERSION,
};

struct service_arguments {
    enum service_mode mode;
    const char *config; /* NULL: defaults only */
    const char **sets;  /* in the order given; the texts are argv's */
    size_t set_count;
    const struct service_job *job; /* NULL: the service itself */
    bool is_demo_clock;
};

/* Code "usage". ret_arguments is to be freed when this succeeds. */
MUST_CHECK int service_arguments_parse(int argc, char **argv, const struct service_spec *spec,
                                       struct service_arguments *ret_arguments, struct err *err);
void service_arguments_free(struct service_arguments *a);

/* Defaults, then the file, then each --set, as settings_read_file() takes its tables. */
MUST_CHECK int service_arguments_load(const struct service_arguments *a,
                                      const struct setting *const *tables, void *const *values,
                                      size_t count, struct err *err);

/* common: the common settings with this service's defaults. */
void service_arguments_print_help(const struct service_spec *spec, const struct setting *common,
                                  FILE *out);

#endif
