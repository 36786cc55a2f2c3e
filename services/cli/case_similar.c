/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/case_similar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "intake.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_table.h"

#define PURPOSE_SIZE 64
#define COUNT_MAX    20

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)m;

    if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        return true;
    }
    return reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_SIMILAR &&
           reply->similar->request_id && strcmp(reply->similar->request_id, ctx) == 0;
}

/* ---- the answer for people */

static void add_rate(struct cli_table *table, const Troth__V1__SimilarCase *c)
{
    if (c->times_used > 0) {
        cli_table_add(table, "%" PRId32 " of %" PRId32, c->times_succeeded, c->times_used);
    } else {
        cli_table_add(table, "-");
    }
}

static void add_row(struct cli_table *table, const Troth__V1__SimilarCase *c)
{
    char text[CLI_NAME_SIZE], took[DURATION_TEXT_SIZE];

    cli_table_add(table, "%s", cli_text(c->case_number));
    cli_table_add(table, "%.2f", c->similarity);
    cli_table_add(table, "%s", cli_text(c->category));
    cli_table_add(table, "%s", cli_time_text(c->has_resolved_us, c->resolved_us, text));
    cli_table_add(table, "%s", c->has_took_us ? duration_for_people(c->took_us, took) : "-");
    cli_table_add(table, "%s", cli_text(c->staff));
    cli_table_add(table, "%s", c->is_reference ? "reference" : "-");
    add_rate(table, c);
}

/* Somebody typed it: no control character of it reaches the terminal. */
static void print_note(const char *note)
{
    for (const char *p = note; *p; p++) {
        (void)putchar((unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p);
    }
    (void)putchar('\n');
}

static void print_notes(const Troth__V1__SimilarReply *reply)
{
    for (size_t i = 0; i < reply->n_cases; i++) {
        const Troth__V1__SimilarCase *c = reply->cases[i];

        if (!text_is_empty(c->note)) {
            (void)printf("\n%s: ", cli_text(c->case_number));
            print_note(c->note);
        }
    }
}

static void print(const Troth__V1__SimilarReply *reply)
{
    static const char *const titles[] = {"CASE", ">LIKE", "CATEGORY", "RESOLVED",
                                         "TOOK", "STAFF", "ANSWER",   "HELPED"};
    struct cli_table table = {.titles = titles, .count = 8};

    for (size_t i = 0; i < reply->n_cases; i++) {
        add_row(&table, reply->cases[i]);
    }
    if (reply->n_cases == 0) {
        (void)puts("No solved and confirmed case is like it.");
    }
    cli_table_print(&table, stdout);
    print_notes(reply);
}

static int refused(const struct cli *cli, const char *code, const char *text)
{
    struct err err = ERR_NONE;

    err_set(&err, code, "%s", text_is_empty(text) ? "intake does not answer this" : text);
    return cli_fail(cli, strcmp(code, "unavailable") == 0 ? CLI_NO_ANSWER : CLI_REFUSED, &err);
}

/* What is damaged is said beside what could be read. */
static int print_reply(const struct cli *cli, const Troth__V1__IntakeReply *reply)
{
    if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        return refused(cli, reply->error->code, reply->error->text);
    }
    const Troth__V1__SimilarReply *similar = reply->similar;
    const char *similar_code = similar->code ? similar->code : "";
    bool is_damaged = strcmp(similar_code, "damaged") == 0;

    if (similar_code[0] && !is_damaged) {
        return refused(cli, similar_code, NULL);
    }
    if (cli->is_json) {
        cli_print_json(&similar->base, stdout);
    } else {
        print(similar);
    }
    return is_damaged ? refused(cli, "damaged", "some texts cannot be opened: see intake's log")
                      : CLI_OK;
}

/* ---- the question */

static int ask(struct cli *cli, Troth__V1__SimilarRequest *body)
{
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    struct err err = ERR_NONE;
    char id[CLI_REQUEST_ID_SIZE];
    struct cli_client *client = cli_client_open(cli, CLI_INTAKE, &err);

    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    cli_client_request_id(id);
    body->request_id = id;
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_SIMILAR;
    request.similar = body;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)cli_client_ask(
        client, (const ProtobufCMessage *)&request, &troth__v1__intake_reply__descriptor, is_answer,
        id, &err);
    int code = reply ? print_reply(cli, reply) : cli_fail(cli, CLI_NO_ANSWER, &err);
    cli_client_close(client);
    return code;
}

int case_similar(struct cli *cli, const char *number, int64_t count, const char *purpose)
{
    Troth__V1__SimilarRequest body = TROTH__V1__SIMILAR_REQUEST__INIT;
    char text[IDENTIFIER_TEXT_SIZE], usual[PURPOSE_SIZE];
    struct err err = ERR_NONE;
    int64_t service_case;

    if (count > COUNT_MAX) {
        return cli_wrong_usage(cli, "--count is at most %d", COUNT_MAX);
    }
    if (identifier_parse(IDENTIFIER_CASE, number, &service_case, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    body.case_number = text;
    (void)identifier_format(IDENTIFIER_CASE, service_case, text);
    (void)text_format(usual, sizeof(usual), "case %s", text);
    body.has_count = count > 0;
    body.count = (int32_t)count;
    char *reason = xstrdup(purpose ? purpose : usual);
    body.purpose = reason;
    int code = ask(cli, &body);
    free(reason);
    return code;
}
