/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_reporting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_table.h"

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__ReportReply *reply = (const Troth__V1__ReportReply *)m;

    return reply->request_id && strcmp(reply->request_id, ctx) == 0;
}

int cli_reporting_refused(const struct cli *cli, const char *code, const char *text)
{
    struct err err = ERR_NONE;

    err_set(&err, code, "%s", text_is_empty(text) ? "the service cannot answer this" : text);
    return cli_fail(cli, strcmp(code, "unavailable") == 0 ? CLI_NO_ANSWER : CLI_REFUSED, &err);
}

/* How an answer is printed. */
struct printing {
    Troth__V1__ReportReply__BodyCase body_case;
    cli_reporting_print_fn *print;
    const void *ctx;
};

static int print_reply(const struct cli *cli, const Troth__V1__ReportReply *reply,
                       const struct printing *p)
{
    if (!text_is_empty(reply->code)) {
        return cli_reporting_refused(cli, reply->code, reply->text);
    }
    if (reply->body_case != p->body_case) {
        return cli_reporting_refused(cli, "unexpected_answer",
                                     "the answer is about something else");
    }
    if (cli->is_json) {
        cli_print_json(&reply->base, stdout);
    } else {
        p->print(p->ctx, reply);
    }
    return CLI_OK;
}

static const Troth__V1__ReportReply *ask_one(struct cli_client *client,
                                             Troth__V1__ReportRequest *request, struct err *err)
{
    char id[CLI_REQUEST_ID_SIZE];

    cli_client_request_id(id);
    request->request_id = id;
    const Troth__V1__ReportReply *reply = (const Troth__V1__ReportReply *)cli_client_ask(
        client, &request->base, &troth__v1__report_reply__descriptor, is_answer, id, err);
    request->request_id = NULL;
    return reply;
}

int cli_reporting_ask_on(struct cli *cli, Troth__V1__ReportRequest *request,
                         Troth__V1__ReportReply__BodyCase body_case,
                         const struct cli_reporting_again *again, cli_reporting_print_fn *print,
                         const void *ctx)
{
    const struct printing printing = {body_case, print, ctx};
    struct err err = ERR_NONE;
    struct cli_client *client = cli_client_open(cli, CLI_REPORTING, &err);

    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    const Troth__V1__ReportReply *reply = ask_one(client, request, &err);
    while (reply && again && text_is_empty(reply->code) && reply->body_case == body_case &&
           again->look(again->ctx, request, reply)) {
        reply = ask_one(client, request, &err);
    }
    int code = reply ? print_reply(cli, reply, &printing) : cli_fail(cli, CLI_NO_ANSWER, &err);
    cli_client_close(client);
    return code;
}

int cli_reporting_ask(struct cli *cli, Troth__V1__ReportRequest *request,
                      Troth__V1__ReportReply__BodyCase body_case, cli_reporting_print_fn *print,
                      const void *ctx)
{
    return cli_reporting_ask_on(cli, request, body_case, NULL, print, ctx);
}

void cli_print_promises(Troth__V1__PromiseView *const *promises, size_t count)
{
    static const char *const titles[] = {"PROMISE", "KIND", "STATE",   "MADE",
                                         "DUE",     "DONE", "REPLACES"};
    struct cli_table table = {.titles = titles, .count = 7};
    char text[CLI_NAME_SIZE];

    for (size_t i = 0; i < count; i++) {
        const Troth__V1__PromiseView *p = promises[i];

        cli_table_add(&table, "%s", cli_text(p->promise_number));
        cli_table_add(&table, "%s", cli_text(p->kind));
        cli_table_add(&table, "%s",
                      cli_enum_text(&troth__v1__promise_state__descriptor, (int)p->state, text));
        cli_table_add(&table, "%s", cli_time_text(p->has_made_us, p->made_us, text));
        cli_table_add(&table, "%s", cli_time_text(p->has_due_us, p->due_us, text));
        cli_table_add(&table, "%s", cli_time_text(p->has_done_us, p->done_us, text));
        cli_table_add(&table, "%s", cli_text(p->replaces));
    }
    if (count > 0) {
        (void)puts("\nPromises");
    }
    cli_table_print(&table, stdout);
}

void cli_print_worklist(Troth__V1__WorklistEntry *const *entries, size_t count)
{
    static const char *const titles[] = {"FOLLOW-UP", "CUSTOMER", "CASE",  "RULE",      "STATE",
                                         "REASON",    "DUE",      "UNTIL", ">ATTEMPTS", "LAST"};
    struct cli_table table = {.titles = titles, .count = 10};
    char text[CLI_NAME_SIZE];

    for (size_t i = 0; i < count; i++) {
        const Troth__V1__WorklistEntry *e = entries[i];

        cli_table_add(&table, "%s", cli_text(e->follow_up_number));
        cli_table_add(&table, "%s", cli_text(e->customer_number));
        cli_table_add(&table, "%s", cli_text(e->case_number));
        cli_table_add(&table, "%s", cli_text(e->rule_words ? e->rule_words : e->rule));
        cli_table_add(&table, "%s",
                      cli_enum_text(&troth__v1__follow_up_state__descriptor, (int)e->state, text));
        cli_table_add(&table, "%s", cli_text(e->reason));
        cli_table_add(&table, "%s", cli_time_text(e->has_due_us, e->due_us, text));
        cli_table_add(&table, "%s", cli_time_text(e->has_window_end_us, e->window_end_us, text));
        cli_table_add(&table, "%" PRId32, e->attempts);
        cli_table_add(
            &table, "%s",
            cli_enum_text(&troth__v1__call_outcome__descriptor, (int)e->last_outcome, text));
    }
    cli_table_print(&table, stdout);
}
