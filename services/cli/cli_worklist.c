/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"
#include "services/cli/worklist_result.h"
#include "services/cli/worklist_screen.h"
#include "services/cli/worklist_words.h"

struct worklist_options {
    const char *staff, *branch, *language;
    const char *solved, *note, *new_phone, *speaks, *refuse;
    int64_t lease_us, call_back_us;
};

#define AT(field) offsetof(struct worklist_options, field)

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct cli_option options_table[] = {
    {"staff", CLI_OPTION_TEXT, "CODE", "who you are; always needed", AT(staff)},
    {"branch", CLI_OPTION_TEXT, "CODE", "with next: only of this branch; else any", AT(branch)},
    {"language", CLI_OPTION_TEXT, "zh|en", "with next: of the screen; else the customer's", AT(language)},
    {"lease", CLI_OPTION_DURATION, "TIME", "with next: time to accept it, up to 1h; else 5m", AT(lease_us)},
    {"answer", CLI_OPTION_FIELD, "CODE=VALUE", "with outcome: csat=4, nps=9; again for each question", 0},
    {"solved", CLI_OPTION_TEXT, "yes|no", "with outcome: is the problem really solved?", AT(solved)},
    {"note", CLI_OPTION_TEXT, "TEXT", "with outcome: what the customer said", AT(note)},
    {"new-phone", CLI_OPTION_TEXT, "NUMBER", "with outcome: the customer has another number now", AT(new_phone)},
    {"speaks", CLI_OPTION_TEXT, "LANGUAGE", "with outcome: the customer speaks this one", AT(speaks)},
    {"call-back", CLI_OPTION_INSTANT, "TIME", "with outcome call_back: when the customer wants it", AT(call_back_us)},
    {"refuse", CLI_OPTION_TEXT, "this|purpose|all",
     "with outcome: the customer says no: this call, purpose, all", AT(refuse)},
    {.type = CLI_OPTION_END},
};
/* clang-format on */

/* ---- asking */

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)m;
    const char *id = NULL;
    if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_ERROR) {
        return true;
    }
    if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_WORKLIST_AGENDA) {
        id = reply->worklist_agenda->request_id;
    } else if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_WORKLIST_RECEIPT) {
        id = reply->worklist_receipt->request_id;
    }
    return id && strcmp(id, ctx) == 0;
}

typedef int print_fn(const struct cli *cli, const struct worklist_options *o,
                     const Troth__V1__DialerReply *reply);

static int ask(const struct cli *cli, const struct worklist_options *o,
               Troth__V1__DialerRequest *request, char *id, print_fn *print)
{
    struct err err = ERR_NONE;
    struct cli_client *client = cli_client_open(cli, CLI_FOLLOWUP, &err);
    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)cli_client_ask(
        client, &request->base, &troth__v1__dialer_reply__descriptor, is_answer, id, &err);
    int code = CLI_NO_ANSWER;
    if (!reply) {
        (void)cli_fail(cli, code, &err);
    } else if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_ERROR) {
        code = cli_reporting_refused(cli, cli_text(reply->error->code), reply->error->text);
    } else {
        code = print(cli, o, reply);
    }
    cli_client_close(client);
    return code;
}

/* ---- next */

static int print_agenda(const struct cli *cli, const struct worklist_options *o,
                        const Troth__V1__DialerReply *reply)
{
    const Troth__V1__WorklistAgenda *agenda = reply->worklist_agenda;
    const char *customers = agenda->order ? agenda->order->language : NULL;
    const struct worklist_screen screen = {
        .staff = o->staff,
        .is_chinese = worklist_is_chinese(o->language ? o->language : customers),
        .now_us = instant_now_us(),
    };
    if (cli->is_json) {
        cli_print_json(&agenda->base, stdout);
    } else {
        worklist_screen_print(&screen, agenda, stdout);
    }
    return CLI_OK;
}

static int next(const struct cli *cli, const struct worklist_options *o)
{
    char id[CLI_REQUEST_ID_SIZE];
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    Troth__V1__WorklistTake take = TROTH__V1__WORKLIST_TAKE__INIT;
    if (o->lease_us != 0 && (o->lease_us < DURATION_S || o->lease_us > DURATION_H)) {
        return cli_wrong_usage(cli, "--lease is 1s to 1h");
    }
    cli_client_request_id(id);
    take.request_id = id;
    take.staff = cli_client_text(o->staff);
    take.branch = cli_client_text(o->branch);
    take.language = cli_client_text(o->language);
    take.has_lease_s = o->lease_us != 0;
    take.lease_s = (int32_t)(o->lease_us / DURATION_S);
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_TAKE;
    request.worklist_take = &take;
    return ask(cli, o, &request, id, print_agenda);
}

/* ---- accept, outcome, snooze, return */

static int print_receipt(const struct cli *cli, const struct worklist_options *o,
                         const Troth__V1__DialerReply *reply)
{
    const Troth__V1__WorklistReceipt *receipt = reply->worklist_receipt;
    (void)o;
    if (!text_is_empty(receipt->code)) {
        return cli_reporting_refused(cli, receipt->code, receipt->text);
    }
    if (cli->is_json) {
        cli_print_json(&receipt->base, stdout);
    } else {
        (void)printf("done %s\n", cli_text(receipt->key));
    }
    return CLI_OK;
}

