/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/import_run.h"

#define USUAL_PATIENCE_US (60 * DURATION_S)

struct import_options {
    const char *mapping;
    const char *rejected;
    int64_t patience_us;
    bool is_quiet;
};

static const struct cli_option options_table[] = {
    {"mapping",                      CLI_OPTION_TEXT, "FILE", "which column fills which field",
     offsetof(struct import_options, mapping)},
    {"rejected",                        CLI_OPTION_TEXT, "FILE", "where refused rows go; else FILE.rejected.csv",
     offsetof(struct import_options, rejected)},
    {"patience", CLI_OPTION_DURATION, "DURATION",
     "give up after so long without a receipt; else 1m", offsetof(struct import_options, patience_us)},
    {"quiet",                              CLI_OPTION_FLAG, NULL, "no progress", offsetof(struct import_options, is_quiet)},
    {.type = CLI_OPTION_END},
};

/* Set by the signal handler alone. */
static volatile sig_atomic_t is_stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    is_stopped = 1;
}

/* The first Ctrl-C ends in order, with the figures so far; the second is the usual one. */
static void catch_stop(void)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* Writing the refused rows over the file they come from would lose it. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;

    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

static int exit_code(int rc, const struct err *err, const struct import_tally *t)
{
    if (rc < 0 && strcmp(err->code, "no_answer") == 0) {
        return CLI_NO_ANSWER;
    }
    if (rc < 0 && strcmp(err->code, "file_unwritable") == 0) {
        return CLI_USAGE;
    }
    return rc < 0 || t->rejected > 0 || t->rows_unmapped > 0 ? CLI_REFUSED : CLI_OK;
}

static void print_end(const struct cli *cli, int rc, const struct err *err, struct import_tally *t,
                      const char *rejected_path, int64_t elapsed_us)
{
    const int64_t open = t->records - t->accepted - t->duplicate - t->rejected;

    if (rc < 0) {
        (void)cli_fail(cli, 0, err);
    }
    if (open > 0) {
        (void)fprintf(
            stderr,
            "%lld records have no receipt yet. Run the same command again: what intake has "
            "already is a duplicate.\n",
            (long long)open);
    }
    if (cli->is_json) {
        import_tally_print_json(t, elapsed_us, rejected_path, stdout);
        return;
    }
    if (rejected_path) {
        (void)fprintf(stderr, "Refused rows with their reasons: %s\n", rejected_path);
    }
    import_tally_print(t, elapsed_us, stdout);
}

static int import(struct cli *cli, const struct import_options *o, struct import_rows *rows,
                  struct import_rejects *rejects)
{
    struct import_progress progress;
    struct import_tally tally = {.rows = 0};
    struct err err = ERR_NONE;
    const char *rejected_path = NULL;
    const int64_t start_us = instant_monotonic_us();
    struct cli_client *client = cli_client_open(cli, CLI_INTAKE, &err);
    int rc;

    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    import_progress_start(&progress, start_us, import_rows_bytes_total(rows));
    catch_stop();
    rc = import_run(
        &(struct import_run_options){
            .client = client,
            .rows = rows,
            .rejects = rejects,
            .progress = o->is_quiet ? NULL : &progress,
            .patience_us = o->patience_us > 0 ? o->patience_us : USUAL_PATIENCE_US,
            .is_stopped = &is_stopped,
        },
        &tally, &err);
    if (!o->is_quiet) {
        import_progress_end(&progress);
    }
    if (import_rejects_finish(rejects, &rejected_path, &err) < 0) {
        rc = -1;
    }
    print_end(cli, rc, &err, &tally, rejected_path, instant_monotonic_us() - start_us);
    rc = exit_code(rc, &err, &tally);
    import_tally_free(&tally);
    cli_client_close(client);
    return rc;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct import_options *o = options;
    struct err err = ERR_NONE;
    struct text rejected = {0};
    struct import_rejects *rejects;
    struct import_rows *rows;
    int code;

    if (count != 1 || !o->mapping) {
        return cli_wrong_usage(cli, "give --mapping FILE and one CSV file");
    }
    text_append(&rejected, o->rejected ? o->rejected : arguments[0]);
    if (!o->rejected) {
        if (strcmp(arguments[0], "-") == 0) {
            text_clear(&rejected);
            text_append(&rejected, "standard-input");
        }
        text_append(&rejected, ".rejected.csv");
    }
    if (is_same_file(arguments[0], rejected.data)) {
        text_free(&rejected);
        return cli_wrong_usage(cli, "--rejected names the file to import: it would be lost");
    }
    rows = import_rows_open(arguments[0], o->mapping, &err);
    if (rows) {
        rejects = import_rejects_new(rejected.data, import_rows_header(rows));
        code = import(cli, o, rows, rejects);
        import_rejects_free(rejects);
        import_rows_close(rows);
    } else {
        code = cli_fail(cli, CLI_USAGE, &err);
    }
    text_free(&rejected);
    return code;
}

const struct cli_command cli_import = {
    .name = "import",
    .summary = "hand in a whole CSV file by way of a mapping",
    .usage = "--mapping FILE FILE.csv",
    .description =
        "Turns the rows of a CSV file (RFC 4180, UTF-8, with a header; '-' is standard input) "
        "into\n"
        "records as the mapping says, and waits until each has its receipt. Keys are made from "
        "the\n"
        "rows and remembered for ever: importing a file twice, or again after a break, changes\n"
        "nothing and counts as duplicates. Rows that the mapping or intake refuses are written to\n"
        "FILE.rejected.csv with the reason first; put right, that file can be imported as it is.\n"
        "'troth check mapping' shows what rows would become, without sending anything.\n"
        "\n"
        "The last line is for scripts; accepted + duplicate + rejected = records:\n"
        "  import: rows=N rows_unmapped=N rows_empty=N records=N accepted=N duplicate=N "
        "rejected=N\n"
        "          seconds=N rate=N",
    .examples = "troth import --mapping deploy/mappings/cfpb.conf complaints.csv\n"
                "zcat export.csv.gz | troth import --mapping shop.conf --rejected bad.csv -\n",
    .options = options_table,
    .options_size = sizeof(struct import_options),
    .run = run,
};
