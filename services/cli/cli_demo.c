/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli_demo.c - `troth demo`: plays a month of a garage chain, or a file, on the demo clock.
 *
 * Its last line is the sum of the run. The figures come from the facts; reporting's own are
 * compared with them by deploy/demo/demo.sh, so a difference is seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/cli/cli.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_stop.h"
#include "services/cli/demo_clock_store.h"
#include "services/cli/demo_garage.h"
#include "services/cli/demo_hindsight.h"
#include "services/cli/demo_player.h"
#include "services/cli/import_rows.h"
#include "services/cli/operator_session.h"
#include "services/cli/record_list.h"

#define DATABASE_WAIT_US (10 * DURATION_S)
#define USUAL_DAYS       30
#define DAYS_MAX         366
#define INCIDENTS_MAX    16
#define USUAL_CUSTOMERS  900
#define USUAL_START_US                                                                             \
    INT64_C(1793462400000000)      /* 2026-11-01T00:00:00+08:00: the month is for ever the same */
#define TAIL_US (5 * DURATION_DAY) /* of a file: a call is due within four days of a record */

struct demo_options {
    int64_t seed, days, customers, start_us, step_us, patience_us, forecasts_every_us;
    const char *mapping, *database;
    bool only_clock, past;
};

static const struct cli_option demo_options[] = {
    {"seed",                                            CLI_OPTION_COUNT, "N", "the same seed gives the same records and the same result (7)",
     offsetof(struct demo_options, seed)},
    {"days",                                              CLI_OPTION_COUNT, "N", "length of the story, 1 to 366 (30)",
     offsetof(struct demo_options, days)},
    {"customers",                      CLI_OPTION_COUNT, "N", "about seven records each in a month (900)",
     offsetof(struct demo_options, customers)},
    {"start",                                                 CLI_OPTION_INSTANT, "INSTANT", "when the story begins (2026-11-01 in Shanghai)",
     offsetof(struct demo_options, start_us)},
    {"step",CLI_OPTION_DURATION, "TIME",
     "how far the clock moves at once; less than intake's clock_skew (1h)", offsetof(struct demo_options, step_us)},
    {"patience",             CLI_OPTION_DURATION, "TIME",
     "how long one step may take before the demo fails (60s)", offsetof(struct demo_options, patience_us)},
    {"forecasts-every",                                            CLI_OPTION_DURATION, "TIME",
     "wait for intake's forecasts; its own forecast_every (nobody waits)", offsetof(struct demo_options, forecasts_every_us)},
    {"mapping",                                       CLI_OPTION_TEXT, "MAP", "play the rows of FILE through this mapping instead",
     offsetof(struct demo_options, mapping)},
    {"on-day",                                              CLI_OPTION_FIELD, "N=COMMAND",
     "run COMMAND N days into the story, such as 2 or 29.5; may be said again", 0},
    {"only-clock",                      CLI_OPTION_FLAG, NULL,
     "set the clock to where the story begins, for services that start then", offsetof(struct demo_options, only_clock)},
    {"past",                                                 CLI_OPTION_FLAG, NULL, "send the story as what has just happened, on the real clock",
     offsetof(struct demo_options, past)},
    {"database",CLI_OPTION_TEXT, "CONNINFO",
     "the database, as the schema's owner: only that role may move the clock", offsetof(struct demo_options, database)},
    {.type = CLI_OPTION_END},
};

/* Rows that the mapping refuses are counted: they never become records. */
static int read_file(const char *csv_path, const char *mapping_path, struct record_list *list,
                     int64_t *ret_refused, struct err *err)
{
    struct import_rows *rows = import_rows_open(csv_path, mapping_path, err);
    if (rows == NULL) {
        return -1;
    }
    struct import_row row;
    int more;
    int64_t refused = 0;
    while ((more = import_rows_next(rows, &row, err)) == 1) {
        refused += row.refused.code[0] != '\0';
        for (size_t i = 0; i < row.record_count; i++) {
            record_list_add(list, row.records[i]);
        }
    }
    import_rows_close(rows);
    *ret_refused = refused;
    return more;
}

static void show_progress(void *ctx, int64_t at_us, int64_t end_us, size_t sent, size_t total)
{
    int64_t *last_us = ctx;
    int64_t now_us = instant_monotonic_us();
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    if (at_us < end_us && now_us - *last_us < (is_terminal ? DURATION_S / 10 : 5 * DURATION_S)) {
        return;
    }
    *last_us = now_us;
    char at[INSTANT_TEXT_SIZE];
    char end[INSTANT_TEXT_SIZE];
    (void)instant_format(at_us, at);
    (void)instant_format(end_us, end);
    (void)fprintf(stderr, "%s%.16s of %.10s  %zu of %zu records%s", is_terminal ? "\r" : "", at,
                  end, sent, total, is_terminal && at_us < end_us ? "" : "\n");
}

