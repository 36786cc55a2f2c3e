/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_stop.h"
#include "services/cli/import_run.h"
#include "services/cli/import_undo.h"

#define USUAL_PATIENCE_US (60 * DURATION_S)

struct import_options {
    const char *mapping;
    const char *rejected;
    int64_t patience_us;
    bool is_quiet;
    bool has_no_undo;
    int64_t edition;
    const char *undo;
};

static const struct cli_option options_table[] = {
    {"mapping",                                        CLI_OPTION_TEXT, "FILE", "which column fills which field",
     offsetof(struct import_options, mapping)},
    {"rejected",                                          CLI_OPTION_TEXT, "FILE", "where refused rows go; else FILE.rejected.csv",
     offsetof(struct import_options, rejected)},
    {"patience",                   CLI_OPTION_DURATION, "DURATION",
     "give up after so long without a receipt; else 1m", offsetof(struct import_options, patience_us)},
    {"quiet",                                                CLI_OPTION_FLAG, NULL, "no progress", offsetof(struct import_options, is_quiet)},
    {"edition",CLI_OPTION_COUNT, "N", "1, 2, ...: new keys, to import again what was taken back",
     offsetof(struct import_options, edition)},
    {"undo", CLI_OPTION_TEXT, "ID", "take the import with this ID back",
     offsetof(struct import_options, undo)},
    {"no-undo",                                       CLI_OPTION_FLAG, NULL, "do not remember the import: it cannot be taken back",
     offsetof(struct import_options, has_no_undo)},
    {.type = CLI_OPTION_END                                      },
};

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
    if (t->id) {
        (void)fprintf(stderr, "This import can be taken back: troth import --undo %s\n", t->id);
    }
    if (rejected_path) {
        (void)fprintf(stderr, "Refused rows with their reasons: %s\n", rejected_path);
    }
    import_tally_print(t, elapsed_us, stdout);
}

/* What one import works with. */
struct parts {
    struct cli_client *client;
    struct import_rows *rows;
    struct import_rejects *rejects;
    struct import_journal *journal; /* NULL: not remembered */
    const char *id;                 /* of the journal */
};

/* The last entries, then the refused rows; the first thing that went wrong counts. */
static int end_files(const struct parts *parts, int rc, const char **ret_rejected, struct err *err)
{
    struct err later = ERR_NONE;

    if (parts->journal && import_journal_end(parts->journal, rc < 0 ? &later : err) < 0) {
        rc = -1;
    }
    if (import_rejects_finish(parts->rejects, ret_rejected, err) < 0) {
        rc = -1;
    }
    return rc;
}

static int import(struct cli *cli, const struct import_options *o, const struct parts *parts)
{
    struct import_progress progress;
    struct import_tally tally = {.id = parts->id};
    struct err err = ERR_NONE;
    const char *rejected_path = NULL;
    const int64_t start_us = instant_monotonic_us();
    int rc;

    import_progress_start(&progress, start_us, import_rows_bytes_total(parts->rows));
    rc = import_run(
        &(struct import_run_options){
            .client = parts->client,
            .rows = parts->rows,
            .rejects = parts->rejects,
            .journal = parts->journal,
            .progress = o->is_quiet ? NULL : &progress,
            .patience_us = o->patience_us > 0 ? o->patience_us : USUAL_PATIENCE_US,
            .is_stopped = cli_stop_catch(),
        },
        &tally, &err);
    if (!o->is_quiet) {
        import_progress_end(&progress);
    }
    rc = end_files(parts, rc, &rejected_path, &err);
    print_end(cli, rc, &err, &tally, rejected_path, instant_monotonic_us() - start_us);
    rc = exit_code(rc, &err, &tally);
    import_tally_free(&tally);
    return rc;
}

/* ---- undo */

static void print_undo(const struct cli *cli, const char *id, struct import_undo_tally *t,
                       int64_t elapsed_us)
{
    const int64_t ms = elapsed_us / DURATION_MS;

    if (cli->is_json) {
        json_t *json =
            json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:f}", "id", id, "records",
                      (json_int_t)t->records, "voided", (json_int_t)t->voided, "already",
                      (json_int_t)t->already, "absent", (json_int_t)t->absent, "rejected",
                      (json_int_t)t->refused.rejected, "seconds", (double)ms / 1000.0);

        (void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
        (void)fputc('\n', stdout);
        json_decref(json);
        return;
    }
    import_tally_print_reasons(&t->refused, stdout);
    (void)printf("undo: records=%" PRId64 " voided=%" PRId64 " already=%" PRId64 " absent=%" PRId64
                 " rejected=%" PRId64 " seconds=%.1f id=%s\n",
                 t->records, t->voided, t->already, t->absent, t->refused.rejected,
                 (double)ms / 1000.0, id);
}

