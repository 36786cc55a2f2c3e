/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.h - `troth doctor`: is this installation set up right? Run before the first start and
 * after every change. Each check adds one finding, also one that is OK.
 *
 *   doctor_programs.c   programs beside ours, their settings, the files that these name
 *   doctor_keys.c       keys: registered with the rights that are needed, CURVE reachable
 *   doctor_machine.c    clock, disk and its fsync, limits, memory, time zones, libzmq
 *   doctor_database.c   PostgreSQL: settings, schema, roles and what they may
 */
#ifndef TROTH_SERVICES_CLI_DOCTOR_H
#define TROTH_SERVICES_CLI_DOCTOR_H

#include <limits.h>
#include <stdbool.h>

#include <libconfig.h>

#include "common/runtime/db.h"
#include "services/cli/cli.h"
#include "services/cli/finding.h"

enum doctor_service {
    DOCTOR_INTAKE = 0,
    DOCTOR_FOLLOWUP,
    DOCTOR_LOYALTY,
    DOCTOR_REPORTING,
    DOCTOR_DIALER, /* dialer.conf, and from here on dialer-NAME.conf */
    DOCTOR_PROGRAM_COUNT = DOCTOR_DIALER + 16
};

struct doctor_program {
    const char *name;        /* "intake"; NULL: there is no such dialer */
    char path[PATH_MAX];     /* the program beside ours; "" none */
    char settings[PATH_MAX]; /* its settings; "" there are none: it does not run here */
    bool has_config;         /* config holds the settings in force */
    config_t config;
};

struct doctor {
    const struct cli *cli;
    const char *settings_folder; /* where intake.conf and so on stand */
    const char *data_folder;     /* PostgreSQL's, on this machine; NULL: not given */
    const char *conninfo;        /* of the operator; NULL: the setting */
    struct doctor_program programs[DOCTOR_PROGRAM_COUNT];
    struct finding_list list;
};

/* The value of a setting in force; "" when it is not set or not known. Borrowed. */
const char *doctor_text(const struct doctor_program *p, const char *setting);
int64_t doctor_count(const struct doctor_program *p, const char *setting); /* 0 likewise */

/* Finds the programs and reads their settings; the others need that first. */
void doctor_programs(struct doctor *d);
void doctor_programs_free(struct doctor *d);
void doctor_machine(struct doctor *d);
/* db NULL: there is no connection. */
void doctor_keys(struct doctor *d, struct db *db);
void doctor_database(struct doctor *d, struct db *db);

/* OK with a text, where nothing is wrong. */
#define DOCTOR_OK(d, part, ...) finding_add(&(d)->list, FINDING_OK, part, __VA_ARGS__)

#endif
