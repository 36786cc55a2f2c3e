/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"

struct customer_options {
    const char *source;
};

static const struct cli_option options_table[] = {
    {"source", CLI_OPTION_TEXT, "NAME", "whose reference it is; else the setting source",
     offsetof(struct customer_options, source)},
    {.type = CLI_OPTION_END },
};

static void print_cases(const Troth__V1__CustomerView *v)
{
    static const char *const titles[] = {"CASE",   "KIND",      "STATE",    "BRANCH",
                                         "OPENED", "RESPONDED", "RESOLVED", "PROMISES"};
    struct cli_table table = {.titles = titles, .count = 8};
    char text[CLI_NAME_SIZE];

    for (size_t i = 0; i < v->n_cases; i++) {
        const Troth__V1__CaseView *c = v->cases[i];

        cli_table_add(&table, "%s", cli_text(c->case_number));
        cli_table_add(&table, "%s",
                      cli_enum_text(&troth__v1__contact_kind__descriptor, (int)c->kind, text));
        cli_table_add(&table, "%s",
                      cli_enum_text(&troth__v1__case_state__descriptor, (int)c->state, text));
        cli_table_add(&table, "%s", cli_text(c->branch));
        cli_table_add(&table, "%s", cli_time_text(c->has_opened_us, c->opened_us, text));
        cli_table_add(&table, "%s",
                      cli_time_text(c->has_first_response_us, c->first_response_us, text));
        cli_table_add(&table, "%s", cli_time_text(c->has_resolved_us, c->resolved_us, text));
        cli_table_add(&table, "%zu", c->n_promises);
    }
    if (v->n_cases > 0) {
        (void)puts("\nCases");
    }
    cli_table_print(&table, stdout);
}

static void print(const struct cli *cli, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__CustomerView *v = reply->customer;
    char text[CLI_NAME_SIZE];

    (void)cli;
    (void)printf("%s\n", cli_text(v->customer_number));
    for (size_t i = 0; i < v->n_references; i++) {
        (void)printf("known as    %s to %s\n", cli_text(v->references[i]->customer_ref),
                     cli_text(v->references[i]->source));
    }
    (void)printf("language    %s\n", cli_text(v->language));
    (void)printf("zone        %s\n", cli_text(v->time_zone));
    (void)printf("first seen  %s\n", cli_time_text(v->has_first_seen_us, v->first_seen_us, text));
    (void)printf("purchases   %" PRId64 "\n", v->purchases);
    print_cases(v);
    if (v->n_follow_ups > 0) {
        (void)puts("\nFollow-ups");
    }
    cli_print_worklist(v->follow_ups, v->n_follow_ups);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct customer_options *o = options;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CustomerRequest body = TROTH__V1__CUSTOMER_REQUEST__INIT;
    char source[64];
    int64_t number;

    if (count != 1) {
        return cli_wrong_usage(cli, "give one customer: the source's reference, or K-...");
    }
    if (identifier_parse(IDENTIFIER_CUSTOMER, arguments[0], &number, NULL) == 0) {
        body.customer_number = arguments[0];
    } else {
        body.customer_ref = arguments[0];
        text_copy(source, sizeof(source), o->source ? o->source : cli->settings.source);
        body.source = source;
    }
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_CUSTOMER;
    request.customer = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_CUSTOMER, print);
}

const struct cli_command cli_customer = {
    .name = "customer",
    .summary = "show a customer: cases, promises, follow-ups",
    .usage = "REF [--source NAME]",
    .description =
        "Shows one customer. REF is the reference that a source knows the customer by, or the\n"
        "customer's own number, K-1234567-4. Names, numbers and texts are not shown: they are\n"
        "sealed, and every reading of them needs a purpose.",
    .examples =
        "troth customer W-17\ntroth customer W-17 --source web-shop\ntroth customer K-1234567-4\n",
    .options = options_table,
    .options_size = sizeof(struct customer_options),
    .run = run,
};