/* "10=kill -HUP 123" or "10.5=...", in the order of the days. */
static int read_incidents(const struct cli *cli, int64_t start_us, struct demo_incident *ret_list,
                          size_t *ret_count, struct err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < cli->field_count; i++) {
        char *end = NULL;
        double day = strtod(cli->fields[i].value, &end);
        bool is_day = day >= 0.0 && day <= DAYS_MAX; /* and a number at all */
        struct demo_incident new = {.at_us = start_us +
                                             (is_day ? (int64_t)(day * (double)DURATION_DAY) : 0),
                                    .command = end + 1};
        if (*end != '=' || end[1] == '\0' || !is_day || count == INCIDENTS_MAX) {
            return err_set_field(err, "argument_invalid", "--on-day",
                                 "needs N=COMMAND, N from 0 to %d, at most %d times", DAYS_MAX,
                                 INCIDENTS_MAX);
        }
        size_t at = count++;
        for (; at > 0 && ret_list[at - 1].at_us > new.at_us; at--) {
            ret_list[at] = ret_list[at - 1];
        }
        ret_list[at] = new;
    }
    *ret_count = count;
    return 0;
}

static int64_t start_of(const struct demo_options *o)
{
    return o->start_us != 0 ? o->start_us : USUAL_START_US;
}

static struct demo_garage_options garage_options(const struct demo_options *o)
{
    return (struct demo_garage_options){
        .seed = o->seed != 0 ? (uint64_t)o->seed : 7,
        .start_us = start_of(o),
        .days = o->days != 0 ? (int)o->days : USUAL_DAYS,
        .customers = o->customers != 0 ? (int)o->customers : USUAL_CUSTOMERS,
    };
}

/* The last midnight at the branches from which the whole story lies in the past. */
static int64_t start_of_past(const struct demo_options *o, int64_t now_us)
{
    const struct demo_garage_options garage = garage_options(o);
    int64_t latest_us = now_us - (demo_garage_end_us(&garage) - garage.start_us);
    int64_t since_midnight_us = (latest_us - USUAL_START_US) % DURATION_DAY;
    return latest_us - since_midnight_us - (since_midnight_us < 0 ? DURATION_DAY : 0);
}

static struct demo_player_options player_options(const struct demo_options *o)
{
    const struct demo_garage_options garage = garage_options(o);
    return (struct demo_player_options){
        .start_us = o->mapping != NULL ? 0 : start_of(o),
        .end_us = o->mapping != NULL ? 0 : demo_garage_end_us(&garage),
        .step_us = o->step_us != 0 ? o->step_us : DURATION_H,
        .tail_us = TAIL_US,
        .forecasts_every_us = o->forecasts_every_us,
        .patience_us = o->patience_us != 0 ? o->patience_us : DURATION_MIN,
    };
}

/* Services that start on another clock would have all the days in between to plan. */
static int begin_clock(const struct cli *cli, const struct demo_options *o,
                       struct record_list *list, struct err *err)
{
    struct operator_session s = {0};
    const struct demo_player_options options = player_options(o);
    int rc = list->count == 0 ? err_set(err, "no_records", "there is nothing to play")
                              : operator_session_open(&s, cli, o->database, err);
    if (rc == 0) {
        rc = demo_clock_set(s.db, demo_player_first_us(&options, list), 0, err);
    }
    operator_session_close(&s);
    return rc;
}

static int play(struct cli *cli, const struct demo_options *o, struct record_list *list,
                struct import_tally *tally, struct demo_totals *ret_totals, struct err *err)
{
    struct cli_client *client = cli_client_open(cli, CLI_INTAKE, err);
    if (client == NULL) {
        return -1;
    }
    struct db_pool *pool = db_pool_new(cli_client_loop(client),
                                       &(struct db_pool_options){.conninfo = o->database,
                                                                 .name = "troth demo",
                                                                 .size = 1,
                                                                 .deadline_us = 30 * DURATION_S});
    struct db *db = db_pool_wait(pool, DATABASE_WAIT_US, err);
    struct demo_incident incidents[INCIDENTS_MAX];
    size_t incident_count = 0;
    int rc = -1;
    int64_t last_progress_us = 0;
    if (db != NULL && read_incidents(cli, start_of(o), incidents, &incident_count, err) == 0) {
        struct demo_player_options options = player_options(o);
        const struct demo_garage_options garage = garage_options(o);
        struct demo_hindsight_work work;
        const struct demo_hindsight hindsight = demo_hindsight_of_garage(&garage, &work);
        options.hindsight = o->mapping != NULL ? NULL : &hindsight;
        options.client = client;
        options.db = db;
        options.incidents = incidents;
        options.incident_count = incident_count;
        options.progress = show_progress;
        options.ctx = &last_progress_us;
        options.is_stopped = cli_stop_catch();
        rc = demo_player_run(&options, list, tally, err);
        rc = rc < 0 ? rc : demo_clock_read_totals(db, ret_totals, err);
    }
    if (db != NULL) {
        db_release(db);
    }
    db_pool_free(pool);
    cli_client_close(client);
    return rc;
}

