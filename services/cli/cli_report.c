/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"
#include "services/cli/report_print.h"
#include "services/cli/worklist_words.h"

enum {
    FILTERS_MAX = 8,
    OVERVIEW_COLUMNS = 13,
};

struct report_options {
    const char *from, *to, *zone;
    const char *by;
    bool is_compared;
    int64_t limit;
    const char *bar;
    bool has_cases;
    const char *after;
    const char *language;
};

#define AT(field) offsetof(struct report_options, field)
#define FILTER(name, help)                                                                         \
    {                                                                                              \
        name, CLI_OPTION_FIELD, "VALUE", help, 0                                                   \
    }

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct cli_option options_table[] = {
    {"from", CLI_OPTION_TEXT, "DAY", "first day, such as 2026-11-01; else 30 days ago", AT(from)},
    {"to", CLI_OPTION_TEXT, "DAY", "last day, included; else today", AT(to)},
    {"zone", CLI_OPTION_TEXT, "ZONE", "refuse to answer in days of another time zone", AT(zone)},
    {"by", CLI_OPTION_TEXT, "GROUP", "day, week, month, branch, team, ...; none: the total alone", AT(by)},
    {"compare", CLI_OPTION_FLAG, NULL, "beside each figure that of the period before", AT(is_compared)},
    {"limit", CLI_OPTION_COUNT, "N", "rows at most, those with most cases first; else 100", AT(limit)},
    {"bar", CLI_OPTION_TEXT, "COLUMN", "draw this column (its name: see --json); none: no bars", AT(bar)},
    {"cases", CLI_OPTION_FLAG, NULL, "the cases behind the figures instead", AT(has_cases)},
    {"after", CLI_OPTION_TEXT, "PLACE", "with --cases: go on where the list before ended", AT(after)},
    {"language", CLI_OPTION_TEXT, "zh|en", "of the words; else English", AT(language)},
    FILTER("branch", "only this branch; goes with any --by"),
    FILTER("channel", "only this channel; as those below, with --by a time, none or itself"),
    FILTER("team", "only this team"),
    FILTER("staff", "only this staff code"),
    FILTER("category", "only this category"),
    FILTER("product", "only this product"),
    FILTER("tier", "only customers of this tier: bronze, silver, gold"),
    FILTER("priority", "only this priority: 1 to 4"),
    FILTER("contact-kind", "only complaint, request, enquiry or praise"),
    {.type = CLI_OPTION_END},
};
/* clang-format on */

/* ---- the overview: the figures most asked for, per day and branch, in one table each */

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
    const char *const titles[OVERVIEW_COLUMNS] = {
        first_title, ">CASES",  ">RESPONDED", ">MEDIAN",  ">P90",      ">RESOLVED", ">KEPT",
        ">BROKEN",   ">KEPT %", ">CALLS",     ">REACHED", ">CSAT (N)", ">NPS (N)"};
    struct cli_table table = {.titles = titles, .count = OVERVIEW_COLUMNS};

    for (size_t i = 0; i < count; i++) {
        add_row(&table, cli_text(text_is_empty(rows[i]->day) ? rows[i]->branch : rows[i]->day),
                rows[i]);
    }
    if (total) {
        add_row(&table, "all", total);
    }
    cli_table_print(&table, stdout);
}

static void print_overview(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__Overview *o = reply->overview;

    (void)ctx;
    (void)printf("%s to %s, days in %s\n\n", cli_text(o->from_day), cli_text(o->to_day),
                 cli_text(o->time_zone));
    print_rows("DAY", o->per_day, o->n_per_day, NULL);
    (void)puts("");
    print_rows("BRANCH", o->per_branch, o->n_per_branch, o->total);
    if (o->events_behind > 0) {
        (void)printf("\n%" PRId64 " events are not counted yet.\n", o->events_behind);
    }
}

/* ---- what was asked */

/* Filters, in the order given. */
struct filters {
    Troth__V1__FigureFilter body[FILTERS_MAX];
    Troth__V1__FigureFilter *list[FILTERS_MAX];
    size_t count;
};

