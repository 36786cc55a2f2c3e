/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/record_desk.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_sender.h"

enum {
    MESSAGE_BUDGET = 1024 * 1024,
};
#define RESEND_US (2 * DURATION_S)

/* The records of one answer. */
struct sending {
    uint64_t id;
    record_desk_fn *done;
    void *ctx;
    struct record_tally tally;
    size_t waiting;
    bool is_adding; /* not all are handed over yet */
    char (*keys)[ANSWER_KEY_SIZE];
    size_t key_count;
    struct sending *prev, *next;
};

struct record_desk {
    struct bus_socket *intake;
    struct record_sender *sender;
    struct arena *arena;
    struct sending *open;
    uint64_t last_id;
};

static void forget(struct record_desk *d, struct sending *s)
{
    for (size_t i = 0; i < s->key_count; i++) {
        record_sender_forget(d->sender, s->keys[i]);
    }
    DL_DELETE(d->open, s);
    free(s->keys);
    free(s);
}

static void end_if_done(struct record_desk *d, struct sending *s)
{
    if (s->waiting > 0 || s->is_adding) {
        return;
    }
    const struct record_tally tally = s->tally;
    record_desk_fn *done = s->done;
    void *ctx = s->ctx;
    forget(d, s);
    done(ctx, &tally);
}

static void count_receipt(struct sending *s, const Troth__V1__Receipt *receipt)
{
    bool is_rejected = receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED;

    if (!is_rejected) {
        s->tally.accepted++; /* or a duplicate: the very same, sent again */
    } else if (receipt->code && strcmp(receipt->code, "key_reused") == 0) {
        s->tally.known++;
    } else {
        s->tally.failed++;
        log_warning("answer_rejected", LOG_TEXT("key", receipt->key),
                    LOG_TEXT("code", receipt->code), LOG_TEXT("field", receipt->field));
    }
}

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct record_desk *d = ctx;
    struct sending *s;

    DL_SEARCH_SCALAR(d->open, s, id, tag);
    if (s) {
        s->waiting--;
        count_receipt(s, receipt);
        end_if_done(d, s);
    }
}

static void on_intake(void *ctx, struct bus_socket *socket, const struct bus_message *m)
{
    struct record_desk *d = ctx;
    struct err err = ERR_NONE;
    (void)socket;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message_unpack(
        &troth__v1__intake_reply__descriptor, m->body, d->arena, &err);

    if (!reply) {
        log_error("intake_unreadable", LOG_ERR(&err));
    } else {
        record_sender_on_reply(d->sender, reply);
    }
    arena_reset(d->arena);
}

void record_desk_send(struct record_desk *d, const struct answer_record *records, size_t count,
                      const struct buffer *packed, record_desk_fn *done, void *ctx)
{
    struct sending *s = xcalloc(1, sizeof(*s));

    s->id = ++d->last_id;
    s->done = done;
    s->ctx = ctx;
    s->is_adding = true;
    s->keys = xcalloc(count + 1, sizeof(*s->keys));
    DL_APPEND(d->open, s);
    for (size_t i = 0; i < count; i++) {
        const struct bytes body = {packed->data + records[i].offset, records[i].len};
        if (!record_sender_has_room(d->sender)) {
            s->tally.failed++;
        } else if (record_sender_add(d->sender, body, records[i].key, s->id)) {
            s->waiting++;
            (void)text_copy(s->keys[s->key_count++], ANSWER_KEY_SIZE, records[i].key);
        } else {
            s->tally.known++; /* another answer under this key is under way */
        }
    }
    s->is_adding = false;
    end_if_done(d, s);
}

void record_desk_withdraw(struct record_desk *d, const void *ctx)
{
    for (struct sending *s = d->open, *next; s; s = next) {
        next = s->next;
        if (s->ctx == ctx) {
            forget(d, s);
        }
    }
}

struct record_desk *record_desk_new(struct reporting *r, size_t capacity, struct err *err)
{
    const struct reporting_settings *settings = r->settings;
    struct record_desk *d = xcalloc(1, sizeof(*d));
    char key[BUS_KEY_TEXT_SIZE];

    d->arena = arena_new(MESSAGE_BUDGET);
    d->sender = record_sender_new(&(struct record_sender_options){
        .loop = r->service->loop,
        .window = capacity,
        .resend_us = RESEND_US,
        .on_receipt = on_receipt,
        .ctx = d,
    });
    if (bus_public_key_read(settings->intake_key_file, key, err) < 0) {
        (void)err_prefix(err, "intake_key_file");
    } else {
        d->intake = bus_connect_dealer(r->service->bus, settings->intake, key, on_intake, d, err);
        if (!d->intake) {
            (void)err_prefix(err, "intake");
        }
    }
    if (!d->intake) {
        record_desk_free(d);
        return NULL;
    }
    bus_follow_key_file(d->intake, settings->intake_key_file);
    record_sender_use(d->sender, d->intake);
    return d;
}

void record_desk_free(struct record_desk *d)
{
    if (d) {
        for (struct sending *s = d->open, *next; s; s = next) {
            next = s->next;
            forget(d, s);
        }
        record_sender_free(d->sender);
        bus_close(d->intake);
        arena_free(d->arena);
        free(d);
    }
}
