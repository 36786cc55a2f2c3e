/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_outbox.c - rows that wait go to the record sender, which repeats them until their
 * receipts; receipts go back into the rows. Both by key, so it does no harm when another process
 * sends the same record, or when we do after a crash.
 *
 * Rows are sealed to our own key, and opened here alone. What opens with no pair of the key file as
 * it is now ends as rejected, with the row kept for who still has the pair.
 *
 * One conversation at a time, receipts first: they make room.
 */
#include "services/followup/followup_outbox.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/record_sender.h"
#include "services/followup/followup.h"
#include "services/followup/followup_outbox_store.h"
#include "services/followup/followup_talk.h"

enum {
    WINDOW = 512, /* records without receipt */
    RECEIPTS_ROOM = 2 * WINDOW,
    RECEIPTS_MAX = 256 /* in one transaction */
};

struct followup_outbox {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct record_sender *sender;
    bool is_wanted;
    bool is_full;                             /* more waited than fit the last time */
    struct followup_outbox_receipt *receipts; /* to be stored */
    size_t receipt_count;
    size_t storing_count; /* the first of them are in the conversation */
    struct buffer opened; /* one record; wiped after it */
    /* The key file as it is now, read for rows that do not open, once for all that are sent
     * together. */
    enum {
        FILE_UNREAD,
        FILE_READ,
        FILE_UNREADABLE
    } file;
    struct seal_box box_of_file;
};

static void look_again(struct followup_outbox *o)
{
    bool is_soon = o->is_wanted || o->receipt_count > 0;
    loop_timer_after(o->timer, is_soon ? 0 : o->followup->service->common->poll_us);
}

/* ---- receipts */

/* An answer never occurs later than our own now; intake's clock is behind, as after a lost
 * connection that it regains later than we do. By the next try it will have caught up. */
static bool is_ahead_of_intake(const Troth__V1__Receipt *receipt)
{
    return receipt->code && strcmp(receipt->code, "time_in_future") == 0;
}

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct followup_outbox *o = ctx;
    bool is_rejected = receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED;
    if (o->receipt_count == RECEIPTS_ROOM || is_ahead_of_intake(receipt)) {
        return; /* read from the table and sent once more */
    }
    struct followup_outbox_receipt *r = &o->receipts[o->receipt_count++];
    *r = (struct followup_outbox_receipt){.follow_up = (int64_t)tag};
    (void)text_copy(r->key, sizeof(r->key), receipt->key);
    if (is_rejected) {
        const char *code = text_is_empty(receipt->code) ? "rejected" : receipt->code;
        (void)text_copy(r->code, sizeof(r->code), code);
        log_warning("answer_rejected", LOG_TEXT("key", r->key), LOG_TEXT("code", r->code),
                    LOG_TEXT("field", receipt->field));
    }
    if (!o->talk.is_busy) {
        loop_timer_after(o->timer, 0);
    }
}

static void on_stored(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_outbox *o = ctx;
    (void)db;
    if (reply->outcome == DB_OK) {
        CRASH_POINT("followup.outbox.stored");
        for (size_t i = 0; i < o->storing_count; i++) {
            bool is_rejected = o->receipts[i].code[0] != '\0';
            const struct followup_metrics *m = &o->followup->metrics;
            (*(is_rejected ? m->answers_rejected : m->answers_taken))++;
        }
    } else {
        /* Sent again later, and answered as a duplicate. */
        followup_log_failure(o->followup, "receipts_failed", reply);
    }
    o->receipt_count -= o->storing_count;
    memmove(o->receipts, o->receipts + o->storing_count, o->receipt_count * sizeof(*o->receipts));
    o->storing_count = 0;
    o->is_wanted |= o->is_full;
    followup_talk_end(&o->talk);
    look_again(o);
}

static void put_receipts(struct followup_outbox *o, struct db *db)
{
    o->storing_count = o->receipt_count < RECEIPTS_MAX ? o->receipt_count : RECEIPTS_MAX;
    CRASH_POINT("followup.outbox.receipted");
    db_begin(db);
    followup_outbox_store_put_receipts(db, o->receipts, o->storing_count,
                                       service_now_us(o->followup->service));
    db_commit(db);
    db_run(db, on_stored, o);
}

/* ---- sending */