static bool read_filters(const struct cli *cli, struct filters *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < cli->field_count; i++) {
        if (ret->count == FILTERS_MAX) {
            return false;
        }
        Troth__V1__FigureFilter *f = &ret->body[ret->count];
        troth__v1__figure_filter__init(f);
        f->dimension =
            cli_client_text(strcmp(cli->fields[i].name, "contact-kind") == 0 ? "contact_kind"
                                                                             : cli->fields[i].name);
        f->value = cli_client_text(cli->fields[i].value);
        ret->list[ret->count++] = f;
    }
    return true;
}

/* Places are two numbers. */
struct place {
    char text[64];
};

/* With filters that few cases pass a page may be empty, and says where the next one begins. */
static bool is_empty_page(void *ctx, Troth__V1__ReportRequest *request,
                          const Troth__V1__ReportReply *reply)
{
    struct place *after = ctx;

    if (request->body_case != TROTH__V1__REPORT_REQUEST__BODY_CASES || reply->cases->n_cases > 0 ||
        text_is_empty(reply->cases->next) ||
        !text_copy(after->text, sizeof(after->text), reply->cases->next)) {
        return false;
    }
    request->cases->after = after->text;
    return true;
}

static int ask(struct cli *cli, const struct report_options *o, Troth__V1__ReportRequest *request,
               cli_reporting_print_fn *print)
{
    static const struct {
        Troth__V1__ReportRequest__BodyCase asked;
        Troth__V1__ReportReply__BodyCase answered;
    } pairs[] = {
        {TROTH__V1__REPORT_REQUEST__BODY_OVERVIEW,  TROTH__V1__REPORT_REPLY__BODY_OVERVIEW },
        {TROTH__V1__REPORT_REQUEST__BODY_CATALOGUE, TROTH__V1__REPORT_REPLY__BODY_CATALOGUE},
        {TROTH__V1__REPORT_REQUEST__BODY_FIGURES,   TROTH__V1__REPORT_REPLY__BODY_FIGURES  },
        {TROTH__V1__REPORT_REQUEST__BODY_CASES,     TROTH__V1__REPORT_REPLY__BODY_CASES    },
    };
    struct place after;
    const struct cli_reporting_again again = {is_empty_page, &after};

    request->language = cli_client_text(worklist_is_chinese(o->language) ? "zh-Hans" : "en");
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        if (pairs[i].asked == request->body_case) {
            return cli_reporting_ask_on(cli, request, pairs[i].answered, &again, print, o);
        }
    }
    return CLI_USAGE;
}

static int ask_overview(struct cli *cli, const struct report_options *o)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__OverviewRequest body = TROTH__V1__OVERVIEW_REQUEST__INIT;

    for (size_t i = 0; i < cli->field_count; i++) {
        if (strcmp(cli->fields[i].name, "branch") != 0) {
            return cli_wrong_usage(cli, "the overview takes --from, --to and --branch alone");
        }
        body.branch = cli_client_text(cli->fields[i].value);
    }
    if (o->by || o->is_compared || o->has_cases) {
        return cli_wrong_usage(cli, "the overview takes --from, --to and --branch alone");
    }
    body.from_day = cli_client_text(o->from);
    body.to_day = cli_client_text(o->to);
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_OVERVIEW;
    request.overview = &body;
    return ask(cli, o, &request, print_overview);
}

static void print_catalogue(const void *ctx, const Troth__V1__ReportReply *reply)
{
    (void)ctx;
    report_print_catalogue(reply->catalogue, stdout);
}

static int ask_catalogue(struct cli *cli, const struct report_options *o)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CatalogueRequest body = TROTH__V1__CATALOGUE_REQUEST__INIT;

    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_CATALOGUE;
    request.catalogue = &body;
    return ask(cli, o, &request, print_catalogue);
}