static int report(const struct cli *cli, const struct worklist_options *o,
                  Troth__V1__WorklistReport *body)
{
    char id[CLI_REQUEST_ID_SIZE];
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    cli_client_request_id(id);
    body->request_id = id;
    body->staff = cli_client_text(o->staff);
    body->has_action = true;
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_REPORT;
    request.worklist_report = body;
    return ask(cli, o, &request, id, print_receipt); /* NOLINT: body is ours */
}

static int outcome(const struct cli *cli, const struct worklist_options *o, char *key,
                   const char *said_outcome)
{
    struct err err = ERR_NONE;
    Troth__V1__WorklistReport body = TROTH__V1__WORKLIST_REPORT__INIT;
    struct worklist_result result;
    const char **answers = xcalloc(cli->field_count + 1, sizeof(*answers));
    for (size_t i = 0; i < cli->field_count; i++) {
        answers[i] = cli->fields[i].value;
    }
    const struct worklist_said said = {
        .outcome = said_outcome,
        .answers = answers,
        .answer_count = cli->field_count,
        .solved = o->solved,
        .note = o->note,
        .new_phone = o->new_phone,
        .speaks = o->speaks,
        .refuse = o->refuse,
        .call_back_us = o->call_back_us,
    };
    int rc = worklist_result_read(&said, &result, &err);
    free(answers);
    if (rc < 0) {
        return cli_wrong_usage(cli, "%s", err.text);
    }
    body.key = key;
    body.action = TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_OUTCOME;
    body.result = &result.result;
    return report(cli, o, &body);
}

static int snooze(const struct cli *cli, const struct worklist_options *o, char *key,
                  const char *until)
{
    Troth__V1__WorklistReport body = TROTH__V1__WORKLIST_REPORT__INIT;
    int64_t until_us;
    if (instant_parse(until, &until_us) < 0) {
        return cli_wrong_usage(cli, "'%s' is no time: 2026-11-21T08:15:00Z", until);
    }
    body.key = key;
    body.action = TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_SNOOZE;
    body.has_until_us = true;
    body.until_us = until_us;
    return report(cli, o, &body);
}

static int act(const struct cli *cli, const struct worklist_options *o,
               Troth__V1__WorklistAction action, char *key)
{
    Troth__V1__WorklistReport body = TROTH__V1__WORKLIST_REPORT__INIT;
    body.key = key;
    body.action = action;
    return report(cli, o, &body);
}

static bool has_result_options(const struct cli *cli, const struct worklist_options *o)
{
    return cli->field_count > 0 || o->solved || o->note || o->new_phone || o->speaks || o->refuse ||
           o->call_back_us != 0;
}

static bool has_next_options(const struct worklist_options *o)
{
    return o->branch || o->language || o->lease_us != 0;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct worklist_options *o = options;
    const char *verb = count > 0 ? arguments[0] : "";
    bool is_outcome = strcmp(verb, "outcome") == 0;
    bool is_next = strcmp(verb, "next") == 0;
    if ((has_result_options(cli, o) && !is_outcome) || (has_next_options(o) && !is_next)) {
        return cli_wrong_usage(cli, "--branch, --language and --lease go with next, what the "
                                    "customer said goes with outcome");
    }
    if (!o->staff) {
        return cli_wrong_usage(cli, "--staff says who you are");
    }
    if (is_next && count == 1) {
        return next(cli, o);
    }
    if (is_outcome && count == 3) {
        return outcome(cli, o, arguments[1], arguments[2]);
    }
    if (strcmp(verb, "snooze") == 0 && count == 3) {
        return snooze(cli, o, arguments[1], arguments[2]);
    }
    if (strcmp(verb, "accept") == 0 && count == 2) {
        return act(cli, o, TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_ACCEPT, arguments[1]);
    }
    if (strcmp(verb, "return") == 0 && count == 2) {
        return act(cli, o, TROTH__V1__WORKLIST_ACTION__WORKLIST_ACTION_RETURN, arguments[1]);
    }
    return cli_wrong_usage(cli, "say next, accept ORDER, outcome ORDER HOW, snooze ORDER TIME or "
                                "return ORDER");
}

const struct cli_command cli_worklist = {
    .name = "worklist",
    .summary = "call customers yourself: the next conversation, and how it went",
    .usage = "next --staff CODE [--branch CODE] [--language zh|en] [--lease TIME]\n"
             "accept ORDER --staff CODE\n"
             "outcome ORDER HOW --staff CODE [--answer CODE=VALUE]... [--solved yes|no] ...\n"
             "snooze ORDER TIME --staff CODE\n"
             "return ORDER --staff CODE",
    .description =
        "next hands out one conversation: whom to call, what to say and ask, and what happened "
        "with\n"
        "the customer. It is yours alone until its lease ends; then somebody else may have it.\n"
        "\n"
        "accept says that you call now. outcome says how it went: answered, partly_answered, "
        "busy,\n"
        "no_answer, voicemail, machine, wrong_number, invalid_number, refused, call_back, "
        "language,\n"
        "failed (it could not be placed; ends what was listed). The answers become records of the\n"
        "customer, as those of any dialer.\n"
        "\n"
        "snooze puts it off until a time within its window. return lets somebody else have it; you "
        "do\n"
        "not get it again for an hour.",
    .examples = "troth worklist next --staff li --language zh\n"
                "troth worklist accept F-1234567-4/1 --staff li\n"
                "troth worklist outcome F-1234567-4/1 answered --staff li --answer csat=4 --solved "
                "yes\n"
                "troth worklist outcome F-1234567-4/1 call_back --staff li --call-back "
                "2026-11-23T09:00:00Z\n",
    .options = options_table,
    .options_size = sizeof(struct worklist_options),
    .run = run,
};