static bool has_receipt(const struct followup_outbox *o, const char *key)
{
    for (size_t i = 0; i < o->receipt_count; i++) {
        if (strcmp(o->receipts[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* Ends a row that will never open, as a receipt would. */
static void give_up(struct followup_outbox *o, const struct followup_outbox_record *row,
                    const struct err *err)
{
    if (o->receipt_count < RECEIPTS_ROOM) {
        struct followup_outbox_receipt *r = &o->receipts[o->receipt_count++];
        *r = (struct followup_outbox_receipt){.follow_up = row->follow_up};
        (void)text_copy(r->key, sizeof(r->key), row->key);
        (void)text_copy(r->code, sizeof(r->code), err->code);
        log_error("answer_sealed", LOG_TEXT("key", r->key), LOG_ERR(err));
    }
}

/* Another scheduler may seal with a new pair already, of which we were not told yet. What we were
 * told stays in force: the file may have lost a pair that we need. */
static void read_file_of_now(struct followup_outbox *o)
{
    struct err err = ERR_NONE;
    if (o->file == FILE_UNREAD) {
        const char *path = o->followup->service->common->key_file;
        o->file = seal_box_read(&o->box_of_file, path, &err) < 0 ? FILE_UNREADABLE : FILE_READ;
        if (o->file == FILE_UNREADABLE) {
            log_error("outbox_failed", LOG_ERR(&err));
        }
    }
}

/* While the file cannot be read the row waits. */
static bool open_row(struct followup_outbox *o, const struct followup_outbox_record *row)
{
    struct err err = ERR_NONE;
    if (seal_box_open(&o->followup->seal_box, row->record, &o->opened, NULL) == 0) {
        return true;
    }
    read_file_of_now(o);
    if (o->file == FILE_UNREADABLE) {
        return false;
    }
    if (seal_box_open(&o->box_of_file, row->record, &o->opened, &err) < 0) {
        give_up(o, row, &err);
        return false;
    }
    return true;
}

static void send_row(struct followup_outbox *o, const struct followup_outbox_record *row)
{
    buffer_clear(&o->opened);
    if (!open_row(o, row)) {
        return;
    }
    CRASH_POINT("followup.outbox.read");
    const struct bytes record = {o->opened.data, o->opened.len};
    (void)record_sender_add(o->sender, record, row->key, (uint64_t)row->follow_up);
    explicit_bzero(o->opened.data, o->opened.len);
}

static void on_waiting(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_outbox *o = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(o->followup, "outbox_failed", reply);
    } else {
        const struct db_rows *rows = reply->rows[0];
        o->is_full = db_row_count(rows) == WINDOW;
        o->file = FILE_UNREAD;
        for (size_t i = 0; i < db_row_count(rows) && record_sender_has_room(o->sender); i++) {
            struct followup_outbox_record r;
            followup_outbox_store_get_waiting(rows, i, &r);
            if (!has_receipt(o, r.key)) {
                send_row(o, &r);
            }
        }
        seal_box_wipe(&o->box_of_file);
    }
    followup_talk_end(&o->talk);
    look_again(o);
}

static void put_waiting(struct followup_outbox *o, struct db *db)
{
    struct db_array buckets;
    o->is_wanted = false;
    followup_list_buckets(o->followup, &buckets);
    followup_outbox_store_put_waiting(db, &buckets, service_now_us(o->followup->service), WINDOW);
    db_array_free(&buckets);
    db_run(db, on_waiting, o);
}

static void start(void *ctx, struct db *db)
{
    struct followup_outbox *o = ctx;
    if (o->receipt_count > 0) {
        put_receipts(o, db);
    } else {
        put_waiting(o, db);
    }
}

static void look(void *ctx)
{
    struct followup_outbox *o = ctx;
    const struct followup *f = o->followup;
    if (o->talk.is_busy) {
        return;
    }
    if (o->receipt_count > 0 || (!f->is_draining && lease_held_count(f->lanes) > 0)) {
        followup_talk_begin(&o->talk, start, o);
    } else {
        o->is_wanted = false;
        look_again(o);
    }
}

/* ---- life */

struct followup_outbox *followup_outbox_new(struct followup *f)
{
    struct followup_outbox *o = xcalloc(1, sizeof(*o));
    const struct record_sender_options options = {
        .loop = f->service->loop,
        .window = WINDOW,
        .resend_us = f->settings->resend_after_us,
        .on_receipt = on_receipt,
        .ctx = o,
    };
    o->followup = f;
    o->talk.pool = f->service->db;
    o->receipts = xcalloc(RECEIPTS_ROOM, sizeof(*o->receipts));
    o->sender = record_sender_new(&options);
    record_sender_use(o->sender, f->intake);
    o->timer = loop_timer_new(f->service->loop, look, o);
    loop_timer_after(o->timer, 0);
    return o;
}

void followup_outbox_free(struct followup_outbox *o)
{
    if (o) {
        followup_talk_close(&o->talk);
        record_sender_free(o->sender);
        loop_timer_free(o->timer);
        buffer_free(&o->opened);
        free(o->receipts);
        free(o);
    }
}

void followup_outbox_wake(struct followup_outbox *o)
{
    o->is_wanted = true;
    if (!o->talk.is_busy) {
        loop_timer_after(o->timer, 0);
    }
}

void followup_outbox_on_reply(struct followup_outbox *o, const Troth__V1__IntakeReply *reply)
{
    record_sender_on_reply(o->sender, reply);
}

bool followup_outbox_is_busy(const struct followup_outbox *o)
{
    return o->talk.is_busy || o->receipt_count > 0;
}