static int undo_stored(struct cli *cli, const struct import_options *o,
                       const struct import_stored *stored)
{
    const int64_t start_us = instant_monotonic_us();
    struct import_undo_tally tally = {.records = 0};
    struct import_progress progress;
    struct err err = ERR_NONE;
    struct cli_client *client = cli_client_open(cli, CLI_INTAKE, &err);
    int rc;

    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    import_progress_start(&progress, start_us, -1);
    rc = import_undo(
        &(struct import_undo_options){
            .client = client,
            .stored = stored,
            .id = o->undo,
            .progress = o->is_quiet ? NULL : &progress,
            .patience_us = o->patience_us > 0 ? o->patience_us : USUAL_PATIENCE_US,
            .is_stopped = cli_stop_catch(),
        },
        &tally, &err);
    if (!o->is_quiet) {
        import_progress_end(&progress);
    }
    if (rc == 0 && tally.refused.rejected == 0) {
        rc = import_journal_mark_undone(stored, &err);
    }
    if (rc < 0) {
        (void)cli_fail(cli, 0, &err);
        (void)fputs("Run the same command again to finish.\n", stderr);
    }
    print_undo(cli, o->undo, &tally, instant_monotonic_us() - start_us);
    rc = exit_code(rc, &err, &tally.refused);
    import_tally_free(&tally.refused);
    cli_client_close(client);
    return rc;
}

static int undo(struct cli *cli, const struct import_options *o)
{
    struct import_stored stored;
    struct err err = ERR_NONE;
    int code;

    if (import_journal_load(cli, o->undo, &stored, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (!stored.is_ended) {
        (void)fputs("The journal of this import stops in the middle: the import was killed, or the "
                    "end of the file is\nlost. What is not in it stays stored.\n",
                    stderr);
    }
    code = undo_stored(cli, o, &stored);
    import_stored_free(&stored);
    return code;
}

/* ---- the command */

static int open_journal(const struct cli *cli, const struct import_options *o, const char *csv_path,
                        char id[IMPORT_ID_SIZE], struct parts *parts, struct err *err)
{
    if (o->has_no_undo) {
        return 0;
    }
    if (import_journal_id(cli, csv_path, o->mapping, o->edition, id, err) < 0) {
        return -1;
    }
    parts->id = id;
    parts->journal = import_journal_open(cli, id, csv_path, err);
    if (parts->journal && import_journal_was_undone(parts->journal)) {
        (void)fputs(
            "This import was taken back. Its rows keep their keys, so intake takes them for "
            "duplicates;\nto import them again give --edition 1.\n",
            stderr);
    }
    return parts->journal ? 0 : -1;
}

static int import_file(struct cli *cli, const struct import_options *o, const char *csv_path,
                       const char *rejected_path)
{
    struct parts parts = {.rows = NULL};
    char id[IMPORT_ID_SIZE];
    struct err err = ERR_NONE;
    int code = CLI_USAGE;

    parts.rows = import_rows_open(csv_path, o->mapping, &err);
    if (parts.rows) {
        parts.client = cli_client_open(cli, CLI_INTAKE, &err);
    }
    if (!parts.client || open_journal(cli, o, csv_path, id, &parts, &err) < 0) {
        (void)cli_fail(cli, code, &err);
    } else {
        import_rows_set_edition(parts.rows, o->edition);
        parts.rejects = import_rejects_new(rejected_path, import_rows_header(parts.rows));
        code = import(cli, o, &parts);
    }
    import_rejects_free(parts.rejects);
    import_journal_free(parts.journal);
    cli_client_close(parts.client);
    import_rows_close(parts.rows);
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct import_options *o = options;
    struct text rejected = {0};
    int code;

    if (o->undo && count == 0 && !o->mapping) {
        return undo(cli, o);
    }
    if (o->undo || count != 1 || !o->mapping) {
        return cli_wrong_usage(cli, "give --mapping FILE and one CSV file, or --undo ID alone");
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
    code = import_file(cli, o, arguments[0], rejected.data);
    text_free(&rejected);
    return code;
}

const struct cli_command cli_import = {
    .name = "import",
    .summary = "hand in a whole CSV file by way of a mapping",
    .usage = "--mapping FILE FILE.csv\n--undo ID",
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
        "          seconds=N rate=N id=ID\n"
        "\n"
        "--undo takes an import back: every record that it stored is voided, the last one first. "
        "It\n"
        "can be repeated and, after a break, finished. What was imported is written down in the\n"
        "folder of the setting imports. Its last line; voided + already + absent + rejected = "
        "records:\n"
        "  undo: records=N voided=N already=N absent=N rejected=N seconds=N id=ID",
    .examples = "troth import --mapping deploy/mappings/cfpb.conf complaints.csv\n"
                "zcat export.csv.gz | troth import --mapping shop.conf --rejected bad.csv -\n"
                "troth import --undo 3f9a1c22b7d04e11\n",
    .options = options_table,
    .options_size = sizeof(struct import_options),
    .run = run,
};
