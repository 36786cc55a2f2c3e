/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"

struct report_options {
    const char *from;
    const char *to;
    const char *branch;
};

static const struct cli_option options_table[] = {
    {"from",                         CLI_OPTION_TEXT, "DAY", "first day, such as 2026-11-01; else the first there is",
     offsetof(struct report_options, from)},
    {"to",                         CLI_OPTION_TEXT, "DAY", "last day, included; else the last there is",
     offsetof(struct report_options, to)},
    {"branch", CLI_OPTION_TEXT, "CODE", "only this branch",
     offsetof(struct report_options, branch)},
    {.type = CLI_OPTION_END                             },
};

enum {
    COLUMNS = 13
};

static void add_duration(struct cli_table *t, int has_value, int64_t us)
{
    char text[DURATION_TEXT_SIZE];

    cli_table_add(t, "%s", has_value ? duration_for_people(us, text) : "-");
}

static void add_row(struct cli_table *t, const char *name, const Troth__V1__OverviewFigures *f)
{
    const int64_t decided = f->promises_kept + f->promises_broken;

    cli_table_add(t, "%s", name);
    cli_table_add(t, "%" PRId64, f->cases);
    cli_table_add(t, "%" PRId64, f->first_responses);
    add_duration(t, f->has_first_response_median_us, f->first_response_median_us);
    add_duration(t, f->has_first_response_p90_us, f->first_response_p90_us);
    cli_table_add(t, "%" PRId64, f->resolved);
    cli_table_add(t, "%" PRId64, f->promises_kept);
    cli_table_add(t, "%" PRId64, f->promises_broken);
    if (decided > 0) {
        cli_table_add(t, "%.0f %%", 100.0 * (double)f->promises_kept / (double)decided);
    } else {
        cli_table_add(t, "-");
    }
    cli_table_add(t, "%" PRId64, f->calls_placed);
    cli_table_add(t, "%" PRId64, f->calls_reached);
    if (f->csat_count > 0) {
        cli_table_add(t, "%.2f (%" PRId64 ")", f->csat_mean, f->csat_count);
    } else {
        cli_table_add(t, "-");
    }
    if (f->nps_count > 0) {
        cli_table_add(t, "%+.0f (%" PRId64 ")", f->nps, f->nps_count);
    } else {
        cli_table_add(t, "-");
    }
}

static void print_rows(const char *first_title, Troth__V1__OverviewFigures *const *rows,
                       size_t count, const Troth__V1__OverviewFigures *total)
{
    const char *const titles[COLUMNS] = {
        first_title, ">CASES",  ">RESPONDED", ">MEDIAN",  ">P90",      ">RESOLVED", ">KEPT",
        ">BROKEN",   ">KEPT %", ">CALLS",     ">REACHED", ">CSAT (N)", ">NPS (N)"};
    struct cli_table table = {.titles = titles, .count = COLUMNS};

    for (size_t i = 0; i < count; i++) {
        add_row(&table, cli_text(text_is_empty(rows[i]->day) ? rows[i]->branch : rows[i]->day),
                rows[i]);
    }
    if (total) {
        add_row(&table, "all", total);
    }
    cli_table_print(&table, stdout);
}

static void print(const struct cli *cli, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__Overview *o = reply->overview;

    (void)cli;
    (void)printf("%s to %s, days in %s\n\n", cli_text(o->from_day), cli_text(o->to_day),
                 cli_text(o->time_zone));
    print_rows("DAY", o->per_day, o->n_per_day, NULL);
    (void)puts("");
    print_rows("BRANCH", o->per_branch, o->n_per_branch, o->total);
    if (o->events_behind > 0) {
        (void)printf("\n%" PRId64 " events are not counted yet.\n", o->events_behind);
    }
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct report_options *o = options;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__OverviewRequest body = TROTH__V1__OVERVIEW_REQUEST__INIT;
    char from[32];
    char to[32];
    char branch[128];

    if (count != 1 || strcmp(arguments[0], "overview") != 0) {
        return cli_wrong_usage(cli, "which report? There is: overview");
    }
    if ((o->from && !text_copy(from, sizeof(from), o->from)) ||
        (o->to && !text_copy(to, sizeof(to), o->to)) ||
        (o->branch && !text_copy(branch, sizeof(branch), o->branch))) {
        return cli_wrong_usage(cli, "a day is written 2026-11-01; a branch has at most 64 bytes");
    }
    body.from_day = o->from ? from : NULL;
    body.to_day = o->to ? to : NULL;
    body.branch = o->branch ? branch : NULL;
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_OVERVIEW;
    request.overview = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_OVERVIEW, print);
}

const struct cli_command cli_report = {
    .name = "report",
    .summary = "print a report: cases, responses, promises, calls, satisfaction",
    .usage = "overview [--from DAY] [--to DAY] [--branch CODE]",
    .description =
        "Prints the overview per day and per branch: cases opened, first responses with their\n"
        "median and 90th percentile, cases resolved, promises kept and broken (kept late counts "
        "as\n"
        "broken), calls placed and reached, satisfaction and NPS with the number of answers. Days\n"
        "are calendar days in reporting's time zone; what happened counts on the day it happened.",
    .examples = "troth report overview --from 2026-11-01 --to 2026-11-30\n"
                "troth report overview --branch north --json\n",
    .options = options_table,
    .options_size = sizeof(struct report_options),
    .run = run,
};
