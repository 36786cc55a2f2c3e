/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_send.h"
#include "services/cli/cli_table.h"
#include "services/cli/customer_erase.h"
#include "services/cli/customer_export.h"

struct customer_options {
    const char *source;
    const char *reason;
    bool wants_questions;
    bool wants_coverage;
    const char *output;
    const char *database;
    const char *ground, *asked_by, *key;
    bool is_confirmed, wants_rotation, forgets_do_not_call;
};

static const struct cli_option options_table[] = {
    {"source",                                                    CLI_OPTION_TEXT, "NAME", "whose reference it is; else the setting source",
     offsetof(struct customer_options, source)},
    {"questions",                                                     CLI_OPTION_FLAG, NULL, "list customers who may be one person",
     offsetof(struct customer_options, wants_questions)},
    {"reason",                            CLI_OPTION_TEXT, "TEXT", "why, for merge, unmerge and distinct; kept sealed",
     offsetof(struct customer_options, reason)},
    {"output",                                                           CLI_OPTION_TEXT, "FILE", "with export and erase: a new file that nobody else reads",
     offsetof(struct customer_options, output)},
    {"coverage",CLI_OPTION_FLAG, NULL,
     "with export: which tables it shows, and why not the others", offsetof(struct customer_options, wants_coverage)},
    {"database",                     CLI_OPTION_TEXT, "CONNINFO", "with export: PostgreSQL as troth_operator",
     offsetof(struct customer_options, database)},
    {"ground",                                           CLI_OPTION_TEXT, "WORD",
     "with erase: request, consent-withdrawn, purpose-ended, order; else request", offsetof(struct customer_options, ground)},
    {"asked-by",                                                    CLI_OPTION_TEXT, "WHO", "with erase: a code, no name; else customer",
     offsetof(struct customer_options, asked_by)},
    {"rotate",                                                     CLI_OPTION_FLAG, NULL, "with erase: older backups are to become unreadable too",
     offsetof(struct customer_options, wants_rotation)},
    {"may-be-called",                            CLI_OPTION_FLAG, NULL,
     "with erase: do not remember the wish not to be called", offsetof(struct customer_options, forgets_do_not_call)},
    {"yes",                                                           CLI_OPTION_FLAG, NULL, "with erase: do not ask",
     offsetof(struct customer_options, is_confirmed)},
    {"key",CLI_OPTION_TEXT, "FILE", "with erased: the public file of the audit key",
     offsetof(struct customer_options, key)},
    {.type = CLI_OPTION_END},
};

/* Of a person with several numbers the last column says whose case it is. */
static void print_cases(const Troth__V1__CustomerView *v)
{
    static const char *const titles[] = {"CASE",      "KIND",     "STATE",    "BRANCH",  "OPENED",
                                         "RESPONDED", "RESOLVED", "PROMISES", "CUSTOMER"};
    const bool is_merged = v->merged_into || v->n_followers > 0;
    struct cli_table table = {.titles = titles, .count = is_merged ? 9 : 8};
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
        if (is_merged) {
            cli_table_add(&table, "%s", cli_text(c->customer_number));
        }
    }
    if (v->n_cases > 0) {
        (void)puts("\nCases");
    }
    cli_table_print(&table, stdout);
}

static void print(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__CustomerView *v = reply->customer;
    char text[CLI_NAME_SIZE];

    (void)ctx;
    (void)printf("%s\n", cli_text(v->customer_number));
    if (v->merged_into) {
        (void)printf("follows     %s\n", v->merged_into);
    }
    for (size_t i = 0; i < v->n_followers; i++) {
        (void)printf("followed by %s\n", v->followers[i]);
    }
    for (size_t i = 0; i < v->n_references; i++) {
        (void)printf("known as    %s to %s\n", cli_text(v->references[i]->customer_ref),
                     cli_text(v->references[i]->source));
    }
    (void)printf("language    %s\n", cli_text(v->language));
    (void)printf("zone        %s\n", cli_text(v->time_zone));
    (void)printf("first seen  %s\n", cli_time_text(v->has_first_seen_us, v->first_seen_us, text));
    (void)printf("purchases   %" PRId64 "\n", v->purchases);
    if (v->is_erased) {
        (void)puts("erased      nothing personal is left; what happened stays");
    }
    if (v->do_not_call) {
        (void)puts("calls       none: do not call");
    }
    print_cases(v);
    if (v->n_follow_ups > 0) {
        (void)puts("\nFollow-ups");
    }
    cli_print_worklist(v->follow_ups, v->n_follow_ups);
}

