/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup.c - starts the parts, tells them what time it is, drains and stops them.
 *
 * Drain: no new claims, plans or questions; what is claimed becomes an order or goes back, what is
 * known is committed. Orders at a dialer need not be waited for: it repeats their results to
 * whoever comes next.
 */
#include "services/followup/followup.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "dialer.pb-c.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_numbers.h"
#include "services/followup/followup_on_case_changed.h"
#include "services/followup/followup_orders.h"
#include "services/followup/followup_outbox.h"
#include "services/followup/followup_requests.h"
#include "services/followup/followup_session.h"
#include "services/followup/followup_watch.h"

enum {
    EVENTS_MAX = 256,             /* in one transaction */
    WORKLISTS_MAX = 32,           /* questions at once */
    MESSAGE_BUDGET = 1024 * 1024, /* memory for one message */
};

/* ---- shared */

bool followup_can_write(const struct followup *f)
{
    return lease_held_count(f->slots) > 0;
}

bool followup_owns_bucket(const struct followup *f, int16_t bucket)
{
    return lease_holds(f->lanes, (size_t)bucket % LANE_COUNT);
}

void followup_list_buckets(const struct followup *f, struct db_array *ret_buckets)
{
    db_array_init(ret_buckets, DB_INT2);
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (followup_owns_bucket(f, bucket)) {
            db_array_add_int(ret_buckets, bucket);
        }
    }
}

void followup_put_fences(const struct followup *f, struct db *db)
{
    for (size_t lane = 0; lane < LANE_COUNT; lane++) {
        if (lease_holds(f->lanes, lane)) {
            lease_put_fence(db, f->lanes, lane);
        }
    }
}

void followup_append(const struct followup *f, struct db *db, struct event_batch *events)
{
    event_log_append(db, f->service->name, f->slots, events);
}

void followup_publish(const struct followup *f, const struct event_batch *events,
                      const struct db_reply *reply)
{
    if (event_batch_count(events) > 0) {
        event_log_publish(f->service->events, events, reply->rows[reply->count - 1]);
    }
}

