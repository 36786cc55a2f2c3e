/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

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

static void print(const struct cli *cli, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__CaseView *c = reply->service_case;
    char kind[CLI_NAME_SIZE];
    char state[CLI_NAME_SIZE];
    char text[CLI_NAME_SIZE];

    (void)cli;
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

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CaseRequest body = TROTH__V1__CASE_REQUEST__INIT;

    (void)options;
    if (count != 1) {
        return cli_wrong_usage(cli, "give the number of one case");
    }
    body.case_number = arguments[0];
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_SERVICE_CASE;
    request.service_case = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_SERVICE_CASE, print);
}

const struct cli_command cli_case = {
    .name = "case",
    .summary = "show where a case stands",
    .usage = "NUMBER",
    .description =
        "Shows one case: its state, its promises and whether they were kept, what happened when,\n"
        "and the follow-ups planned because of it. NUMBER is as in a receipt, C-1234567-4.",
    .examples = "troth case C-1234567-4\n",
    .run = run,
};
