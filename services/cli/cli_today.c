/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"
#include "services/cli/worklist_words.h"

struct today_options {
    const char *branch;
    const char *language;
};

static const struct cli_option options_table[] = {
    {"branch",                       CLI_OPTION_TEXT, "CODE", "only this branch", offsetof(struct today_options, branch)},
    {"language",                        CLI_OPTION_TEXT, "zh|en", "of the rules' names; else English",
     offsetof(struct today_options, language)},
    {.type = CLI_OPTION_END},
};

/* "in 2 h 5 min", "3 d 1 h ago". */
static void add_distance(struct cli_table *t, int64_t now_us, int64_t at_us)
{
    char text[DURATION_TEXT_SIZE];

    if (at_us >= now_us) {
        cli_table_add(t, "in %s", duration_for_people(at_us - now_us, text));
    } else {
        cli_table_add(t, "%s ago", duration_for_people(now_us - at_us, text));
    }
}

static void print_promises(const char *title, int64_t all, const Troth__V1__Today *today,
                           Troth__V1__TodayPromise *const *list, size_t count)
{
    static const char *const titles[] = {"DUE", "", "PROMISE", "KIND", "CASE", "BRANCH", "TEAM"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    char text[CLI_NAME_SIZE];

    (void)printf("\n%s: %" PRId64 "\n", title, all);
    for (size_t i = 0; i < count; i++) {
        const Troth__V1__TodayPromise *p = list[i];
        cli_table_add(&table, "%s", cli_time_text(p->has_due_us, p->due_us, text));
        add_distance(&table, today->now_us, p->due_us);
        cli_table_add(&table, "%s", cli_text(p->promise_number));
        cli_table_add(&table, "%s", cli_text(p->kind));
        cli_table_add(&table, "%s", cli_text(p->case_number));
        cli_table_add(&table, "%s", cli_text(p->branch));
        cli_table_add(&table, "%s", cli_text(p->team));
    }
    cli_table_print(&table, stdout);
}

static void print_follow_ups(const char *title, int64_t all,
                             Troth__V1__WorklistEntry *const *entries, size_t count)
{
    (void)printf("\n%s: %" PRId64 "\n", title, all);
    cli_print_worklist(entries, count);
}

static void print_warnings(const Troth__V1__Today *today)
{
    static const char *const titles[] = {"DAY", "WHAT", "", ">COUNT", ">USUAL", ">+-", "DETECTORS"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    struct text detectors = {.data = NULL};

    (void)printf("\nEarly warnings that nobody has seen: %" PRId64 "\n", today->warning_count);
    for (size_t i = 0; i < today->n_warnings; i++) {
        const Troth__V1__EarlyWarning *w = today->warnings[i];
        text_clear(&detectors);
        for (size_t k = 0; k < w->n_detectors; k++) {
            text_appendf(&detectors, "%s%s", k == 0 ? "" : " ", w->detectors[k]);
        }
        cli_table_add(&table, "%s", cli_text(w->day));
        cli_table_add(&table, "%s", cli_text(w->measure));
        cli_table_add(&table, "%s %s", cli_text(w->dimension), cli_text(w->value));
        cli_table_add(&table, "%" PRId64, w->count);
        cli_table_add(&table, "%.1f", w->mean);
        cli_table_add(&table, "%.1f", w->deviation);
        cli_table_add(&table, "%s", cli_text(detectors.data));
    }
    cli_table_print(&table, stdout);
    text_free(&detectors);
}

static void print_differences(const Troth__V1__Today *today)
{
    static const char *const titles[] = {"DAY", "FIGURE", "BRANCH", ">COUNTED", ">FACTS"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};

    if (today->n_differences == 0) {
        return;
    }
    (void)puts("\nFigures that do not equal the facts");
    for (size_t i = 0; i < today->n_differences; i++) {
        const Troth__V1__FigureDifference *d = today->differences[i];
        cli_table_add(&table, "%s", cli_text(d->day));
        cli_table_add(&table, "%s", cli_text(d->figure));
        cli_table_add(&table, "%s", cli_text(d->branch));
        cli_table_add(&table, "%" PRId64, d->counted);
        cli_table_add(&table, "%" PRId64, d->facts);
    }
    cli_table_print(&table, stdout);
}

static void print(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__Today *t = reply->today;
    char text[CLI_NAME_SIZE];

    (void)ctx;
    (void)printf("Now %s. Open cases where it is our turn: %" PRId64 "\n",
                 cli_time_text(t->has_now_us, t->now_us, text), t->waiting_count);
    print_promises("Promises due next; within 24 hours", t->due_next_count, t, t->due_next,
                   t->n_due_next);
    print_promises("Broken and not made good", t->overdue_count, t, t->overdue, t->n_overdue);
    print_follow_ups("Calls of which nobody knows what became", t->unknown_call_count,
                     t->unknown_calls, t->n_unknown_calls);
    print_follow_ups("Follow-ups missed in the last 7 days", t->missed_follow_up_count,
                     t->missed_follow_ups, t->n_missed_follow_ups);
    print_follow_ups("Follow-ups that wait for a person", t->listed_count, t->listed, t->n_listed);
    print_warnings(t);
    print_differences(t);
    if (t->events_behind > 0) {
        (void)printf("\n%" PRId64 " events are not counted yet.\n", t->events_behind);
    }
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct today_options *o = options;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__TodayRequest body = TROTH__V1__TODAY_REQUEST__INIT;

    (void)arguments;
    if (count > 0) {
        return cli_wrong_usage(cli, "'today' takes no argument");
    }
    body.branch = cli_client_text(o->branch);
    request.language = cli_client_text(worklist_is_chinese(o->language) ? "zh-Hans" : "en");
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_TODAY;
    request.today = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_TODAY, print, NULL);
}

const struct cli_command cli_today = {
    .name = "today",
    .summary = "what needs a person now: promises, calls, follow-ups, early warnings",
    .usage = "[--branch CODE] [--language zh|en]",
    .description =
        "Prints which promises are due next and which are broken and not made good, calls of\n"
        "which nobody knows what became, follow-ups that were missed or wait for a person,\n"
        "early warnings that nobody has seen, and figures that do not equal the facts. Each\n"
        "list has the 50 most urgent.",
    .examples = "troth today\ntroth today --branch north\n",
    .options = options_table,
    .options_size = sizeof(struct today_options),
    .run = run,
};
