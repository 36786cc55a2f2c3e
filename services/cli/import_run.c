/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_run.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_sender.h"

enum {
    WINDOW_RECORDS = 2048
};
#define RESEND_US        (5 * DURATION_S)
#define TURN_US          (50 * DURATION_MS)
#define REPLY_BYTES      ((size_t)8 * 1024 * 1024)
#define RECORD_BYTES_MAX ((size_t)60 * 1024) /* see record_sender_add() */

/* A row on its way, with its own copy of the fields. */
struct row {
    struct csv_row fields;
    char **copies;
    size_t waiting;  /* records without receipt, and one more while they are being made */
    size_t position; /* of the refused record that counts: the first */
    bool is_refused;
    struct err why;
};

/* A record on its way; its tag is its place in the list of them. */
struct sent {
    struct row *row; /* NULL: the place is free */
    size_t position;
    int64_t entry; /* in the journal */
    size_t next_free;
};

struct import {
    const struct import_run_options *options;
    struct import_tally *tally;
    struct record_sender *sender;
    struct arena *arena; /* of one reply */
    struct sent *sent;   /* WINDOW_RECORDS places */
    size_t first_free;
    int64_t last_receipt_us; /* monotonic */
    struct buffer packed;    /* reused */
    struct err *err;
    bool has_failed; /* err is set */
};

/* ---- rows */

static struct row *row_new(const struct csv_row *fields)
{
    struct row *row = xcalloc(1, sizeof(*row));

    row->copies = xcalloc(fields->count, sizeof(*row->copies));
    for (size_t i = 0; i < fields->count; i++) {
        row->copies[i] = xstrdup(fields->fields[i]);
    }
    row->fields = (struct csv_row){
        .fields = (const char *const *)row->copies, .count = fields->count, .line = fields->line};
    row->waiting = 1;
    return row;
}

static void row_free(struct row *row)
{
    for (size_t i = 0; i < row->fields.count; i++) {
        free(row->copies[i]);
    }
    free(row->copies);
    free(row);
}

static void write_reject(struct import *im, const struct csv_row *fields, const struct err *why)
{
    const struct import_reject reject = {.code = why->code, .field = why->field, .text = why->text};

    if (!im->has_failed && import_rejects_add(im->options->rejects, fields, &reject, im->err) < 0) {
        im->has_failed = true;
    }
}

/* One of the row's records is done. */
static void row_release(struct import *im, struct row *row)
{
    if (--row->waiting == 0) {
        if (row->is_refused) {
            write_reject(im, &row->fields, &row->why);
        }
        row_free(row);
    }
}

/* Keeps the reason of the row's first record that was refused: later ones often fail because of it.
 */
static void row_refuse(struct row *row, size_t position, const struct err *why)
{
    if (!row->is_refused || position < row->position) {
        row->is_refused = true;
        row->position = position;
        row->why = *why;
    }
}

/* ---- places of records on their way: as many as the sender takes */

static void open_places(struct import *im)
{
    im->sent = xcalloc(WINDOW_RECORDS, sizeof(*im->sent));
    for (size_t i = 0; i < WINDOW_RECORDS; i++) {
        im->sent[i].next_free = i + 1;
    }
}

/* Only while the sender has room. Writes the record down before it can leave. */
static size_t take_place(struct import *im, struct row *row, size_t position, const char *key)
{
    struct import_journal *journal = im->options->journal;
    const size_t place = im->first_free;

    im->first_free = im->sent[place].next_free;
    im->sent[place] = (struct sent){.row = row, .position = position};
    im->sent[place].entry = journal ? import_journal_add(journal, key) : 0;
    return place;
}

static struct sent give_place_back(struct import *im, size_t place)
{
    const struct sent sent = im->sent[place];

    im->sent[place] = (struct sent){.next_free = im->first_free};
    im->first_free = place;
    return sent;
}

static void note_not_ours(struct import *im, int64_t entry)
{
    if (im->options->journal) {
        import_journal_not_ours(im->options->journal, entry);
    }
}

/* ---- receipts */

/* A duplicate was stored by an earlier import, unless it may be our own first copy. */
static bool is_ours(const struct import *im, const Troth__V1__Receipt *r)
{
    return r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED ||
           (r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_DUPLICATE &&
            record_sender_is_repeated(im->sender));
}

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct import *im = ctx;
    const struct sent sent = give_place_back(im, (size_t)tag);

    im->last_receipt_us = instant_monotonic_us();
    import_tally_receipt(im->tally, receipt);
    if (!is_ours(im, receipt)) {
        note_not_ours(im, sent.entry);
    }
    if (receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED) {
        struct err why = ERR_NONE;

        err_set_field(&why, receipt->code ? receipt->code : "", receipt->field, "%s",
                      receipt->text ? receipt->text : "");
        row_refuse(sent.row, sent.position, &why);
    }
    row_release(im, sent.row);
}

static void on_reply(void *ctx, struct bytes body)
{
    struct import *im = ctx;
    const Troth__V1__IntakeReply *reply;

    arena_reset(im->arena);
    reply = (const Troth__V1__IntakeReply *)message_unpack(&troth__v1__intake_reply__descriptor,
                                                           body, im->arena, NULL);
    if (!reply) {
        return; /* not from intake as we know it; the records are sent again */
    }
    if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        /* With retry_after the sender's own resending does it. */
        if (!reply->error->has_retry_after_us && !im->has_failed) {
            im->has_failed = true;
            err_set(im->err, reply->error->code ? reply->error->code : "", "intake refuses: %s",
                    reply->error->text ? reply->error->text : "");
        }
        return;
    }
    record_sender_on_reply(im->sender, reply);
}

