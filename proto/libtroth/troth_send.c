/* SPDX-License-Identifier: Apache-2.0 */
/*
 * troth_send.c - the call that waits: fills the window, turns the loop, copies receipts.
 *
 * Every record has a receipt at the end. Where intake's is missing, ours says so and names the key
 * to go on with.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "proto/libtroth/troth_client.h"

#define TURN_US       (100 * DURATION_MS)
#define SUBMITS_A_RUN 64 /* receipts come in meanwhile */

/* One record of the call. */
struct item {
    struct send *send;
    Troth__V1__Receipt **receipt; /* in the caller's list; NULL in there: none yet */
    char key[TROTH_KEY_SIZE];
    size_t place;
    bool is_waiting;
};

struct send {
    struct troth_client *client;
    Troth__V1__Record *const *records;
    size_t count;
    struct item *items;
    size_t done;
    int64_t deadline_us; /* monotonic */
};

/* A copy that troth_receipt_free() frees. */
static Troth__V1__Receipt *copy_receipt(const Troth__V1__Receipt *r)
{
    const size_t size = troth__v1__receipt__get_packed_size(r);
    uint8_t *packed = xcalloc(size, 1);
    Troth__V1__Receipt *copy;

    (void)troth__v1__receipt__pack(r, packed);
    copy = troth__v1__receipt__unpack(NULL, size, packed);
    free(packed);
    if (!copy) {
        abort(); /* no memory, as in xalloc.h */
    }
    return copy;
}

void troth_receipt_free(Troth__V1__Receipt *receipt)
{
    troth__v1__receipt__free_unpacked(receipt, NULL);
}

static void set_receipt(struct item *item, const Troth__V1__Receipt *r)
{
    *item->receipt = copy_receipt(r);
    item->is_waiting = false;
    item->send->done++;
}

static void on_receipt(void *ctx, const Troth__V1__Receipt *receipt)
{
    set_receipt(ctx, receipt);
}

static void set_own_receipt(struct item *item, Troth__V1__ReceiptStatus status,
                            const struct err *why)
{
    struct err own = *why;
    Troth__V1__Receipt r = TROTH__V1__RECEIPT__INIT;

    r.key = item->key;
    r.has_status = 1;
    r.status = status;
    r.code = own.code;
    r.field = own.field;
    r.text = own.text;
    set_receipt(item, &r);
}

static bool is_late(const struct send *s, struct err *err)
{
    if (instant_monotonic_us() < s->deadline_us) {
        return false;
    }
    (void)troth_client_explain(s->client, err);
    return true;
}

static int wait_a_turn(const struct send *s, struct err *err)
{
    const int64_t left_us = s->deadline_us - instant_monotonic_us();

    if (is_late(s, err)) {
        return -1;
    }
    return troth_client_turn(s->client, left_us < TURN_US ? left_us : TURN_US, err);
}

/* Returns -1 when the call is over; a record that cannot be sent only gets its own receipt. */
static int add(struct item *item, const Troth__V1__Record *record, struct err *err)
{
    const struct troth_place what = {.on_receipt = on_receipt, .ctx = item};
    struct err why = ERR_NONE;

    while (troth_client_add(item->send->client, record, &what, item->key, &item->place, &why) < 0) {
        if (strcmp(why.code, "window_full") != 0) {
            if (record->key) {
                (void)text_copy(item->key, sizeof(item->key), record->key);
            }
            set_own_receipt(item, TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED, &why);
            return 0;
        }
        if (wait_a_turn(item->send, err) < 0) {
            return -1;
        }
    }
    item->is_waiting = true;
    return 0;
}

static int send_all(struct send *s, struct err *err)
{
    for (size_t i = 0; i < s->count; i++) {
        if (add(&s->items[i], s->records[i], err) < 0 ||
            (i % SUBMITS_A_RUN == 0 && troth_client_turn(s->client, 0, err) < 0)) {
            return -1;
        }
    }
    while (s->done < s->count) {
        if (wait_a_turn(s, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Of a record that was never sent the key may not have been made yet. */
static void give_up(struct item *item, const Troth__V1__Record *record, const struct err *why)
{
    if (item->is_waiting) {
        troth_client_forget(item->send->client, item->key, item->place);
    } else if (!text_is_empty(record->key)) {
        (void)text_copy(item->key, sizeof(item->key), record->key);
    } else {
        troth_key_new(item->key);
    }
    set_own_receipt(item, TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY, why);
}

int troth_send(struct troth_client *client, Troth__V1__Record *const *records, size_t count,
               int timeout_ms, Troth__V1__Receipt **receipts, struct troth_error *error)
{
    struct send s = {.client = client, .records = records, .count = count};
    struct err err = ERR_NONE;
    int rc;

    s.deadline_us = timeout_ms < 0 ? INT64_MAX : instant_monotonic_us() + timeout_ms * DURATION_MS;
    s.items = xcalloc(count, sizeof(*s.items));
    for (size_t i = 0; i < count; i++) {
        receipts[i] = NULL;
        s.items[i] = (struct item){.send = &s, .receipt = &receipts[i]};
    }
    rc = send_all(&s, &err);
    for (size_t i = 0; i < count; i++) {
        if (!receipts[i]) {
            give_up(&s.items[i], records[i], &err);
        }
    }
    free(s.items);
    return rc < 0 ? troth_error_set(error, &err) : 0;
}