static void print_questions(const void *ctx, const Troth__V1__ReportReply *reply)
{
    static const char *const titles[] = {"CUSTOMER", "OTHER", "SAME", "ASKED"};
    const Troth__V1__IdentityQuestions *list = reply->identity_questions;
    struct cli_table table = {.titles = titles, .count = 4};
    char text[CLI_NAME_SIZE];

    (void)ctx;
    for (size_t i = 0; i < list->n_questions; i++) {
        const Troth__V1__IdentityQuestion *q = list->questions[i];

        cli_table_add(&table, "%s", cli_text(q->customer_number));
        cli_table_add(&table, "%s", cli_text(q->other_number));
        cli_table_add(&table, "%s", cli_text(q->reason));
        cli_table_add(&table, "%s", cli_time_text(q->has_asked_us, q->asked_us, text));
    }
    if (list->n_questions == 0) {
        (void)puts("no questions: nothing leads to two customers");
    }
    cli_table_print(&table, stdout);
}

static int ask_questions(struct cli *cli)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__IdentityQuestionsRequest body = TROTH__V1__IDENTITY_QUESTIONS_REQUEST__INIT;

    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_IDENTITY_QUESTIONS;
    request.identity_questions = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_IDENTITY_QUESTIONS,
                             print_questions, NULL);
}

/* ---- merge, unmerge, distinct */

static Troth__V1__CustomerLinkAction link_action(const char *verb)
{
    static const struct {
        const char *verb;
        Troth__V1__CustomerLinkAction action;
    } verbs[] = {
        {"merge",    TROTH__V1__CUSTOMER_LINK_ACTION__CUSTOMER_LINK_ACTION_MERGE   },
        {"unmerge",  TROTH__V1__CUSTOMER_LINK_ACTION__CUSTOMER_LINK_ACTION_UNMERGE },
        {"distinct", TROTH__V1__CUSTOMER_LINK_ACTION__CUSTOMER_LINK_ACTION_DISTINCT},
    };
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verbs[i].verb, verb) == 0) {
            return verbs[i].action;
        }
    }
    return TROTH__V1__CUSTOMER_LINK_ACTION__CUSTOMER_LINK_ACTION_UNSPECIFIED;
}

static int send_link(struct cli *cli, const struct customer_options *o, char **arguments)
{
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__CustomerLink link = TROTH__V1__CUSTOMER_LINK__INIT;
    char reason[4096] = "";
    int64_t number;

    link.has_action = true;
    link.action = link_action(arguments[0]);
    if (!link.action || identifier_parse(IDENTIFIER_CUSTOMER, arguments[1], &number, NULL) < 0 ||
        identifier_parse(IDENTIFIER_CUSTOMER, arguments[2], &number, NULL) < 0) {
        return cli_wrong_usage(cli, "say merge, unmerge or distinct, and two numbers, K-...");
    }
    if (o->reason && !text_copy(reason, sizeof(reason), o->reason)) {
        return cli_wrong_usage(cli, "the reason has more than %zu bytes", sizeof(reason) - 1);
    }
    link.customer_number = arguments[1];
    link.other_number = arguments[2];
    link.reason = o->reason ? reason : NULL;
    record.body_case = TROTH__V1__RECORD__BODY_CUSTOMER_LINK;
    record.customer_link = &link;
    return cli_send_record(cli, cli->is_json, &record);
}

