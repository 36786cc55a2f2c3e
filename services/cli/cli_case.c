/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "services/cli/case_link.h"
#include "services/cli/case_references.h"
#include "services/cli/case_similar.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"

static void print_history(const Troth__V1__CaseView *c)
{
    static const char *const titles[] = {"WHEN", "WHAT", "STAFF"};
    struct cli_table table = {.titles = titles, .count = 3};
    char text[CLI_NAME_SIZE];

    for (size_t i = 0; i < c->n_history; i++) {
        const Troth__V1__CaseHistory *h = c->history[i];

        cli_table_add(&table, "%s", cli_time_text(h->has_at_us, h->at_us, text));
        cli_table_add(&table, "%s", cli_text(h->what));
        cli_table_add(&table, "%s", cli_text(h->staff));
    }
    if (c->n_history > 0) {
        (void)puts("\nHistory");
    }
    cli_table_print(&table, stdout);
}

static void print(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__CaseView *c = reply->service_case;
    char kind[CLI_NAME_SIZE];
    char state[CLI_NAME_SIZE];
    char text[CLI_NAME_SIZE];

    (void)ctx;
    (void)printf("%s  %s, %s, priority %d\n", cli_text(c->case_number),
                 cli_enum_text(&troth__v1__contact_kind__descriptor, (int)c->kind, kind),
                 cli_enum_text(&troth__v1__case_state__descriptor, (int)c->state, state),
                 (int)c->priority);
    (void)printf("customer        %s\n", cli_text(c->customer_number));
    (void)printf("channel         %s\n", cli_text(c->channel));
    (void)printf("branch          %s\n", cli_text(c->branch));
    (void)printf("category        %s\n", cli_text(c->category));
    (void)printf("product         %s\n", cli_text(c->product));
    (void)printf("owner           %s\n", cli_text(c->owner_team));
    (void)printf("opened          %s\n", cli_time_text(c->has_opened_us, c->opened_us, text));
    (void)printf("first response  %s\n",
                 cli_time_text(c->has_first_response_us, c->first_response_us, text));
    (void)printf("resolved        %s\n", cli_time_text(c->has_resolved_us, c->resolved_us, text));
    cli_print_promises(c->promises, c->n_promises);
    print_history(c);
    if (c->n_follow_ups > 0) {
        (void)puts("\nFollow-ups");
    }
    cli_print_worklist(c->follow_ups, c->n_follow_ups);
}

struct case_options {
    int64_t count;
    const char *purpose;
    const char *database;
    int64_t days;
    bool is_revoked;
};

static const struct cli_option options_table[] = {
    {"count",                                                                   CLI_OPTION_COUNT, "N",
     "similar: at most so many, 1 to 20, else 5; references: so many", offsetof(struct case_options, count)},
    {"purpose",                                                                      CLI_OPTION_TEXT, "TEXT",
     "similar: why the notes are read, as in 'follow_up F-...'; else the case", offsetof(struct case_options, purpose)},
    {"database",                                             CLI_OPTION_TEXT, "CONNINFO",
     "references: PostgreSQL as troth_operator; else the setting", offsetof(struct case_options, database)},
    {"days",                                                                         CLI_OPTION_COUNT, "N", "link: good for so many days, 1 to 30, else 30",
     offsetof(struct case_options, days)},
    {"revoke",CLI_OPTION_FLAG, NULL, "link: take back all links of the case",
     offsetof(struct case_options, is_revoked)},
    {.type = CLI_OPTION_END},
};

static int show(struct cli *cli, char *number)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CaseRequest body = TROTH__V1__CASE_REQUEST__INIT;

    body.case_number = number;
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_SERVICE_CASE;
    request.service_case = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_SERVICE_CASE, print,
                             NULL);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct case_options *o = options;

    if (count == 2 && strcmp(arguments[0], "similar") == 0) {
        return case_similar(cli, arguments[1], o->count, o->purpose);
    }
    if (count == 2 && strcmp(arguments[0], "link") == 0) {
        return case_link(cli, arguments[1], o->days, o->is_revoked);
    }
    if (count == 1 && strcmp(arguments[0], "references") == 0) {
        return case_references(cli, o->database, o->count);
    }
    if (count != 1 || strcmp(arguments[0], "similar") == 0 || strcmp(arguments[0], "link") == 0) {
        return cli_wrong_usage(cli, "give the number of one case");
    }
    return show(cli, arguments[0]);
}

const struct cli_command cli_case = {
    .name = "case",
    .summary = "show where a case stands, and what solved others like it",
    .usage = "NUMBER\n"
             "similar NUMBER [--count N] [--purpose TEXT]\n"
             "references [--count N] [--database CONNINFO]\n"
             "link NUMBER [--days N]\n"
             "link NUMBER --revoke",
    .description =
        "Shows one case: its state, its promises and whether they were kept, what happened when,\n"
        "and the follow-ups planned because of it. NUMBER is as in a receipt, C-1234567-4.\n"
        "'case similar' asks intake for the solved cases that are most like it, and whose "
        "customers\n"
        "said that they were: how much alike (1 is the same), how long they took, what solved "
        "them, "
        "and\n"
        "how often the cases that were solved like them stayed so. Each note that is read is "
        "written\n"
        "down; it takes the right 'disclosure' for case_texts. 'case references' lists the answers "
        "that\n"
        "staff marked as the reference for a problem, from the database. 'case link' makes a link "
        "to the\n"
        "customer's own page of the case, which is shown this once and can be sent by any way; "
        "--revoke\n"
        "takes back all that were made. It takes the rights 'reports' and 'disclosure'.",
    .examples = "troth case C-1234567-4\ntroth case similar C-1234567-4 --count 3\n"
                "troth case references\ntroth case link C-1234567-4 --days 14\n",
    .options = options_table,
    .options_size = sizeof(struct case_options),
    .run = run,
};
