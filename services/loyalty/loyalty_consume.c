/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_consume.c - events of intake become evidence, trust accounts, scores and ScoreChanged
 * events.
 *
 * 1. read what is known about the customers and things of the batch
 * 2. compute what changes (loyalty_fold.c, without a database)
 * 3. write it, append ScoreChanged to our own stream, move the cursors, COMMIT: one transaction
 * 4. publish what was appended
 *
 * A batch takes effect once: its cursors move by compare and set in the same transaction, and the
 * lanes' fences keep other processes off its customers.
 */
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/loyalty_store.h"

/* ---- ScoreChanged */

static void append_change(struct loyalty *l, const struct index_change *change)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__ScoreChanged body = TROTH__V1__SCORE_CHANGED__INIT;
    char reason[32];

    text_copy(reason, sizeof(reason), contribution_name(change->reason));
    event.has_customer = event.has_version = event.has_occurred_us = event.has_recorded_us = true;
    event.has_is_historical = true;
    event.customer = change->customer;
    event.version = change->version;
    event.occurred_us = change->occurred_us;
    event.recorded_us = service_now_us(l->service);
    event.is_historical = change->is_historical;
    event.body_case = TROTH__V1__EVENT__BODY_SCORE_CHANGED;
    event.score_changed = &body;
    body.has_index_before = body.has_index_after = true;
    body.index_before = change->before;
    body.index_after = change->after;
    body.reason = reason;
    event_batch_add(l->appended, &event);
}

/* ---- a batch */

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct loyalty *l = ctx;
    const struct index_change *changes;

    if (reply->outcome != DB_OK) {
        event_consumption_fail(l->consumption, reply);
        return;
    }
    loyalty_store_take(reply, l->fold);
    loyalty_fold_run(l->fold);
    l->appended_set = loyalty_store_write(db, l->fold);
    size_t count = loyalty_fold_changes(l->fold, &changes);
    for (size_t i = 0; i < count; i++) {
        append_change(l, &changes[i]);
    }
    event_log_append(db, l->service->name, l->slots, l->appended);
    event_consumption_commit(l->consumption);
}

static void apply(void *ctx, struct event_consumption *c)
{
    struct loyalty *l = ctx;
    struct loyalty_customer *customers;

    l->consumption = c;
    loyalty_fold_clear(l->fold);
    event_batch_clear(l->appended);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        loyalty_fold_add(l->fold, event_consumption_get(c, i));
    }
    loyalty_fold_seal(l->fold);
    if (loyalty_fold_customers(l->fold, &customers) == 0) {
        event_consumption_commit(c); /* nothing about loyalty: the cursors alone */
        return;
    }
    loyalty_store_read(event_consumption_db(c), l->fold);
    db_run(event_consumption_db(c), on_read, l);
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct loyalty *l = ctx;

    *l->applied_count += (int64_t)event_consumption_count(c);
    *l->changed_count += (int64_t)event_batch_count(l->appended);
    if (event_batch_count(l->appended) > 0) {
        event_log_publish(l->service->events, l->appended, reply->rows[l->appended_set]);
    }
}

/* ---- start and stop */

static void on_published(void *ctx, struct bus_socket *socket, const struct bus_message *message)
{
    struct loyalty *l = ctx;

    (void)socket;
    (void)message; /* the doorbell: the event itself is read from the table */
    event_consumer_wake(l->consumer);
}

static int listen_to_intake(struct loyalty *l, struct err *err)
{
    const struct loyalty_settings *settings = l->service->settings;
    char key[BUS_KEY_TEXT_SIZE];

    if (text_is_empty(settings->intake_events)) {
        return 0;
    }
    if (bus_public_key_read(settings->intake_key_file, key, err) < 0) {
        return err_prefix(err, "intake_key_file");
    }
    l->intake_events =
        bus_connect_sub(l->service->bus, settings->intake_events, key, on_published, l, err);
    return l->intake_events == NULL ? -1 : 0;
}

int loyalty_consume_start(struct loyalty *l, struct err *err)
{
    static const char *const services[] = {"intake", NULL};
    const struct service *s = l->service;
    const struct loyalty_settings *settings = s->settings;
    const struct lease_options slots = {
        .group = "stream/loyalty",
        .count = EVENT_SLOT_COUNT,
        .want = 1,
        .holder = s->holder,
        .length_us = s->common->lease_us,
    };
    const struct lease_options lanes = {
        .group = "lane/loyalty",
        .count = LANE_COUNT,
        .holder = s->holder,
        .length_us = s->common->lease_us,
    };

    l->fold = loyalty_fold_new();
    l->appended = event_batch_new();
    l->slots = lease_set_new(s->loop, s->db, &slots, NULL, NULL);
    l->lanes = lease_set_new(s->loop, s->db, &lanes, NULL, NULL);
    const struct event_consumer_options options = {
        .consumer = "loyalty",
        .services = services,
        .batch_max = (size_t)settings->batch_events,
        .poll_us = s->common->poll_us,
        .lanes = l->lanes,
        .apply = apply,
        .applied = applied,
        .ctx = l,
    };
    l->consumer = event_consumer_new(s->loop, s->db, &options);
    return listen_to_intake(l, err);
}

void loyalty_consume_stop(struct loyalty *l)
{
    bus_close(l->intake_events);
    event_consumer_free(l->consumer);
    lease_set_free(l->lanes);
    lease_set_free(l->slots);
    event_batch_free(l->appended);
    loyalty_fold_free(l->fold);
}
