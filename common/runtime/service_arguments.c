/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/service_arguments.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    OPTION_CONFIG = 1000,
    OPTION_SET,
    OPTION_DEMO_CLOCK,
    OPTION_JOB
};

static const struct option options[] = {
    {"config",       required_argument, NULL, OPTION_CONFIG            },
    {"set",          required_argument, NULL, OPTION_SET               },
    {"demo-clock",   no_argument,       NULL, OPTION_DEMO_CLOCK        },
    {"job",          required_argument, NULL, OPTION_JOB               },
    {"check-config", no_argument,       NULL, SERVICE_MODE_CHECK_CONFIG},
    {"print-config", no_argument,       NULL, SERVICE_MODE_PRINT_CONFIG},
    {"healthcheck",  no_argument,       NULL, SERVICE_MODE_HEALTHCHECK },
    {"help",         no_argument,       NULL, SERVICE_MODE_HELP        },
    {"version",      no_argument,       NULL, SERVICE_MODE_VERSION     },
    {NULL,           0,                 NULL, 0                        },
};

static const char help_text[] =
    "  --config FILE       settings in libconfig's format\n"
    "  --set NAME=VALUE    one setting, stronger than the file; may be repeated\n"
    "  --demo-clock        accept a database whose clock steps\n"
    "  --job NAME          do one job instead of serving, then end\n"
    "  --check-config      check the settings and the key file, then end\n"
    "  --print-config      print the settings in force as a file, then end\n"
    "  --healthcheck       ask the running service whether it is ready: exit code 0 or 1\n"
    "  --help, --version\n";

static const struct service_job *find_job(const struct service_spec *spec, const char *name)
{
    for (const struct service_job *j = spec->jobs; j && j->name; j++) {
        if (strcmp(j->name, name) == 0) {
            return j;
        }
    }
    return NULL;
}

static int take_option(int option, const struct service_spec *spec, struct service_arguments *a,
                       struct err *err)
{
    switch (option) {
    case OPTION_CONFIG:
        a->config = optarg;
        return 0;
    case OPTION_SET:
        a->sets[a->set_count++] = optarg;
        return 0;
    case OPTION_DEMO_CLOCK:
        a->is_demo_clock = true;
        return 0;
    case OPTION_JOB:
        a->job = find_job(spec, optarg);
        return a->job ? 0 : err_set(err, "usage", "there is no job %.80s", optarg);
    case SERVICE_MODE_CHECK_CONFIG:
    case SERVICE_MODE_PRINT_CONFIG:
    case SERVICE_MODE_HEALTHCHECK:
    case SERVICE_MODE_HELP:
    case SERVICE_MODE_VERSION:
        a->mode = (enum service_mode)option;
        return 0;
    default:
        return err_set(err, "usage", "the option is unknown or lacks its value");
    }
}

int service_arguments_parse(int argc, char **argv, const struct service_spec *spec,
                            struct service_arguments *ret_arguments, struct err *err)
{
    struct service_arguments a = {.mode = SERVICE_MODE_RUN};
    int rc = 0;
    int option;
    a.sets = xcalloc((size_t)argc + 1, sizeof(*a.sets));
    optind = 0; /* a test may parse more than once */
    opterr = 0;
    while (rc == 0 && (option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        rc = take_option(option, spec, &a, err);
        if (rc < 0 && (option == '?' || option == ':')) {
            (void)err_prefix(err, "%.80s", argv[optind - 1]);
        }
    }
    if (rc == 0 && optind < argc) {
        rc = err_set(err, "usage", "%.80s is not an option", argv[optind]);
    }
    if (rc < 0) {
        service_arguments_free(&a);
        return -1;
    }
    *ret_arguments = a;
    return 0;
}

void service_arguments_free(struct service_arguments *a)
{
    free(a->sets);
    a->sets = NULL;
}

int service_arguments_load(const struct service_arguments *a, const struct setting *const *tables,
                           void *const *values, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        settings_set_defaults(tables[i], values[i]);
    }
    if (a->config && settings_read_file(tables, values, count, a->config, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < a->set_count; i++) {
        if (settings_set(tables, values, count, a->sets[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

void service_arguments_print_help(const struct service_spec *spec, const struct setting *common,
                                  FILE *out)
{
    (void)fprintf(out, "troth-%s - %s\n\nusage: troth-%s [OPTION]...\n%s", spec->name,
                  spec->summary, spec->name, help_text);
    if (spec->jobs && spec->jobs->name) {
        (void)fputs("\njobs:\n", out);
        for (const struct service_job *j = spec->jobs; j->name; j++) {
            (void)fprintf(out, "  %-18s  %s\n", j->name, j->help);
        }
    }
    if (spec->settings) {
        (void)fprintf(out, "\nsettings of %s:\n", spec->name);
        settings_print_help(spec->settings, out);
    }
    (void)fputs("\nsettings that every service has:\n", out);
    settings_print_help(common, out);
}
