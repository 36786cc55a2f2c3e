/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_consume.c - events of intake become evidence, sums, scores and events of ours
 * (loyalty_batch.c).
 *
 * A batch takes effect once: its cursors move by compare and set in the same transaction, and the
 * lanes' fences keep other processes off its customers.
 */
#include "common/base/crash_point.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty.h"

/* ---- a batch */

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct loyalty *l = ctx;
    struct err err = ERR_NONE;

    if (reply->outcome != DB_OK) {
        event_consumption_fail(l->consumption, reply);
        return;
    }
    if (loyalty_batch_write(l, db, reply, &err) < 0) {
        log_error("batch_refused", LOG_ERR(&err));
        event_consumption_fail(l->consumption, NULL);
        return;
    }
    event_consumption_commit(l->consumption);
    CRASH_POINT("loyalty.batch.sent");
}

/* Both customers get the event. What is stored of the survivor is the person's; and a look at the
 * other one asks for a look at the survivor, who may have been looked at before a batch of the
 * other one ended that knew of no merge. */
static void look_at_person(struct loyalty *l, const Troth__V1__Event *event)
{
    if (event->customer > 0 && (event->body_case == TROTH__V1__EVENT__BODY_CUSTOMER_MERGED ||
                                event->body_case == TROTH__V1__EVENT__BODY_CUSTOMER_UNMERGED)) {
        loyalty_fold_touch(l->fold, event->customer);
    }
}

static void apply(void *ctx, struct event_consumption *c)
{
    struct loyalty *l = ctx;
    const int64_t *customers;
    struct points_account *accounts;

    l->consumption = c;
    loyalty_fold_clear(l->fold);
    points_batch_clear(l->points);
    event_batch_clear(l->appended);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        loyalty_fold_add(l->fold, event_consumption_get(c, i));
        look_at_person(l, event_consumption_get(c, i));
        points_batch_add(l->points, event_consumption_get(c, i));
    }
    loyalty_fold_seal(l->fold);
    points_batch_seal(l->points);
    if (loyalty_fold_customers(l->fold, &customers) == 0 &&
        points_batch_accounts(l->points, &accounts) == 0) {
        event_consumption_commit(c); /* nothing about loyalty: the cursors alone */
        return;
    }
    loyalty_batch_hold(l, event_consumption_db(c));
    loyalty_batch_read(l, event_consumption_db(c));
    db_run(event_consumption_db(c), on_read, l);
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct loyalty *l = ctx;

    *l->applied_count += (int64_t)event_consumption_count(c);
    loyalty_batch_publish(l, reply);
}

/* The sweep has its turn: customers of one batch are in no other. A round that has begun is applied
 * all the same: the sweep waits for it, and asks faster than we read. */
static bool may_read(const void *ctx)
{
    const struct loyalty *l = ctx;
    bool is_our_turn = event_consumer_is_busy(l->consumer) || !loyalty_sweep_is_busy(l);

    return is_our_turn && !service_is_held(l->service, DEMO_HOLDS_SCORES);
}

/* ---- start and stop */

static void on_published(void *ctx, struct bus_socket *socket, const struct bus_message *message)
{
    struct loyalty *l = ctx;

    (void)socket;
    (void)message; /* the doorbell: the event itself is read from the table */
    event_consumer_wake(l->consumer);
}

static void on_lanes(void *ctx)
{
    loyalty_sweep_walk(ctx);
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
    if (l->intake_events == NULL) {
        return -1;
    }
    bus_follow_key_file(l->intake_events, settings->intake_key_file);
    return 0;
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

    l->slots = lease_set_new(s->loop, s->db, &slots, NULL, NULL);
    l->lanes = lease_set_new(s->loop, s->db, &lanes, on_lanes, l);
    const struct event_consumer_options options = {
        .consumer = "loyalty",
        .services = services,
        .batch_max = (size_t)settings->batch_events,
        .poll_us = s->common->poll_us,
        .lanes = l->lanes,
        .apply = apply,
        .applied = applied,
        .may_read = may_read,
        .ctx = l,
        .service = s,
    };
    l->consumer = event_consumer_new(s->loop, s->db, &options);
    return listen_to_intake(l, err);
}

void loyalty_consume_wake(struct loyalty *l)
{
    event_consumer_wake(l->consumer);
}

void loyalty_consume_stop(struct loyalty *l)
{
    bus_close(l->intake_events);
    event_consumer_free(l->consumer);
    lease_set_free(l->lanes);
    lease_set_free(l->slots);
}
