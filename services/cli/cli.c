/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.c - finds the subcommand, reads its options and the settings, runs it.
 *
 * getopt_long() sees one table made of the command's options and the common ones; a command may
 * have an option of the same name, which then counts.
 */
#include "services/cli/cli.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/cli_help.h"

struct common {
    const char *config;
    int64_t timeout_us;
    bool is_json;
    bool is_help;
};

const struct cli_option cli_common_options[] = {
    {"config",               CLI_OPTION_TEXT, "FILE", "settings; else $TROTH_CONFIG, else /etc/troth/troth.conf",
     offsetof(struct common, config)},
    {"timeout",                CLI_OPTION_DURATION, "DURATION",
     "how long to wait for an answer, such as 500ms or 1m", offsetof(struct common, timeout_us)},
    {"json", CLI_OPTION_FLAG, NULL, "print the answer as JSON", offsetof(struct common, is_json)},
    {"help",                      CLI_OPTION_FLAG, NULL, "print this help", offsetof(struct common, is_help)},
    {.type = CLI_OPTION_END},
};

/* One option of this call, and the struct it fills. */
struct binding {
    const struct cli_option *option;
    void *values;
};

struct parse {
    struct cli *cli;
    struct common common;
    struct binding *bindings;
    struct option *long_options;
    size_t count;
};

int cli_wrong_usage(const struct cli *cli, const char *fmt, ...)
{
    va_list args;

    (void)fprintf(stderr, "troth %s: ", cli->command->name);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "\nSee 'troth %s --help'.\n", cli->command->name);
    return CLI_USAGE;
}

int cli_fail(const struct cli *cli, int code, const struct err *err)
{
    (void)fprintf(stderr, "troth %s: %s%s%s", cli->command->name, err->field,
                  err->field[0] ? ": " : "", err->text);
    (void)fprintf(stderr, err->code[0] ? " [%s]\n" : "%s\n", err->code);
    return code;
}

/* ---- options */

static void bind_options(struct parse *p, const struct cli_option *options, void *values)
{
    for (; options && options->type != CLI_OPTION_END; options++) {
        size_t i = 0;

        while (i < p->count && strcmp(p->bindings[i].option->name, options->name) != 0) {
            i++;
        }
        if (i < p->count) {
            continue;
        }
        p->bindings = xreallocarray(p->bindings, p->count + 1, sizeof(*p->bindings));
        p->long_options = xreallocarray(p->long_options, p->count + 2, sizeof(*p->long_options));
        p->bindings[p->count] = (struct binding){.option = options, .values = values};
        p->long_options[p->count] = (struct option){
            .name = options->name,
            .has_arg = options->type == CLI_OPTION_FLAG ? no_argument : required_argument,
            .val = (int)p->count + 1,
        };
        p->count++;
        p->long_options[p->count] = (struct option){.name = NULL};
    }
}

static int store(struct parse *p, const struct binding *b, const char *value)
{
    const struct cli_option *o = b->option;
    void *place = (char *)b->values + o->offset;

    switch (o->type) {
    case CLI_OPTION_FLAG:
        *(bool *)place = true;
        return 0;
    case CLI_OPTION_TEXT:
        *(const char **)place = value;
        return 0;
    case CLI_OPTION_COUNT:
        return text_to_int64(value, 0, INT32_MAX, place) == 0
                   ? 0
                   : cli_wrong_usage(p->cli, "--%s takes a whole number", o->name);
    case CLI_OPTION_DURATION:
        return duration_parse(value, place) == 0
                   ? 0
                   : cli_wrong_usage(p->cli, "--%s takes a duration such as 500ms, 90s or 1h30m",
                                     o->name);
    case CLI_OPTION_INSTANT:
        return instant_parse(value, place) == 0
                   ? 0
                   : cli_wrong_usage(p->cli,
                                     "--%s takes a time such as 2026-11-21 or 2026-11-21T08:15:00Z",
                                     o->name);
    case CLI_OPTION_FIELD:
        p->cli->fields =
            xreallocarray(p->cli->fields, p->cli->field_count + 1, sizeof(*p->cli->fields));
        p->cli->fields[p->cli->field_count++] = (struct cli_field){.name = o->name, .value = value};
        return 0;
    case CLI_OPTION_END:
    default:
        return 0;
    }
}

static int read_options(struct parse *p, int argc, char **argv)
{
    int found;

    opterr = 0;
    optind = 1;
    while ((found = getopt_long(argc, argv, ":h", p->long_options, NULL)) != -1) {
        int rc = 0;

        if (found == ':') {
            return cli_wrong_usage(p->cli, "%s needs a value", argv[optind - 1]);
        }
        if (found == '?') {
            return cli_wrong_usage(p->cli, "unknown option %s", argv[optind - 1]);
        }
        if (found == 'h') {
            p->common.is_help = true;
        } else if ((size_t)found <= p->count && p->bindings) {
            rc = store(p, &p->bindings[found - 1], optarg);
        }
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

/* ---- running */

static int run(struct cli *cli, const struct common *common, const void *options, int count,
               char **arguments)
{
    struct err err = ERR_NONE;
    int code;

    if (cli_settings_read(&cli->settings, common->config, &cli->config_path, &err) < 0) {
        code = cli_fail(cli, CLI_USAGE, &err);
    } else {
        if (common->timeout_us > 0) {
            cli->settings.timeout_us = common->timeout_us;
        }
        cli->is_json = common->is_json;
        code = cli->command->run(cli, options, count, arguments);
    }
    cli_settings_free(&cli->settings);
    if (fflush(stdout) != 0 && code == CLI_OK) {
        (void)fprintf(stderr, "troth %s: the output could not be written\n", cli->command->name);
        code = CLI_USAGE;
    }
    return code;
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    struct cli_option *chosen =
        command->choose_options ? command->choose_options(argc, argv) : NULL;
    const struct cli_option *options = chosen ? chosen : command->options;
    struct cli cli = {.command = command};
    struct parse p = {.cli = &cli};
    void *values = xcalloc(1, command->options_size + 1);
    int code;

    bind_options(&p, options, values);
    bind_options(&p, cli_common_options, &p.common);
    code = read_options(&p, argc, argv);
    if (code == 0 && p.common.is_help) {
        cli_help_print_command(command, options, stdout);
    } else if (code == 0) {
        code = run(&cli, &p.common, values, argc - optind, argv + optind);
    }
    free(chosen);
    free(cli.fields);
    free(values);
    free(p.bindings);
    free(p.long_options);
    return code;
}

int cli_main(int argc, char **argv, const struct cli_command *const *commands)
{
    const char *name = argc > 1 ? argv[1] : "--help";

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        cli_help_print(commands, argc > 1 ? stdout : stderr);
        return argc > 1 ? CLI_OK : CLI_USAGE;
    }
    if (strcmp(name, "--version") == 0) {
        (void)puts("troth " TROTH_VERSION);
        return CLI_OK;
    }
    for (; *commands; commands++) {
        if (strcmp((*commands)->name, name) == 0) {
            return run_command(*commands, argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "troth: there is no subcommand '%s'. See 'troth --help'.\n", name);
    return CLI_USAGE;
}
