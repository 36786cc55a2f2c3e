/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/runtime/bus.h"
#include "services/cli/check_mapping.h"
#include "services/cli/check_orphans.h"
#include "services/cli/cli_commands.h"

#define USUAL_ROWS 3

struct check_options {
    int64_t rows;
    bool wants_orphans;
    const char *database;
};

static const struct cli_option options_table[] = {
    {"rows",                        CLI_OPTION_COUNT, "N", "show what the first N rows become; else 3",
     offsetof(struct check_options, rows)},
    {"orphans",                          CLI_OPTION_FLAG, NULL,
     "count the stored rows whose customer or case does not exist", offsetof(struct check_options, wants_orphans)},
    {"database", CLI_OPTION_TEXT, "CONNINFO",
     "with --orphans: PostgreSQL as troth_operator; else the setting", offsetof(struct check_options, database)},
    {.type = CLI_OPTION_END                            },
};

/* Reads a key file; an empty name is no mistake here: not every setting is needed for everything.
 */
static int check_key(const struct cli *cli, const char *setting, const char *path, bool is_pair)
{
    struct err err = ERR_NONE;
    struct bus_keys keys;
    char key[BUS_KEY_TEXT_SIZE];

    if (text_is_empty(path) ||
        (is_pair ? bus_keys_read(path, &keys, &err) : bus_public_key_read(path, key, &err)) == 0) {
        return CLI_OK;
    }
    err_prefix(&err, "%s", setting);
    return cli_fail(cli, CLI_USAGE, &err);
}

static int check_config(const struct cli *cli)
{
    int code = check_key(cli, "key_file", cli->settings.key_file, true);

    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        char setting[32];

        text_format(setting, sizeof(setting), "%s_key", cli_service_name((enum cli_service)i));
        if (check_key(cli, setting, cli->settings.peers[i].key_file, false) != CLI_OK) {
            code = CLI_USAGE;
        }
    }
    if (code == CLI_OK) {
        (void)printf("# %s\n", cli->config_path ? cli->config_path : "no file: defaults");
        cli_settings_print(&cli->settings, stdout);
    }
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct check_options *o = options;

    if (count == 0 && o->wants_orphans) {
        return check_orphans(cli, o->database);
    }
    if (count == 1 && strcmp(arguments[0], "config") == 0) {
        return check_config(cli);
    }
    if ((count == 2 || count == 3) && strcmp(arguments[0], "mapping") == 0) {
        return check_mapping(cli, arguments[1], count == 3 ? arguments[2] : NULL,
                             o->rows > 0 ? o->rows : USUAL_ROWS);
    }
    return cli_wrong_usage(cli, "check what? mapping FILE [FILE.csv], config, or --orphans");
}

const struct cli_command cli_check = {
    .name = "check",
    .summary = "check a mapping, the settings or what is stored, without sending anything",
    .usage = "mapping FILE [FILE.csv] [--rows N]\nconfig\n--orphans [--database CONNINFO]",
    .description =
        "'check mapping' reads a mapping and says with file and line what is wrong. With a CSV "
        "file\n"
        "it also reads all of its rows, prints the records of the first ones, and counts why rows\n"
        "would be refused. 'check config' prints the settings in force and reads the key files.\n"
        "'check --orphans' looks in the database for rows that name a customer or a case which\n"
        "does not exist; intake does the same once a day.",
    .examples = "troth check mapping shop.conf\ntroth check mapping shop.conf orders.csv --rows 1\n"
                "troth check config --config troth.conf\n",
    .options = options_table,
    .options_size = sizeof(struct check_options),
    .run = run,
};
