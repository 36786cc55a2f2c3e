/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "common/base/log.h"
#include "services/cli/cli_commands.h"
#include "services/cli/run_config.h"
#include "services/cli/supervisor.h"

struct run_options {
    const char *config;
};

static const struct cli_option options_table[] = {
    {"config", CLI_OPTION_TEXT, "FILE", "which processes, in which order",
     offsetof(struct run_options, config)},
    {.type = CLI_OPTION_END },
};

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct run_options *o = options;
    struct run_config config;
    struct err err = ERR_NONE;
    int code = CLI_OK;

    (void)arguments;
    if (count != 0 || !o->config) {
        return cli_wrong_usage(cli, "name the file with the processes: --config FILE");
    }
    if (run_config_read(o->config, &config, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    log_set_service("run");
    if (supervisor_run(&config, &err) < 0) {
        code = cli_fail(cli, CLI_REFUSED, &err);
    }
    run_config_free(&config);
    return code;
}

const struct cli_command cli_run = {
    .name = "run",
    .summary = "start a set of services on this machine and look after them",
    .usage = "--config FILE",
    .description =
        "Starts the processes of FILE one after the other, each when the one before has printed "
        "its\n"
        "ready line, and prints 'ready troth-run services=N' when all are. What dies is started "
        "again\n"
        "after a growing pause. SIGTERM or Ctrl-C stops all in reverse order, a second one kills "
        "them;\n"
        "SIGHUP is passed on. Ends with 1 when a process cannot be started several times in a row\n"
        "before all were ready once. deploy/config/run.conf is a commented example.",
    .examples = "troth run --config run.conf\n",
    .options = options_table,
    .options_size = sizeof(struct run_options),
    .run = run,
};
