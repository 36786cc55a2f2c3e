/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli_send.c - hands one record to intake and waits for its receipt.
 *
 * The same key is sent until a receipt says accepted, duplicate or rejected: a lost message and a
 * lost receipt look the same from here, and the key makes repeating harmless.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/bus.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_key.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_receipt.h"
#include "services/cli/cli_send.h"
#include "services/cli/cli_table.h"
#include "services/cli/record_input.h"

struct send_options {
    const char *json;
    const char *text;
};

static const struct cli_option file_options[] = {
    {"json",                       CLI_OPTION_TEXT, "FILE", "the record as JSON, '-' is standard input; the receipt too",
     offsetof(struct send_options, json)},
    {"text",                      CLI_OPTION_TEXT, "FILE", "the record in the text format of protobuf",
     offsetof(struct send_options, text)},
    {.type = CLI_OPTION_END},
};

static struct cli_option *choose_options(int argc, char **argv)
{
    const ProtobufCFieldDescriptor *kind =
        argc > 1 && argv[1][0] != '-' ? record_input_kind(argv[1]) : NULL;
    struct cli_option *options;

    if (kind) {
        return record_input_options(kind);
    }
    options = xcalloc(1, sizeof(file_options));
    memcpy(options, file_options, sizeof(file_options));
    return options;
}

/* What is waited for: the receipt of this very record. */
struct wanted {
    const char *key;
    const Troth__V1__Receipt *receipt;
};

/* A receipt that only asks to wait is not final: the next sending gets another. */
static bool is_final(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)m;
    struct wanted *wanted = ctx;

    if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        return !reply->error->has_retry_after_us;
    }
    for (size_t i = 0; reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_RECEIPTS &&
                       i < reply->receipts->n_receipts;
         i++) {
        const Troth__V1__Receipt *r = reply->receipts->receipts[i];

        if (r->key && strcmp(r->key, wanted->key) == 0 &&
            r->status != TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY) {
            wanted->receipt = r;
            return true;
        }
    }
    return false;
}

/* How the receipt is told. */
struct telling {
    bool is_json, is_quiet;
    const char *fine; /* a code that is no refusal, when quiet; NULL: none */
};

static bool is_refused(const struct telling *t, const Troth__V1__Receipt *receipt)
{
    return receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED &&
           !(t->is_quiet && t->fine && receipt->code && strcmp(receipt->code, t->fine) == 0);
}

static int print_answer(const struct cli *cli, const struct telling *t,
                        const Troth__V1__IntakeReply *reply, const Troth__V1__Receipt *receipt)
{
    if (!receipt) {
        struct err err = ERR_NONE;

        err_set(&err, cli_text(reply->error->code), "%s", cli_text(reply->error->text));
        return cli_fail(cli, CLI_REFUSED, &err);
    }
    const int code = is_refused(t, receipt) ? CLI_REFUSED : CLI_OK;
    if (t->is_quiet && code == CLI_OK) {
        return code;
    }
    if (t->is_json) {
        cli_print_json(&receipt->base, stdout);
    } else {
        cli_receipt_print(receipt, stdout);
    }
    return code;
}

static int send_one(struct cli *cli, const struct telling *telling, Troth__V1__Record *record)
{
    Troth__V1__RecordBatch batch = TROTH__V1__RECORD_BATCH__INIT;
    Troth__V1__IntakeRequest request = TROTH__V1__INTAKE_REQUEST__INIT;
    struct wanted wanted = {.key = record->key};
    const Troth__V1__IntakeReply *reply;
    struct err err = ERR_NONE;
    struct cli_client *client;
    int code;

    batch.n_records = 1;
    batch.records = &record;
    request.body_case = TROTH__V1__INTAKE_REQUEST__BODY_RECORDS;
    request.records = &batch;
    if (protobuf_c_message_get_packed_size((const ProtobufCMessage *)&request) > BUS_MESSAGE_MAX) {
        err_set(&err, "too_large", "the record is larger than a message may be, 64 KiB");
        return cli_fail(cli, CLI_REFUSED, &err);
    }
    client = cli_client_open(cli, CLI_INTAKE, &err);
    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    reply = (const Troth__V1__IntakeReply *)cli_client_ask(
        client, (const ProtobufCMessage *)&request, &troth__v1__intake_reply__descriptor, is_final,
        &wanted, &err);
    code = reply ? print_answer(cli, telling, reply, wanted.receipt)
                 : cli_fail(cli, CLI_NO_ANSWER, &err);
    cli_client_close(client);
    return code;
}

