/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h - what a subcommand is: a row of words, a table of options and one function.
 *
 * The same tables parse the arguments and print --help. Results go to standard output, everything
 * else to standard error. Every subcommand also takes --config, --timeout, --json and --help.
 */
#ifndef TROTH_SERVICES_CLI_CLI_H
#define TROTH_SERVICES_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "services/cli/cli_settings.h"

/* What a script can trust. */
enum cli_exit {
    CLI_OK = 0,
    CLI_REFUSED = 1,   /* the service said no: rejected, unknown; or to a part of an import */
    CLI_USAGE = 2,     /* wrong arguments, settings or files */
    CLI_NO_ANSWER = 3, /* nobody answered in time: trying again may help */
};

enum cli_option_type {
    CLI_OPTION_END = 0,
    CLI_OPTION_FLAG,     /* bool */
    CLI_OPTION_TEXT,     /* const char *, borrowed from argv */
    CLI_OPTION_COUNT,    /* int64_t, 0 or more */
    CLI_OPTION_DURATION, /* int64_t, microseconds */
    CLI_OPTION_INSTANT,  /* int64_t, microseconds; RFC 3339 or a date */
    CLI_OPTION_FIELD,    /* no place in the struct: noted in cli->fields, in order */
};

struct cli_option {
    const char *name;
    enum cli_option_type type;
    const char *value; /* how --help calls it: "FILE"; NULL for flags */
    const char *help;
    size_t offset; /* in the command's struct of options, which starts zeroed */
};

struct cli_field {
    const char *name; /* as in the table */
    const char *value;
};

struct cli {
    struct cli_settings settings;
    const char *config_path; /* NULL: defaults alone */
    bool is_json;
    const struct cli_command *command;
    struct cli_field *fields;
    size_t field_count;
};

struct cli_command {
    const char *name;
    const char *summary;     /* one line for `troth --help` */
    const char *usage;       /* what follows "troth NAME "; several lines for several forms */
    const char *description; /* paragraphs, wrapped by hand at 90 columns */
    const char *examples;    /* lines, each ended by a line end; NULL: none */
    const struct cli_option *options; /* ended by a row of type CLI_OPTION_END; NULL: none */
    size_t options_size;              /* of the struct they fill */
    /* The options of this very call, when they depend on its first arguments (argv[1] is the one
     * after the name); replaces options. One block of memory, freed by the
     * caller. May be NULL. */
    struct cli_option *(*choose_options)(int argc, char **argv);
    /* arguments: what is left after the options. Returns an enum cli_exit. */
    int (*run)(struct cli *cli, const void *options, int count, char **arguments);
};

/* argv[1] names the subcommand; commands ends with NULL. Returns the exit status. */
int cli_main(int argc, char **argv, const struct cli_command *const *commands);

/* Prints err on standard error. Returns code. */
int cli_fail(const struct cli *cli, int code, const struct err *err);

/* Prints what is wrong with the arguments, and where help is. Returns CLI_USAGE. */
int cli_wrong_usage(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