static int export_customer(struct cli *cli, const struct customer_options *o, int count,
                           char **arguments)
{
    if (o->wants_coverage && count == 1) {
        return customer_export_coverage();
    }
    if (count != 2) {
        return cli_wrong_usage(cli, "say whom to export: a reference, or K-...");
    }
    return customer_export(cli,
                           &(struct customer_export_options){
                               .source = o->source, .database = o->database, .output = o->output},
                           arguments[1]);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct customer_options *o = options;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CustomerRequest body = TROTH__V1__CUSTOMER_REQUEST__INIT;
    char source[64];
    int64_t number;

    if (count == 2 && strcmp(arguments[0], "erase") == 0) {
        return customer_erase(cli,
                              &(struct customer_erase_options){
                                  .source = o->source,
                                  .ground = o->ground,
                                  .asked_by = o->asked_by,
                                  .output = o->output,
                                  .wants_rotation = o->wants_rotation,
                                  .forgets_do_not_call = o->forgets_do_not_call,
                                  .is_confirmed = o->is_confirmed,
                              },
                              arguments[1]);
    }
    if (count == 2 && strcmp(arguments[0], "erased") == 0) {
        return customer_erased(cli, arguments[1], o->key);
    }
    if (count > 0 && strcmp(arguments[0], "export") == 0) {
        return export_customer(cli, o, count, arguments);
    }
    if (o->wants_questions && count == 0) {
        return ask_questions(cli);
    }
    if (count == 3 && !o->wants_questions) {
        return send_link(cli, o, arguments);
    }
    if (count != 1 || o->wants_questions) {
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
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_CUSTOMER, print, NULL);
}

const struct cli_command cli_customer = {
    .name = "customer",
    .summary = "show a customer, say who is one person",
    .usage = "REF [--source NAME]\n"
             "--questions\n"
             "merge|unmerge|distinct K-NUMBER K-OTHER [--reason TEXT]\n"
             "export REF [--source NAME] [--json] [--output FILE]\n"
             "export --coverage\n"
             "erase REF [--source NAME] [--ground WORD] [--asked-by WHO] [--rotate] [--yes]\n"
             "erased FILE --key FILE",
    .description =
        "Shows one customer. REF is the reference that a source knows the customer by, or the\n"
        "customer's own number, K-1234567-4. Names, numbers and texts are not shown: they are\n"
        "sealed, and every reading of them needs a purpose. References are shown to a key with "
        "the\n"
        "right 'disclosure', and each look at them is written down.\n"
        "\n"
        "With --questions it lists customers who may be one person: a verified phone or e-mail "
        "leads\n"
        "to both. 'merge' says that they are: the other one follows the first from then on, and "
        "each\n"
        "keeps its cases. 'unmerge' takes that back; 'distinct' says that they are two, and they "
        "are\n"
        "not asked about again. These need a key that may send records.\n"
        "\n"
        "'export' writes everything about one person, whatever numbers they were given: with "
        "--json "
        "as\n"
        "one file that proto/customer_export.schema.json describes, else in words. It reads as "
        "the\n"
        "operator, and what is sealed from intake: that takes a key with the right 'disclosure', "
        "and\n"
        "each reading is written down. How the score is made comes from loyalty (right 'scores').\n"
        "\n"
        "'erase' removes everything personal of a customer, and of all who are the same person, "
        "for\n"
        "good; what happened stays without a name, and so does every figure. It needs a key with "
        "the\n"
        "rights 'records' and 'erasure' (and 'reports', unless REF is a number), asks before it "
        "does\n"
        "it, and writes a signed receipt; said again, it only fetches that. A wish not to be "
        "called\n"
        "is kept as a keyed hash. 'erased' checks such a receipt without any service.",
    .examples =
        "troth customer W-17\ntroth customer W-17 --source web-shop\ntroth customer K-1234567-4\n"
        "troth customer --questions\n"
        "troth customer merge K-263172-4 K-1234567-4 --reason 'said so on the phone'\n"
        "troth customer erase K-263172-4 --asked-by customer --rotate --yes\n"
        "troth customer erased erased-K-263172-4.json --key audit.pub\n",
    .options = options_table,
    .options_size = sizeof(struct customer_options),
    .run = run,
};
