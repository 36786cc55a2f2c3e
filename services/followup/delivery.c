/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.c - a batch of events:
 *
 * 1. the subscriptions in force, in the same transaction; none: the cursors alone move
 * 2. each event against each of them; what matches becomes a row
 * 3. the cursors, COMMIT; then the sender is woken
 *
 * Events of the past (is_historical) are told to nobody: nothing has just happened.
 */
#include "services/followup/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/store/delivery_body.h"
#include "services/followup/delivery_sender.h"
#include "services/followup/delivery_store.h"

enum {
    EVENTS_MAX = 256
};

struct delivery {
    struct followup *followup;
    struct event_consumer *consumer;
    struct delivery_sender *sender;
    /* of the batch */
    struct event_consumption *batch;
    struct delivery_new *rows;
    size_t row_count, row_capacity;
    struct text bodies;
    int64_t *matched;
};

static bool is_wanted(const struct delivery_subscription *s, const Troth__V1__Event *event,
                      const struct delivery_event *e)
{
    return event->recorded_us >= s->created_us && delivery_is_chosen(&s->choice, e);
}

static void add_row(struct delivery *d, const struct delivery_new *row)
{
    if (d->row_count == d->row_capacity) {
        d->row_capacity = d->row_capacity ? 2 * d->row_capacity : 64;
        d->rows = xreallocarray(d->rows, d->row_capacity, sizeof(*d->rows));
    }
    d->rows[d->row_count++] = *row;
}

static void match(struct delivery *d, const struct db_rows *subscriptions,
                  const Troth__V1__Event *event)
{
    struct delivery_event e;
    size_t body = d->bodies.len, before = d->row_count;
    delivery_body_write(event, &e, &d->bodies);
    text_append_len(&d->bodies, "", 1);
    for (size_t i = 0; e.kind && i < db_row_count(subscriptions); i++) {
        struct delivery_subscription s;
        delivery_store_get_subscription(subscriptions, i, &s);
        if (is_wanted(&s, event, &e)) {
            add_row(d, &(struct delivery_new){
                           .subscription = s.id, .event = event, .kind = e.kind, .body = body});
        }
    }
    if (d->row_count == before) {
        d->bodies.len = body; /* nobody wants it */
    }
}

static void on_subscriptions(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct delivery *d = ctx;
    if (reply->outcome != DB_OK) {
        event_consumption_fail(d->batch, reply);
        return;
    }
    const struct db_rows *rows = reply->rows[0];
    for (size_t i = 0; db_row_count(rows) > 0 && i < event_consumption_count(d->batch); i++) {
        const Troth__V1__Event *event = event_consumption_get(d->batch, i);
        if (!event->is_historical) {
            match(d, rows, event);
        }
    }
    if (d->row_count > 0) {
        delivery_store_put_new(db, d->rows, d->row_count, d->bodies.data, instant_now_us());
    }
    event_consumption_commit(d->batch);
}

static void apply(void *ctx, struct event_consumption *c)
{
    struct delivery *d = ctx;
    d->batch = c;
    d->row_count = 0;
    text_clear(&d->bodies);
    delivery_store_put_subscriptions(event_consumption_db(c));
    db_run(event_consumption_db(c), on_subscriptions, d);
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct delivery *d = ctx;
    (void)c;
    (void)reply;
    if (d->row_count > 0) {
        *d->matched += (int64_t)d->row_count;
        delivery_sender_wake(d->sender);
    }
}

struct delivery *delivery_new(struct followup *f, struct err *err)
{
    static const char *const services[] = {"intake", "followup", "loyalty", NULL};
    struct delivery *d = xcalloc(1, sizeof(*d));
    d->followup = f;
    d->sender = delivery_sender_new(f, err);
    if (!d->sender) {
        free(d);
        return NULL;
    }
    d->matched = metrics_counter(f->service->metrics, "troth_followup_deliveries_total", NULL,
                                 "Events that a subscription wants.");
    const struct event_consumer_options options = {
        .consumer = "followup.delivery",
        .services = services,
        .batch_max = EVENTS_MAX,
        .poll_us = f->service->common->poll_us,
        .lanes = f->lanes,
        .apply = apply,
        .applied = applied,
        .ctx = d,
        .service = f->service,
    };
    d->consumer = event_consumer_new(f->service->loop, f->service->db, &options);
    return d;
}

void delivery_free(struct delivery *d)
{
    if (d) {
        event_consumer_free(d->consumer);
        delivery_sender_free(d->sender);
        free(d->rows);
        text_free(&d->bodies);
        free(d);
    }
}

void delivery_wake(struct delivery *d)
{
    event_consumer_wake(d->consumer);
}

bool delivery_is_busy(const struct delivery *d)
{
    return event_consumer_is_busy(d->consumer) || delivery_sender_is_busy(d->sender);
}