void followup_log_failure(const struct followup *f, const char *event, const struct db_reply *reply)
{
    (*f->metrics.failures)++;
    log_warning(event, LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
}

bool followup_may_dial(const struct followup *f, const struct followup_dialer *dialer)
{
    struct principal who;
    return principal_by_key(f->service->principals, dialer->key, &who) && (who.rights & RIGHT_DIAL);
}

int followup_send_to_dialer(const struct followup *f, const struct followup_dialer *dialer,
                            const struct Troth__V1__DialerReply *message)
{
    if (!f->requests || dialer->peer_len == 0 || !followup_may_dial(f, dialer)) {
        return -1;
    }
    struct buffer body = {.data = NULL};
    size_t len = troth__v1__dialer_reply__get_packed_size(message);
    (void)troth__v1__dialer_reply__pack(message, buffer_extend(&body, len));
    int rc = bus_reply(f->requests, (struct bytes){.data = dialer->peer, .len = dialer->peer_len},
                       (struct bytes){.data = body.data, .len = body.len});
    explicit_bzero(body.data, body.len); /* an order holds a phone number */
    buffer_free(&body);
    return rc;
}

/* ---- time */

static void on_time(void *ctx)
{
    struct followup *f = ctx;
    followup_claims_wake(f->claims);
}

static void on_lanes(void *ctx)
{
    struct followup *f = ctx;
    if (f->consumer && !f->is_draining) {
        event_consumer_wake(f->consumer);
        followup_claims_wake(f->claims);
        followup_watch_wake(f->watch);
        followup_outbox_wake(f->outbox);
    }
}

/* ---- start */

static void add_metrics(struct followup *f)
{
    struct metrics *m = f->service->metrics;
    f->metrics = (struct followup_metrics){
        .planned = metrics_counter(m, "troth_followup_planned_total", NULL, "Follow-ups planned."),
        .claimed = metrics_counter(m, "troth_followup_claimed_total", NULL,
                                   "Follow-ups claimed for a call."),
        .ordered =
            metrics_counter(m, "troth_followup_ordered_total", NULL, "Dial orders committed."),
        .calls = metrics_counter(m, "troth_followup_calls_total", NULL,
                                 "Calls that ended with an outcome."),
        .listed =
            metrics_counter(m, "troth_followup_listed_total", NULL,
                            "Follow-ups that a person has to look at because of their order."),
        .questions = metrics_counter(m, "troth_followup_questions_total", NULL,
                                     "Questions to dialers about orders without a result."),
        .answers_taken = metrics_counter(m, "troth_followup_answers_total", "result=\"taken\"",
                                         "Answers that intake decided on."),
        .answers_rejected =
            metrics_counter(m, "troth_followup_answers_total", "result=\"rejected\"",
                            "Answers that intake decided on."),
        .failures = metrics_counter(m, "troth_followup_failures_total", NULL,
                                    "Conversations with the database that failed."),
    };
}

static int connect_intake(struct followup *f, struct err *err)
{
    const struct followup_settings *settings = f->settings;
    char key[BUS_KEY_TEXT_SIZE];
    if (bus_public_key_read(settings->intake_key_file, key, err) < 0) {
        return err_prefix(err, "intake_key_file");
    }
    f->intake =
        bus_connect_dealer(f->service->bus, settings->intake, key, followup_on_intake, f, err);
    if (!f->intake) {
        return err_prefix(err, "intake");
    }
    if (text_is_empty(settings->intake_events)) {
        return 0;
    }
    f->intake_events = bus_connect_sub(f->service->bus, settings->intake_events, key,
                                       followup_on_intake_event, f, err);
    return f->intake_events ? 0 : err_prefix(err, "intake_events");
}

static void start_leases(struct followup *f)
{
    const struct service *s = f->service;
    const struct lease_options slots = {
        .group = "stream/followup",
        .count = EVENT_SLOT_COUNT,
        .want = 1,
        .holder = s->holder,
        .length_us = s->common->lease_us,
    };
    const struct lease_options lanes = {
        .group = "lane/followup",
        .count = LANE_COUNT,
        .holder = s->holder,
        .length_us = s->common->lease_us,
    };
    f->slots = lease_set_new(s->loop, s->db, &slots, on_lanes, f);
    f->lanes = lease_set_new(s->loop, s->db, &lanes, on_lanes, f);
}

static void start_parts(struct followup *f)
{
    static const char *const services[] = {"intake", NULL};
    const struct service *s = f->service;
    f->dialers = followup_dialers_new();
    f->planner = followup_planner_new(f);
    f->claims = followup_claims_new(f);
    f->numbers = followup_numbers_new(f);
    f->orders = followup_orders_new(f);
    f->fates = followup_fates_new(f);
    f->watch = followup_watch_new(f);
    f->outbox = followup_outbox_new(f);
    f->session = followup_session_new(f);
    f->worklists = inquiry_desk_new(s->db, WORKLISTS_MAX, f);
    const struct event_consumer_options options = {
        .consumer = "followup",
        .services = services,
        .batch_max = EVENTS_MAX,
        .poll_us = s->common->poll_us,
        .lanes = f->lanes,
        .apply = followup_on_case_changed,
        .applied = followup_on_planned,
        .ctx = f->planner,
    };
    f->consumer = event_consumer_new(s->loop, s->db, &options);
}

static void stop(void *state)
{
    struct followup *f = state;
    bus_close(f->intake_events);
    bus_close(f->intake);
    event_consumer_free(f->consumer);
    followup_claims_free(f->claims);
    followup_numbers_free(f->numbers);
    followup_orders_free(f->orders);
    followup_fates_free(f->fates);
    followup_watch_free(f->watch);
    followup_outbox_free(f->outbox);
    followup_session_free(f->session);
    inquiry_desk_free(f->worklists);
    followup_planner_free(f->planner);
    followup_dialers_free(f->dialers); /* after the calls that booked lines */
    lease_set_free(f->lanes);
    lease_set_free(f->slots);
    arena_free(f->arena);
    free(f);
}

static void *start(struct service *s, struct err *err)
{
    struct followup *f = xcalloc(1, sizeof(*f));
    f->service = s;
    f->settings = s->settings;
    f->started_us = instant_now_us();
    f->arena = arena_new(MESSAGE_BUDGET);
    add_metrics(f);
    if (connect_intake(f, err) < 0) {
        bus_close(f->intake);
        arena_free(f->arena);
        free(f);
        return NULL;
    }
    start_leases(f);
    start_parts(f);
    service_on_time(s, on_time, f);
    return f;
}

/* ---- drain */

static void drain(void *state)
{
    struct followup *f = state;
    f->is_draining = true;
    lease_set_give_back(f->lanes);
}

static bool is_drained(const void *state)
{
    const struct followup *f = state;
    return !event_consumer_is_busy(f->consumer) && !followup_claims_is_busy(f->claims) &&
           !followup_numbers_is_busy(f->numbers) && !followup_orders_is_busy(f->orders) &&
           !followup_fates_is_busy(f->fates) && !followup_outbox_is_busy(f->outbox) &&
           inquiry_desk_open_count(f->worklists) == 0;
}

/* name, default_value */
static const struct setting defaults[] = {
    {.name = "requests",                       .default_value = "tcp://127.0.0.1:5520"},
    {.name = "events",                                        .default_value = "tcp://127.0.0.1:5521"},
    {.name = "http",.default_value = "127.0.0.1:8520"},
    {.name = "db_connections",                           .default_value = "6"},
    {.name = NULL                                       },
};

const struct service_spec followup_spec = {
    .name = "followup",
    .summary =
        "plans follow-up calls, orders each attempt at most once, and sends the answers back",
    .settings = followup_setting_table,
    .settings_size = sizeof(struct followup_settings),
    .common_defaults = defaults,
    .has_database = true,
    .has_events = true,
    .start = start,
    .drain = drain,
    .is_drained = is_drained,
    .stop = stop,
    .on_request = followup_on_request,
};