/* ---- the way out */

static int check_patience(struct import *im)
{
    const struct import_run_options *o = im->options;

    if (im->has_failed) {
        return -1;
    }
    if (*o->is_stopped) {
        return err_set(im->err, "stopped", "stopped before the end");
    }
    if (record_sender_waiting(im->sender) > 0 &&
        instant_monotonic_us() - im->last_receipt_us > o->patience_us) {
        return cli_client_no_answer(o->client, im->err);
    }
    return 0;
}

static int turn(struct import *im, int64_t max_wait_us)
{
    if (record_sender_waiting(im->sender) == 0) {
        im->last_receipt_us = instant_monotonic_us();
    }
    if (im->options->journal && import_journal_flush(im->options->journal, im->err) < 0) {
        im->has_failed = true;
        return -1;
    }
    loop_turn(cli_client_loop(im->options->client), max_wait_us);
    im->tally->resent = record_sender_resent(im->sender);
    if (im->options->progress) {
        import_progress_show(im->options->progress, instant_monotonic_us(),
                             import_rows_bytes_read(im->options->rows), im->tally);
    }
    return check_patience(im);
}

static int add_record(struct import *im, struct row *row, size_t position,
                      const Troth__V1__Record *record)
{
    struct err why = ERR_NONE;
    size_t place;

    im->tally->records++;
    buffer_clear(&im->packed);
    message_pack(&record->base, &im->packed);
    if (im->packed.len > RECORD_BYTES_MAX) {
        err_set(&why, "too_large", "the record is larger than 60 KiB: use truncate");
        import_tally_refuse_record(im->tally, why.code, "");
        row_refuse(row, position, &why);
        return 0;
    }
    while (!record_sender_has_room(im->sender)) {
        if (turn(im, TURN_US) < 0) {
            return -1;
        }
    }
    place = take_place(im, row, position, record->key);
    if (!record_sender_add(im->sender,
                           (struct bytes){.data = im->packed.data, .len = im->packed.len},
                           record->key, place)) {
        note_not_ours(im, give_place_back(im, place).entry);
        err_set(&why, "key_twice", "another record of this file has the same key");
        import_tally_refuse_record(im->tally, why.code, "");
        row_refuse(row, position, &why);
        return 0;
    }
    row->waiting++;
    return 0;
}

static int add_row(struct import *im, const struct import_row *in)
{
    struct row *row;
    int rc = 0;

    im->tally->rows++;
    if (in->refused.code[0]) {
        import_tally_refuse_row(im->tally, in->refused.code, in->refused.field);
        write_reject(im, in->fields, &in->refused);
        return im->has_failed ? -1 : 0;
    }
    if (in->record_count == 0) {
        im->tally->rows_empty++;
        return 0;
    }
    row = row_new(in->fields);
    for (size_t i = 0; rc == 0 && i < in->record_count; i++) {
        rc = add_record(im, row, i, in->records[i]);
    }
    row_release(im, row);
    return rc;
}

static int read_and_send(struct import *im)
{
    struct import_row row;
    int got;

    while ((got = import_rows_next(im->options->rows, &row, im->err)) == 1) {
        if (add_row(im, &row) < 0) {
            return -1;
        }
        if (im->tally->rows % 64 == 0 && turn(im, 0) < 0) {
            return -1;
        }
    }
    return got;
}

/* The rows before a broken place are whole: their receipts are waited for all the same. */
static int wait_for_receipts(struct import *im)
{
    while (record_sender_waiting(im->sender) > 0) {
        if (turn(im, TURN_US) < 0) {
            return -1;
        }
    }
    return im->has_failed ? -1 : 0;
}

/* What became of them is not known yet: the next import will say. */
static void close_places(struct import *im)
{
    for (size_t i = 0; i < WINDOW_RECORDS; i++) {
        if (im->sent[i].row) {
            im->sent[i].row->is_refused = false;
            row_release(im, im->sent[i].row);
        }
    }
    free(im->sent);
}

int import_run(const struct import_run_options *options, struct import_tally *tally,
               struct err *err)
{
    struct import im = {.options = options, .tally = tally, .err = err};
    const struct record_sender_options sender = {.loop = cli_client_loop(options->client),
                                                 .window = WINDOW_RECORDS,
                                                 .resend_us = RESEND_US,
                                                 .on_receipt = on_receipt,
                                                 .ctx = &im};
    struct err later = ERR_NONE;
    int rc;

    open_places(&im);
    im.arena = arena_new(REPLY_BYTES);
    im.sender = record_sender_new(&sender);
    im.last_receipt_us = instant_monotonic_us();
    record_sender_use(im.sender, cli_client_socket(options->client));
    cli_client_listen(options->client, on_reply, &im);
    rc = read_and_send(&im);
    if (rc == 0) {
        rc = wait_for_receipts(&im);
    } else if (err && strcmp(err->code, "csv_malformed") == 0) {
        im.err = &later;
        if (wait_for_receipts(&im) < 0) {
            *err = later;
        }
    }
    cli_client_listen(options->client, NULL, NULL);
    close_places(&im);
    record_sender_free(im.sender);
    buffer_free(&im.packed);
    arena_free(im.arena);
    return rc;
}
