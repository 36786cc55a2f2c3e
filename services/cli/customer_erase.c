/* SPDX-License-Identifier: Apache-2.0 */
/*
 * customer_erase.c - 1. who it is, 2. is that wanted, 3. the record, 4. its signed receipt.
 *
 * Whatever ends it after the record was taken, the same command with the number asks for the
 * receipt alone: a reference finds nobody any more.
 */
#include "services/cli/customer_erase.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "common/audit/erasure_receipt.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_send.h"
#include "services/cli/cli_table.h"

/* ---- who */

struct found {
    char *number; /* IDENTIFIER_TEXT_SIZE */
};

static void take_number(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const struct found *found = ctx;
    (void)text_copy(found->number, IDENTIFIER_TEXT_SIZE,
                    cli_text(reply->customer->customer_number));
}

static int find(struct cli *cli, const struct customer_erase_options *o, const char *ref,
                char ret_number[IDENTIFIER_TEXT_SIZE])
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__CustomerRequest body = TROTH__V1__CUSTOMER_REQUEST__INIT;
    const struct found found = {.number = ret_number};
    const bool is_json = cli->is_json;
    int64_t number;
    if (identifier_parse(IDENTIFIER_CUSTOMER, ref, &number, NULL) == 0) {
        (void)identifier_format(IDENTIFIER_CUSTOMER, number, ret_number);
        return CLI_OK;
    }
    body.customer_ref = cli_client_text(ref);
    body.source = cli_client_text(o->source ? o->source : cli->settings.source);
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_CUSTOMER;
    request.customer = &body;
    cli->is_json = false;
    int code = cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_CUSTOMER, take_number,
                                 &found);
    cli->is_json = is_json;
    return code;
}

/* ---- is that wanted */

static bool is_wanted(const char *number)
{
    char line[64];
    (void)fprintf(stderr,
                  "Erase %s and everybody who is the same person? Nothing brings it back.\n"
                  "Type the number to go on: ",
                  number);
    if (!fgets(line, sizeof(line), stdin)) {
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return strcmp(line, number) == 0;
}

static Troth__V1__ErasureGround ground_of(const char *word)
{
    static const struct {
        const char *word;
        Troth__V1__ErasureGround ground;
    } grounds[] = {
        {"request",           TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_REQUEST          },
        {"consent-withdrawn", TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_CONSENT_WITHDRAWN},
        {"purpose-ended",     TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_PURPOSE_ENDED    },
        {"order",             TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_ORDER            },
    };
    for (size_t i = 0; i < ARRAY_LEN(grounds); i++) {
        if (strcmp(grounds[i].word, word) == 0) {
            return grounds[i].ground;
        }
    }
    return TROTH__V1__ERASURE_GROUND__ERASURE_GROUND_UNSPECIFIED;
}

/* ---- the record */

static int send(struct cli *cli, const struct customer_erase_options *o, const char *number,
                Troth__V1__ErasureGround ground)
{
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__CustomerErasure body = TROTH__V1__CUSTOMER_ERASURE__INIT;
    body.customer_number = cli_client_text(number);
    body.has_ground = true;
    body.ground = ground;
    body.asked_by = cli_client_text(o->asked_by ? o->asked_by : "customer");
    body.has_keeps_do_not_call = true;
    body.keeps_do_not_call = !o->forgets_do_not_call;
    body.has_wants_rotation = o->wants_rotation;
    body.wants_rotation = o->wants_rotation;
    record.body_case = TROTH__V1__RECORD__BODY_CUSTOMER_ERASURE;
    record.customer_erasure = &body;
    return cli_send_quietly(cli, &record, "customer_erased");
}

/* ---- the receipt */

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)m;
    return reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR ||
           (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERASURE_RECEIPT &&
            reply->erasure_receipt->request_id &&
            strcmp(reply->erasure_receipt->request_id, ctx) == 0);
}

static int write_file(const struct cli *cli, const char *path, const char *text)
{
    struct err err = ERR_NONE;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool is_written = f && fputs(text, f) >= 0 && fputc('\n', f) != EOF;
    if (f) {
        is_written = fclose(f) == 0 && is_written;
    }
    if (!is_written) {
        err_set(&err, "file_unwritable", "%s: %s; the receipt can be fetched again", path,
                strerror(errno));
        return cli_fail(cli, CLI_USAGE, &err);
    }
    return CLI_OK;
}

static void print_receipt(const json_t *receipt, const char *path, bool is_signed)
{
    const char *name;
    json_t *count;
    (void)printf("erased    %s\n",
                 cli_text(json_string_value(json_object_get(receipt, "customer"))));
    (void)printf("at        %s\n",
                 cli_text(json_string_value(json_object_get(receipt, "erased_at"))));
    json_object_foreach(json_object_get(receipt, "removed"), name, count)
    {
        if (json_integer_value(count) > 0) {
            (void)printf("removed   %" JSON_INTEGER_FORMAT " of %s\n", json_integer_value(count),
                         name);
        }
    }
    const json_int_t left = json_integer_value(json_object_get(receipt, "events_left"));
    if (left > 0) {
        (void)printf("left      %" JSON_INTEGER_FORMAT
                     " of events, as they were: intake keeps a tamper-evident record and had no "
                     "audit_key_file\n",
                     left);
    }
    (void)printf("receipt   %s%s\n", path,
                 is_signed ? "" : ", not signed: intake has no audit_key_file");
    if (json_is_true(json_object_get(receipt, "wants_rotation")) &&
        !json_object_get(receipt, "rotated_at")) {
        (void)printf("backups   of before can be read until the master keys are rotated, up to "
                     "generation %" JSON_INTEGER_FORMAT ":\n"
                     "          troth key master FILE --rotate; bring it to every intake and send "
                     "SIGHUP;\n"
                     "          troth-intake --config FILE --job rewrap-keys\n",
                     json_integer_value(json_object_get(receipt, "key_generation")));
    }
}

