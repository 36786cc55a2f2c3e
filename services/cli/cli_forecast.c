/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_commands.h"
#include "services/cli/forecast_print.h"
#include "services/cli/operator_session.h"

#define USUAL_PERIOD_US (30 * DURATION_DAY)

struct forecast_options {
    int64_t since_us;
    const char *database;
};

static const struct cli_option options_table[] = {
    {"since",                           CLI_OPTION_INSTANT, "TIME",
     "judge forecasts of promises made since then; else 30 days", offsetof(struct forecast_options, since_us)},
    {"database",                           CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     offsetof(struct forecast_options, database)},
    {.type = CLI_OPTION_END},
};

/* One that cannot be read any more only hides the targets. */
static int read_standard(struct db *db, struct forecast_report *r, struct err *err)
{
    struct err unreadable = ERR_NONE;
    char *text = NULL;

    if (forecast_figures_store_standard(db, &text, err) < 0) {
        return -1;
    }
    r->standard = text ? standard_parse(text, "the standard in force", &unreadable) : NULL;
    free(text);
    return 0;
}

static int read_report(struct db *db, const struct forecast_options *o, struct forecast_report *r,
                       struct err *err)
{
    if (forecast_figures_store_now(db, &r->since_us, err) < 0 ||
        forecast_figures_store_read(db, &r->figures, err) < 0 || read_standard(db, r, err) < 0) {
        return -1;
    }
    r->since_us = o->since_us ? o->since_us : r->since_us - USUAL_PERIOD_US;
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (forecast_figures_store_outcomes(db, bucket, r->since_us, &r->calibration, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct forecast_options *o = options;
    struct operator_session session = {.db = NULL};
    struct forecast_report report = {.standard = NULL};
    struct err err = ERR_NONE;
    int code = CLI_OK;

    (void)arguments;
    if (count != 0) {
        return cli_wrong_usage(cli, "no arguments are expected");
    }
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        read_report(session.db, o, &report, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (cli->is_json) {
        forecast_print_json(&report);
    } else {
        forecast_print_tables(&report);
    }
    forecast_figures_free(&report.figures);
    standard_free(report.standard);
    operator_session_close(&session);
    return code;
}

const struct cli_command cli_forecast = {
    .name = "forecast",
    .summary = "show how long promises take, and how good the forecasts in receipts were",
    .usage = "[--since TIME] [--database CONNINFO] [--json]",
    .description =
        "When intake makes a promise, the receipt says the chance that it will be kept, and the\n"
        "date by which four of five such promises were kept. Both come from past promises of the\n"
        "same kind, team and calendar; with fewer than 30 of them intake says that it does not\n"
        "know, by saying nothing.\n"
        "\n"
        "The first table shows what is known of each such group: how long half of its promises\n"
        "took, how long four of five took, and how many are done within the target that the\n"
        "standard has today. A target far below the second time is a promise made to be broken.\n"
        "\n"
        "The second table compares what was said with what came, for promises made since --since\n"
        "whose time is over.",
    .examples = "troth forecast\ntroth forecast --since 2026-02-01\n"
                "troth forecast --json | jq '.calibration.all'\n",
    .options = options_table,
    .options_size = sizeof(struct forecast_options),
    .run = run,
};
