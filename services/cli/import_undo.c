/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_undo.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_sender.h"

#define WINDOW_RECORDS 2048
#define RESEND_US      (5 * DURATION_S)
#define TURN_US        (50 * DURATION_MS)
#define REPLY_BYTES    ((size_t)8 * 1024 * 1024)
#define KEY_SIZE       (2 * BYTES_DIGEST_LEN + 1)

struct undo {
    const struct import_undo_options *options;
    struct import_undo_tally *tally;
    struct record_sender *sender;
    struct arena *arena;     /* of one reply */
    int64_t last_receipt_us; /* monotonic */
    struct buffer packed;    /* reused */
    struct err refusal;      /* of a whole request */
};

static bool has_code(const Troth__V1__Receipt *r, const char *code)
{
    return r->code && strcmp(r->code, code) == 0;
}

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct undo *u = ctx;

    (void)tag;
    u->last_receipt_us = instant_monotonic_us();
    if (receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED) {
        u->tally->voided++;
    } else if (receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_DUPLICATE ||
               has_code(receipt, "record_voided_already")) {
        u->tally->already++;
    } else if (has_code(receipt, "record_unknown")) {
        u->tally->absent++;
    } else {
        import_tally_receipt(&u->tally->refused, receipt);
    }
}

static void on_reply(void *ctx, struct bytes body)
{
    struct undo *u = ctx;
    const Troth__V1__IntakeReply *reply;

    arena_reset(u->arena);
    reply = (const Troth__V1__IntakeReply *)message_unpack(&troth__v1__intake_reply__descriptor,
                                                           body, u->arena, NULL);
    if (!reply) {
        return; /* not from intake as we know it; the records are sent again */
    }
    if (reply->body_case != TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        record_sender_on_reply(u->sender, reply);
    } else if (!reply->error->has_retry_after_us) {
        err_set(&u->refusal, reply->error->code ? reply->error->code : "", "intake refuses: %s",
                reply->error->text ? reply->error->text : "");
    }
}

/* The same for every undo of this record: who repeats it gets a duplicate. */
static void void_key(const char *record_key, char ret_key[KEY_SIZE])
{
    uint8_t digest[BYTES_DIGEST_LEN];
    struct text content = {0};

    text_appendf(&content, "void/%s", record_key);
    bytes_digest((struct bytes){.data = (const uint8_t *)content.data, .len = content.len}, digest);
    bytes_to_hex((struct bytes){.data = digest, .len = sizeof(digest)}, ret_key);
    text_free(&content);
}

static void send_void(struct undo *u, const Troth__V1__Record *record)
{
    buffer_clear(&u->packed);
    message_pack(&record->base, &u->packed);
    if (!record_sender_add(u->sender, (struct bytes){.data = u->packed.data, .len = u->packed.len},
                           record->key, 0)) {
        u->tally->records--; /* sent in two runs of the import, and on its way already */
    }
}

static void add_void(struct undo *u, char *record_key)
{
    Troth__V1__RecordVoid body = TROTH__V1__RECORD_VOID__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    char key[KEY_SIZE];
    char reason[64];

    void_key(record_key, key);
    text_format(reason, sizeof(reason), "import %s was taken back", u->options->id);
    body.record_key = record_key;
    body.reason = reason;
    record.key = key;
    record.has_occurred_us = 1;
    record.occurred_us = u->options->stored->undo_us;
    record.has_is_permanent_key = 1;
    record.is_permanent_key = 1;
    record.body_case = TROTH__V1__RECORD__BODY_RECORD_VOID;
    record.record_void = &body;
    send_void(u, &record);
}

static int check_patience(struct undo *u, struct err *err)
{
    const struct import_undo_options *o = u->options;

    if (u->refusal.code[0]) {
        if (err) {
            *err = u->refusal;
        }
        return -1;
    }
    if (*o->is_stopped) {
        return err_set(err, "stopped", "stopped before the end");
    }
    if (instant_monotonic_us() - u->last_receipt_us > o->patience_us) {
        return cli_client_no_answer(o->client, err);
    }
    return 0;
}

static void show(const struct undo *u)
{
    const struct import_undo_tally *t = u->tally;

    if (u->options->progress) {
        const int64_t done = t->voided + t->already + t->absent + t->refused.rejected;

        import_progress_show_undo(u->options->progress, instant_monotonic_us(), done, t->records);
    }
}

static int undo_all(struct undo *u, struct err *err)
{
    const struct import_stored *s = u->options->stored;
    size_t left = s->count;

    while (left > 0 || record_sender_waiting(u->sender) > 0) {
        while (left > 0 && record_sender_has_room(u->sender)) {
            add_void(u, s->keys[--left]);
        }
        loop_turn(cli_client_loop(u->options->client), TURN_US);
        show(u);
        if (check_patience(u, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int import_undo(const struct import_undo_options *options, struct import_undo_tally *tally,
                struct err *err)
{
    struct undo u = {.options = options, .tally = tally};
    int rc;

    tally->records = (int64_t)options->stored->count;
    u.arena = arena_new(REPLY_BYTES);
    u.sender =
        record_sender_new(&(struct record_sender_options){.loop = cli_client_loop(options->client),
                                                          .window = WINDOW_RECORDS,
                                                          .resend_us = RESEND_US,
                                                          .on_receipt = on_receipt,
                                                          .ctx = &u});
    u.last_receipt_us = instant_monotonic_us();
    record_sender_use(u.sender, cli_client_socket(options->client));
    cli_client_listen(options->client, on_reply, &u);
    rc = undo_all(&u, err);
    cli_client_listen(options->client, NULL, NULL);
    record_sender_free(u.sender);
    buffer_free(&u.packed);
    arena_free(u.arena);
    return rc;
}
