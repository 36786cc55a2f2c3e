/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_help.h"

#include <string.h>

#include "common/base/text.h"

/* Texts are ours and writing to a terminal: a failed write shows at the end, where the stream is
 * flushed. */
static void print(FILE *out, const char *text)
{
    (void)fputs(text, out);
}

void cli_help_print(const struct cli_command *const *commands, FILE *out)
{
    print(out, "Usage: troth COMMAND [OPTION]...\n\n"
               "The command line of Troth: hands in records, asks the services, looks after keys,\n"
               "and supervises the services of one machine.\n\nCommands:\n");
    for (; *commands; commands++) {
        (void)fprintf(out, "  %-10s %s\n", (*commands)->name, (*commands)->summary);
    }
    print(out,
          "\n'troth COMMAND --help' explains one of them; 'troth --version' prints the version.\n"
          "\nExit status:\n"
          "  0  it worked\n"
          "  1  the service said no: rejected, or unknown\n"
          "  2  wrong usage, settings or files\n"
          "  3  no answer in time: trying again may help\n");
}

static bool is_listed(const struct cli_option *options, const char *name)
{
    for (; options && options->type != CLI_OPTION_END; options++) {
        if (strcmp(options->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void print_option(const struct cli_option *o, FILE *out)
{
    char left[64];

    text_format(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "",
                o->value ? o->value : "");
    /* What does not fit its column has a line of its own. */
    (void)fprintf(out, strlen(left) > 22 ? "  %s\n%26s%s\n" : "  %-22s%s  %s\n", left, "", o->help);
}

static void print_usage(const struct cli_command *command, FILE *out)
{
    const char *line = command->usage;

    (void)fprintf(out, "Usage: troth %s %.*s\n", command->name, (int)strcspn(line, "\n"), line);
    for (line += strcspn(line, "\n"); *line; line += strcspn(line, "\n")) {
        line++;
        (void)fprintf(out, "       troth %s %.*s\n", command->name, (int)strcspn(line, "\n"), line);
    }
}

static void print_examples(const char *line, FILE *out)
{
    print(out, "\nExamples:\n");
    while (*line) {
        const size_t len = strcspn(line, "\n");

        (void)fprintf(out, "  %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

void cli_help_print_command(const struct cli_command *command, const struct cli_option *options,
                            FILE *out)
{
    print_usage(command, out);
    (void)fprintf(out, "\n%s\n\nOptions:\n", command->description);
    for (const struct cli_option *o = options; o && o->type != CLI_OPTION_END; o++) {
        print_option(o, out);
    }
    for (const struct cli_option *o = cli_common_options; o->type != CLI_OPTION_END; o++) {
        if (!is_listed(options, o->name)) {
            print_option(o, out);
        }
    }
    if (command->examples) {
        print_examples(command->examples, out);
    }
    print(out, "\nExit status: 0 it worked, 1 the service said no, 2 wrong usage or settings,\n"
               "3 no answer in time.\n");
}