static int take_receipt(const struct cli *cli, const Troth__V1__ErasureReceiptReply *reply,
                        const char *path)
{
    struct err err = ERR_NONE;
    if (!text_is_empty(reply->code)) {
        err_set(&err, reply->code, "intake does not answer this");
        return cli_fail(cli, strcmp(reply->code, "unavailable") == 0 ? CLI_NO_ANSWER : CLI_REFUSED,
                        &err);
    }
    int code = write_file(cli, path, cli_text(reply->receipt));
    if (cli->is_json) {
        (void)puts(cli_text(reply->receipt));
        return code;
    }
    json_t *receipt = json_loads(cli_text(reply->receipt), JSON_REJECT_DUPLICATES, NULL);
    print_receipt(receipt, path, reply->is_signed);
    json_decref(receipt);
    return code;
}

static int fetch(struct cli *cli, const char *number, const char *path)
{
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    Troth__V1__ErasureReceiptRequest body = TROTH__V1__ERASURE_RECEIPT_REQUEST__INIT;
    struct err err = ERR_NONE;
    char id[CLI_REQUEST_ID_SIZE];
    int code = CLI_NO_ANSWER;
    struct cli_client *client = cli_client_open(cli, CLI_INTAKE, &err);
    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    cli_client_request_id(id);
    body.request_id = id;
    body.customer_number = cli_client_text(number);
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_ERASURE_RECEIPT;
    request.erasure_receipt = &body;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)cli_client_ask(
        client, (const ProtobufCMessage *)&request, &troth__v1__intake_reply__descriptor, is_answer,
        id, &err);
    if (!reply) {
        code = cli_fail(cli, CLI_NO_ANSWER, &err);
    } else if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        err_set(&err, cli_text(reply->error->code), "%s", cli_text(reply->error->text));
        code = cli_fail(cli, CLI_REFUSED, &err);
    } else {
        code = take_receipt(cli, reply->erasure_receipt, path);
    }
    cli_client_close(client);
    return code;
}

/* Before anything is erased, for the receipt would have no place. */
static int check_output(const struct cli *cli, const char *path)
{
    struct err err = ERR_NONE;
    if (access(path, F_OK) != 0) {
        return CLI_OK;
    }
    err_set(&err, "file_unwritable", "%s is there already: nothing was erased", path);
    return cli_fail(cli, CLI_USAGE, &err);
}

int customer_erase(struct cli *cli, const struct customer_erase_options *o, const char *ref)
{
    char number[IDENTIFIER_TEXT_SIZE] = "", usual[IDENTIFIER_TEXT_SIZE + 16];
    const Troth__V1__ErasureGround ground = ground_of(o->ground ? o->ground : "request");
    if (!ground) {
        return cli_wrong_usage(cli,
                               "--ground takes request, consent-withdrawn, purpose-ended or order");
    }
    int code = find(cli, o, ref, number);
    (void)text_format(usual, sizeof(usual), "erased-%s.json", number);
    const char *path = o->output ? o->output : usual;
    if (code != CLI_OK || (code = check_output(cli, path)) != CLI_OK) {
        return code;
    }
    if (!o->is_confirmed && !is_wanted(number)) {
        return cli_wrong_usage(cli, "nothing was erased: confirm it, or give --yes");
    }
    code = send(cli, o, number, ground);
    if (code != CLI_OK) {
        return code;
    }
    code = fetch(cli, number, path);
    if (code != CLI_OK) {
        (void)fprintf(stderr, "erased, without the receipt; to get it: troth customer erase %s\n",
                      number);
    }
    return code;
}

/* ---- checking one */

int customer_erased(const struct cli *cli, const char *path, const char *key)
{
    struct audit_trust trust;
    struct err err = ERR_NONE;
    json_error_t where;
    if (!key) {
        return cli_wrong_usage(cli, "--key FILE: the public file of the audit key, *.pub");
    }
    if (audit_trust_load(key, &trust, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    json_t *receipt = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
    if (!receipt) {
        err_set(&err, "receipt_unreadable", "%s: %s", path, where.text);
        return cli_fail(cli, CLI_USAGE, &err);
    }
    int code = CLI_OK;
    if (erasure_receipt_check(receipt, &trust, &err) < 0) {
        code = cli_fail(cli, CLI_REFUSED, &err);
    } else if (cli->is_json) {
        (void)json_dumpf(receipt, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        (void)putchar('\n');
    } else {
        (void)printf("signed by %s: %s was erased at %s, on the ground \"%s\"\n",
                     trust.installation,
                     cli_text(json_string_value(json_object_get(receipt, "customer"))),
                     cli_text(json_string_value(json_object_get(receipt, "erased_at"))),
                     cli_text(json_string_value(json_object_get(receipt, "ground"))));
    }
    json_decref(receipt);
    return code;
}