static void print_figures(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const struct report_options *o = ctx;
    const bool has_bar = !o->bar || strcmp(o->bar, "none") != 0;
    const struct report_print print = {
        .bar = has_bar ? report_print_bar_column(reply->figures, o->bar) : REPORT_NO_BAR,
        .is_chinese = worklist_is_chinese(o->language),
        .out = stdout,
    };

    report_print_table(&print, reply->figures);
    if (has_bar && o->bar && print.bar == REPORT_NO_BAR) {
        (void)fprintf(stderr, "no column is called '%s'\n", o->bar);
    }
    if (!text_is_empty(reply->text)) {
        (void)fprintf(stderr, "%s\n", reply->text);
    }
}

static int ask_figures(struct cli *cli, const struct report_options *o, char *name,
                       struct filters *filters)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__FiguresRequest body = TROTH__V1__FIGURES_REQUEST__INIT;

    body.name = name;
    body.from_day = cli_client_text(o->from);
    body.to_day = cli_client_text(o->to);
    body.time_zone = cli_client_text(o->zone);
    body.group_by = cli_client_text(o->by);
    body.n_filters = filters->count;
    body.filters = filters->list;
    body.has_is_compared = body.is_compared = o->is_compared;
    body.has_limit = o->limit > 0;
    body.limit = (int32_t)o->limit;
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_FIGURES;
    request.figures = &body;
    return ask(cli, o, &request, print_figures);
}

static void print_cases(const void *ctx, const Troth__V1__ReportReply *reply)
{
    (void)ctx;
    report_print_cases(reply->cases, stdout);
}

static int ask_cases(struct cli *cli, const struct report_options *o, char *list,
                     struct filters *filters)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CasesRequest body = TROTH__V1__CASES_REQUEST__INIT;

    body.list = list;
    body.from_day = cli_client_text(o->from);
    body.to_day = cli_client_text(o->to);
    body.n_filters = filters->count;
    body.filters = filters->list;
    body.has_limit = o->limit > 0;
    body.limit = (int32_t)o->limit;
    body.after = cli_client_text(o->after);
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_CASES;
    request.cases = &body;
    return ask(cli, o, &request, print_cases);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct report_options *o = options;
    struct filters filters;

    if (count > 1) {
        return cli_wrong_usage(cli, "one report at a time");
    }
    if (o->limit > 500) {
        return cli_wrong_usage(cli, "--limit is at most 500");
    }
    if (count == 0) {
        return ask_catalogue(cli, o);
    }
    if (strcmp(arguments[0], "overview") == 0) {
        return ask_overview(cli, o);
    }
    if (!read_filters(cli, &filters)) {
        return cli_wrong_usage(cli, "too many filters");
    }
    return o->has_cases ? ask_cases(cli, o, arguments[0], &filters)
                        : ask_figures(cli, o, arguments[0], &filters);
}

const struct cli_command cli_report = {
    .name = "report",
    .summary = "print a report: response times, promises, satisfaction, causes, ...",
    .usage = "[NAME [--from DAY] [--to DAY] [--by GROUP] [--branch CODE] [--compare] ...]\n"
             "LIST --cases [--from DAY] [--to DAY] [--branch CODE] ...\n"
             "overview [--from DAY] [--to DAY] [--branch CODE]",
    .description =
        "Without a name: which reports there are and what each can be grouped by. Figures with an\n"
        "interval show in brackets what they may be off by (95 %); = is the total. Days are\n"
        "calendar days in reporting's time zone; what happened counts on the day it happened.\n"
        "--cases prints the cases behind figures; LIST is opened, answered, resolved, reopened,\n"
        "broken or low_answer (in the range), or open or due_next (now). The overview has the\n"
        "figures most asked for, per day and per branch.",
    .examples = "troth report timeliness --by branch --compare\n"
                "troth report promises --by week --team workshop --from 2026-09-01\n"
                "troth report broken --cases --branch north\n"
                "troth report overview --from 2026-11-01 --to 2026-11-30\n",
    .options = options_table,
    .options_size = sizeof(struct report_options),
    .run = run,
};
