/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/service_health.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/operator_session.h"
#include "services/cli/status_files.h"
#include "services/cli/status_findings.h"
#include "services/cli/status_print.h"
#include "services/cli/status_store.h"

struct status_options {
    const char *database;
};

static const struct cli_option options_table[] = {
    {"database",  CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     offsetof(struct status_options, database)},
    {.type = CLI_OPTION_END},
};

static void ask_services(const struct cli *cli, struct status_facts *f)
{
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        const char *http = cli->settings.peers[i].http;
        struct status_service *s = &f->services[i];
        struct err err = ERR_NONE;
        s->is_asked = !text_is_empty(http);
        s->is_ready = s->is_asked && service_health_ask(http, &err) == 0;
        (void)text_copy(s->why, sizeof(s->why), err.text);
    }
}

static void ask_database(const struct cli *cli, const char *conninfo, struct status_facts *f)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    f->is_configured = !text_is_empty(conninfo ? conninfo : cli->settings.database);
    if (!f->is_configured) {
        return;
    }
    f->is_connected = operator_session_open(&session, cli, conninfo, &err) == 0;
    if (f->is_connected) {
        status_store_read(session.db, f);
    }
    (void)text_copy(f->why, sizeof(f->why), err.text);
    operator_session_close(&session);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct status_options *o = options;
    struct finding_list findings = {.items = NULL};
    struct status_facts *f;
    char folder[PATH_MAX];
    int code;

    (void)arguments;
    if (count != 0) {
        return cli_wrong_usage(cli, "no arguments are expected");
    }
    log_set_level(LOG_ERROR); /* findings say it */
    f = xcalloc(1, sizeof(*f));
    ask_services(cli, f);
    ask_database(cli, o->database, f);
    cli_settings_folder(cli->config_path, folder);
    status_files_read(folder, f);
    status_findings(f, &findings);
    if (cli->is_json) {
        cli_put_json(status_json(f, &findings, instant_now_us()), stdout);
    } else {
        status_print(f, &findings, instant_now_us(), stdout);
    }
    code = (int)finding_list_worst(&findings);
    finding_list_free(&findings);
    free(f);
    return code;
}

const struct cli_command cli_status = {
    .name = "status",
    .summary = "say what is wrong and what to do, and how everything is",
    .usage = "[--database CONNINFO] [--json]",
    .description =
        "One screen: first what is wrong, the worst first, each with what mends it; then all "
        "parts.\n"
        "Asks PostgreSQL with the operator's role, and the /readyz of the services whose HTTP\n"
        "endpoint stands in the settings; says so when one of them does not answer. Exit status:\n"
        "0 fine, 1 something needs attention, 2 something is broken.",
    .examples = "troth status\ntroth status --json | jq '.findings'\nwatch -n 5 troth status\n",
    .options = options_table,
    .options_size = sizeof(struct status_options),
    .run = run,
};
