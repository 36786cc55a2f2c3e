/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/doctor.h"
#include "services/cli/operator_session.h"

struct doctor_options {
    const char *settings;
    const char *data;
    const char *database;
    bool wants_all;
};

#define AT(field) offsetof(struct doctor_options, field)

static const struct cli_option options_table[] = {
    {"settings",    CLI_OPTION_TEXT, "FOLDER",
     "where intake.conf and so on stand; else beside troth.conf", AT(settings)},
    {"data",     CLI_OPTION_TEXT, "FOLDER",
     "PostgreSQL's data folder, when it is on this machine: its disk is measured", AT(data)},
    {"database", CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {"all",        CLI_OPTION_FLAG, NULL, "print also what is well", AT(wants_all)},
    {.type = CLI_OPTION_END    },
};

static void look_at_database(struct doctor *d)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    if (operator_session_open(&session, d->cli, d->conninfo, &err) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "postgresql", "no connection: %s", err.text);
        finding_mend(&d->list, "systemctl status postgresql; set database in troth.conf, or "
                               "--database");
    }
    doctor_keys(d, session.db);
    doctor_database(d, session.db);
    operator_session_close(&session);
}

/* What is well only when it is asked for. */
static void print(struct doctor *d, bool wants_all)
{
    enum finding_state worst;
    size_t bad = 0;
    finding_list_sort(&d->list);
    worst = finding_list_worst(&d->list);
    for (size_t i = 0; i < d->list.count; i++) {
        bad += d->list.items[i].state != FINDING_OK;
    }
    size_t shown = wants_all ? d->list.count : bad;
    const struct finding_list part = {.items = d->list.items, .count = shown};
    finding_list_print(&part, shown, stdout);
    (void)printf("%s%zu checks: %s\n", shown > 0 ? "\n" : "", d->list.count,
                 worst == FINDING_OK ? "all is well" : finding_state_name(worst));
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct doctor_options *o = options;
    char folder[PATH_MAX];
    struct doctor *d;
    int code;

    (void)arguments;
    if (count != 0) {
        return cli_wrong_usage(cli, "no arguments are expected");
    }
    log_set_level(LOG_ERROR); /* findings say it */
    cli_settings_folder(cli->config_path, folder);
    d = xcalloc(1, sizeof(*d));
    d->cli = cli;
    d->settings_folder = o->settings ? o->settings : folder;
    d->data_folder = o->data;
    d->conninfo = o->database;
    doctor_programs(d);
    doctor_machine(d);
    look_at_database(d);
    if (cli->is_json) {
        finding_list_sort(&d->list);
        cli_put_json(json_pack("{s:s, s:o}", "state",
                               finding_state_name(finding_list_worst(&d->list)), "checks",
                               finding_list_json(&d->list)),
                     stdout);
    } else {
        print(d, o->wants_all);
    }
    code = (int)finding_list_worst(&d->list);
    doctor_programs_free(d);
    finding_list_free(&d->list);
    free(d);
    return code;
}

const struct cli_command cli_doctor = {
    .name = "doctor",
    .summary = "check whether this installation is set up right",
    .usage = "[--settings FOLDER] [--data FOLDER] [--database CONNINFO] [--all] [--json]",
    .description =
        "For a new installation before its first start, and after every change: programs and "
        "their\n"
        "settings, the files that these name, keys and their rights, clocks, disks and how long a\n"
        "write to them takes, limits, PostgreSQL's settings, schema, roles, standards, time "
        "zones.\n"
        "Changes nothing, but writes a file to measure the disk and removes it. Each line says "
        "what\n"
        "to do. Exit status: 0 all is well, 1 something needs attention, 2 something is broken.",
    .examples = "troth doctor\ntroth doctor --data /var/lib/postgresql/15/main --all\n"
                "troth doctor --json | jq '.checks[] | select(.state != \"ok\")'\n",
    .options = options_table,
    .options_size = sizeof(struct doctor_options),
    .run = run,
};