static int send_complete(struct cli *cli, const struct telling *telling, Troth__V1__Record *record)
{
    char key[RECORD_KEY_SIZE];

    if (text_is_empty(record->key)) {
        record_key_new(instant_now_us(), key);
        record->key = key;
    }
    if (!record->has_occurred_us) {
        record->has_occurred_us = 1;
        record->occurred_us = instant_now_us();
    }
    return send_one(cli, telling, record);
}

int cli_send_record(struct cli *cli, bool is_json, Troth__V1__Record *record)
{
    return send_complete(cli, &(struct telling){.is_json = is_json}, record);
}

int cli_send_quietly(struct cli *cli, Troth__V1__Record *record, const char *fine)
{
    const struct telling telling = {.is_json = cli->is_json, .is_quiet = true, .fine = fine};
    return send_complete(cli, &telling, record);
}

static Troth__V1__Record *read_record(struct cli *cli, const struct send_options *o,
                                      const char *kind, struct arena *arena, struct err *err)
{
    if (kind) {
        return record_input_fields(kind, cli->fields, cli->field_count, arena, err);
    }
    return o->json ? record_input_json(o->json, arena, err)
                   : record_input_text(o->text, arena, err);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const char *kind = count > 0 ? arguments[0] : NULL;
    /* With a kind the options are those of its fields and the struct is empty. */
    const struct send_options *o = options;
    struct err err = ERR_NONE;
    struct arena *arena;
    Troth__V1__Record *record;
    int code;

    if (kind && !record_input_kind(kind)) {
        return cli_wrong_usage(cli, "there is no kind of record '%s'", kind);
    }
    if (count > 1 || (!kind && !o->json == !o->text)) {
        return cli_wrong_usage(cli, "give one KIND of record, or --json FILE, or --text FILE");
    }
    arena = arena_new((size_t)4 * 1024 * 1024);
    record = read_record(cli, o, kind, arena, &err);
    if (!record) {
        code = cli_fail(cli, CLI_USAGE, &err);
    } else {
        code = cli_send_record(cli, cli->is_json || (!kind && o->json), record);
    }
    arena_free(arena);
    return code;
}

const struct cli_command cli_send = {
    .name = "send",
    .summary = "hand one record to intake and print its receipt",
    .usage = "KIND [--FIELD VALUE]... [--json]\n"
             "--json FILE\n"
             "--text FILE",
    .description =
        "Sends one record and waits for its receipt. KIND is contact, case-update, promise-given,\n"
        "promise-update, compensation, expectation, survey-answer, purchase, refund,\n"
        "points-redemption, device-signal, customer-profile, consent, customer-link,\n"
        "branch-profile, staff-profile, improvement, customer-erasure or record-void; its\n"
        "fields are options, which 'troth send KIND --help' lists.\n"
        "A whole record can be read as JSON (then the receipt is JSON too) or in the text format "
        "of\n"
        "protobuf. The record is sent again under its key until a receipt comes or the time is up; "
        "so\n"
        "repeating the command with the same --key has no second effect.",
    .examples = "troth send contact --customer-ref W-17 --kind complaint --channel phone --branch "
                "north \\\n"
                "    --body 'The brakes squeal again.'\n"
                "troth send case-update --customer-ref W-17 --case-ref A-9 --action resolved\n"
                "troth send promise-given --customer-ref W-17 --case-ref A-9 \\\n"
                "    --words 'Your car is ready.' --due 2026-11-27T16:00:00Z\n"
                "echo '{\"contact\": {\"customer_ref\": \"W-17\", \"kind\": \"praise\"}}' | troth "
                "send --json -\n",
    .options_size = sizeof(struct send_options),
    .choose_options = choose_options,
    .run = run,
};