/* Nothing moves a clock here, so it needs no database and no services of its own. */
static int run_past(struct cli *cli, const struct demo_options *given)
{
    struct demo_options o = *given;
    if (o.start_us == 0) {
        o.start_us = start_of_past(&o, instant_now_us());
    }
    struct err err = ERR_NONE;
    struct cli_client *client = cli_client_open(cli, CLI_INTAKE, &err);
    if (client == NULL) {
        return cli_fail(cli, CLI_REFUSED, &err);
    }
    struct record_list list = {0};
    struct import_tally tally = {0};
    const struct demo_garage_options garage = garage_options(&o);
    demo_garage_generate(&garage, &list);
    struct demo_player_options options = player_options(&o);
    options.client = client;
    options.is_stopped = cli_stop_catch();
    int rc = demo_player_send(&options, &list, &tally, &err);
    if (rc == 0) {
        import_tally_print_reasons(&tally, stderr);
        (void)printf("demo: records=%" PRId64 " accepted=%" PRId64 " duplicate=%" PRId64
                     " rejected=%" PRId64 "\n",
                     tally.records, tally.accepted, tally.duplicate, tally.rejected);
    }
    record_list_free(&list);
    import_tally_free(&tally);
    cli_client_close(client);
    return rc < 0 ? cli_fail(cli, CLI_REFUSED, &err) : CLI_OK;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct demo_options *o = options;
    if (o->past && (count != 0 || o->mapping != NULL || o->only_clock || o->database != NULL)) {
        return cli_wrong_usage(cli, "--past takes no file, no --database and no --only-clock");
    }
    if (!o->past && (count != (o->mapping != NULL ? 1 : 0) || o->database == NULL)) {
        return cli_wrong_usage(cli, "needs --database, and FILE with --mapping");
    }
    if (o->days > DAYS_MAX || o->customers > 1000000) {
        return cli_wrong_usage(cli, "--days is at most 366, --customers at most 1000000");
    }
    if (o->past) {
        return run_past(cli, o);
    }
    struct record_list list = {0};
    struct err err = ERR_NONE;
    struct import_tally tally = {0};
    struct demo_totals totals = {0};
    int64_t refused_rows = 0;
    int rc = 0;
    if (o->mapping != NULL) {
        rc = read_file(arguments[0], o->mapping, &list, &refused_rows, &err);
    } else {
        const struct demo_garage_options garage = garage_options(o);
        demo_garage_generate(&garage, &list);
    }
    if (rc == 0 && o->only_clock) {
        rc = begin_clock(cli, o, &list, &err);
        record_list_free(&list);
        return rc < 0 ? cli_fail(cli, CLI_REFUSED, &err) : CLI_OK;
    }
    if (rc < 0 || play(cli, o, &list, &tally, &totals, &err) < 0) {
        record_list_free(&list);
        import_tally_free(&tally);
        return cli_fail(cli, CLI_REFUSED, &err);
    }
    record_list_free(&list);
    if (refused_rows > 0) {
        (void)fprintf(stderr,
                      "%" PRId64 " rows could not be mapped: `troth check mapping` says why\n",
                      refused_rows);
    }
    import_tally_print_reasons(&tally, stderr);
    (void)printf("demo: records=%" PRId64 " accepted=%" PRId64 " duplicate=%" PRId64
                 " rejected=%" PRId64 " cases=%" PRId64 " promises=%" PRId64 " kept=%" PRId64
                 " broken=%" PRId64 " followups=%" PRId64 " calls=%" PRId64 " reached=%" PRId64
                 " scores=%" PRId64 "\n",
                 tally.records, tally.accepted, tally.duplicate, tally.rejected, totals.cases,
                 totals.promises, totals.kept, totals.broken, totals.follow_ups, totals.calls,
                 totals.reached, totals.scores);
    import_tally_free(&tally);
    return CLI_OK;
}

const struct cli_command cli_demo = {
    .name = "demo",
    .summary = "play a month of a garage chain, or a file, on the demo clock",
    .usage = "[--seed N] [--days N] --database CONNINFO\n--mapping MAP --database CONNINFO "
             "FILE\n--past [--seed N] [--days N] [--start INSTANT]",
    .description =
        "Sends the records to intake and steps the demo clock: each step ends when nothing is left "
        "to\n"
        "do, so a month passes in about a minute and the same records give the same result. The\n"
        "services must have been started with --demo-clock. `make demo` does all of that; this is "
        "its\n"
        "engine.\n"
        "With --past the same story goes to services on the real clock, which learn of a month at "
        "once.\n"
        "Said again with the same --start it changes nothing.",
    .examples =
        "troth demo --seed 8 --database 'host=var/demo/postgres/socket user=postgres dbname=troth'",
    .options = demo_options,
    .options_size = sizeof(struct demo_options),
    .run = run,
};
