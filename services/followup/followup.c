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
#include "services/followup/delivery.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_gauge_store.h"
#include "services/followup/followup_numbers.h"
#include "services/followup/followup_orders.h"
#include "services/followup/followup_outbox.h"
#include "services/followup/followup_planner.h"
#include "services/followup/followup_requests.h"
#include "services/followup/followup_session.h"
#include "services/followup/followup_watch.h"
#include "services/followup/followup_zones.h"
#include "services/followup/plan_round.h"
#include "services/followup/worklist_desk.h"
#include "services/followup/worklist_leases.h"

enum {
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

void followup_count_missed(const struct followup *f, int64_t window_passed,
                           int64_t nothing_permitted)
{
    *f->metrics.missed_window += window_passed;
    *f->metrics.missed_nothing_permitted += nothing_permitted;
    if (window_passed + nothing_permitted > 0) {
        log_warning("follow_ups_missed", LOG_INT("count", window_passed + nothing_permitted),
                    LOG_INT("window_passed", window_passed),
                    LOG_INT("nothing_permitted", nothing_permitted));
    }
}

bool followup_may_dial(const struct followup *f, const struct followup_dialer *dialer)
{
    struct principal who;
    return principal_by_key(f->service->principals, dialer->key, &who) && (who.rights & RIGHT_DIAL);
}

struct followup_dialers_when followup_when(const struct followup *f)
{
    return (struct followup_dialers_when){
        .now_us = instant_monotonic_us(),
        .business_us = service_now_us(f->service),
    };
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
    followup_claims_on_time(f->claims);
    plan_round_tick(f->rounds);
    if (f->service->is_demo_clock) {
        event_consumer_wake(f->consumer); /* it may have been held back */
    }
}

static void on_lanes(void *ctx)
{
    struct followup *f = ctx;
    if (f->consumer && !f->is_draining) {
        event_consumer_wake(f->consumer);
        plan_round_wake(f->rounds);
        followup_claims_wake(f->claims);
        followup_watch_wake(f->watch);
        followup_zones_wake(f->zones);
        followup_outbox_wake(f->outbox);
        delivery_wake(f->deliveries);
    }
}

/* ---- start */

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
    bus_follow_key_file(f->intake, settings->intake_key_file);
    if (text_is_empty(settings->intake_events)) {
        return 0;
    }
    f->intake_events = bus_connect_sub(f->service->bus, settings->intake_events, key,
                                       followup_on_intake_event, f, err);
    if (!f->intake_events) {
        return err_prefix(err, "intake_events");
    }
    bus_follow_key_file(f->intake_events, settings->intake_key_file);
    return 0;
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
    const struct lease_options watch = {
        .group = "watch/followup",
        .count = 1,
        .holder = s->holder,
        .length_us = s->common->lease_us,
    };
    f->watch_lease = lease_set_new(s->loop, s->db, &watch, NULL, NULL);
    f->slots = lease_set_new(s->loop, s->db, &slots, on_lanes, f);
    f->lanes = lease_set_new(s->loop, s->db, &lanes, on_lanes, f);
}

static void start_parts(struct followup *f)
{
    static const char *const services[] = {"intake", "loyalty", NULL};
    const struct service *s = f->service;
    f->zone_shelf = zone_shelf_new();
    f->dialers = followup_dialers_new();
    f->planner = followup_planner_new(f);
    f->rounds = plan_round_new(f);
    f->claims = followup_claims_new(f);
    f->numbers = followup_numbers_new(f);
    f->orders = followup_orders_new(f);
    f->fates = followup_fates_new(f);
    f->watch = followup_watch_new(f);
    f->outbox = followup_outbox_new(f);
    f->session = followup_session_new(f);
    f->zones = followup_zones_new(f);
    f->worklists = inquiry_desk_new(s->db, WORKLISTS_MAX, f);
    inquiry_desk_measure(f->worklists, f->metrics.worklist);
    f->desk = worklist_desk_new(f);
    f->leases = worklist_leases_new(f);
    const struct event_consumer_options options = {
        .consumer = "followup",
        .services = services,
        .batch_max = FOLLOWUP_PLANNER_EVENTS_MAX,
        .poll_us = s->common->poll_us,
        .lanes = f->lanes,
        .may_read = followup_planner_may_read,
        .apply = followup_planner_apply,
        .applied = followup_planner_applied,
        .ctx = f->planner,
        .service = s,
    };
    f->consumer = event_consumer_new(s->loop, s->db, &options);
}

static void stop(void *state)
{
    struct followup *f = state;
    metrics_withdraw(f->service->metrics, f);
    gauge_watch_free(f->watch_gauges);
    bus_close(f->intake_events);
    bus_close(f->intake);
    event_consumer_free(f->consumer);
    delivery_free(f->deliveries);
    followup_claims_free(f->claims);
    followup_numbers_free(f->numbers);
    followup_orders_free(f->orders);
    followup_fates_free(f->fates);
    followup_watch_free(f->watch);
    followup_outbox_free(f->outbox);
    followup_session_free(f->session);
    followup_zones_free(f->zones);
    worklist_leases_free(f->leases);
    worklist_desk_free(f->desk); /* after the calls that booked its lines */
    inquiry_desk_free(f->worklists);
    plan_round_free(f->rounds);
    followup_planner_free(f->planner);
    followup_dialers_free(f->dialers); /* after the calls that booked lines */
    lease_set_free(f->watch_lease);
    lease_set_free(f->lanes);
    lease_set_free(f->slots);
    text_shelf_free(f->questionnaire_shelf);
    text_shelf_free(f->rule_shelf); /* after whoever plans by it */
    seal_box_wipe(&f->seal_box);
    zone_shelf_free(f->zone_shelf);
    arena_free(f->arena);
    free(f);
}

/* SIGHUP: the settings were read anew, and may name another file of rules. */
static void reload(void *state)
{
    struct followup *f = state;
    rule_shelf_reload(f->rule_shelf, f);
    questionnaire_shelf_reload(f->questionnaire_shelf, f);
}

static void keys_read(void *state, const struct bus_keys *pairs, int pair_count)
{
    struct followup *f = state;
    struct err err = ERR_NONE;
    if (seal_box_init(&f->seal_box, pairs, pair_count, &err) < 0) {
        log_error("reload_failed", LOG_ERR(&err));
    }
}

static int open_texts(struct followup *f, struct err *err)
{
    f->rule_shelf = rule_shelf_open(f, err);
    f->questionnaire_shelf = f->rule_shelf ? questionnaire_shelf_open(f, err) : NULL;
    if (!f->questionnaire_shelf) {
        return -1;
    }
    return seal_box_read(&f->seal_box, f->service->common->key_file, err);
}

static bool is_watching(const void *ctx)
{
    const struct followup *f = ctx;
    return lease_holds(f->watch_lease, 0);
}

static void fill_metrics(void *ctx)
{
    const struct followup *f = ctx;
    const struct followup_dialers_when when = followup_when(f);
    int64_t connected = 0;
    const struct followup_dialer *dialer;
    for (size_t i = 0; (dialer = followup_dialers_at(f->dialers, i)) != NULL; i++) {
        connected += followup_dialer_is_connected(dialer, when.now_us) ? 1 : 0;
    }
    *f->metrics.dialers = connected;
    *f->metrics.lines = followup_dialers_free_lines(f->dialers, &when);
    for (int channel = 1; channel < FOLLOWUP_RESTING_CHANNELS; channel++) {
        enum followup_dialers_state state = followup_dialers_state(f->dialers, channel, &when);
        *f->metrics.resting[channel] =
            state == FOLLOWUP_DIALERS_NONE ? METRICS_NONE : state == FOLLOWUP_DIALERS_RESTING;
    }
}

static void *start(struct service *s, struct err *err)
{
    struct followup *f = xcalloc(1, sizeof(*f));
    f->service = s;
    f->settings = s->settings;
    f->started_us = instant_now_us();
    f->arena = arena_new(MESSAGE_BUDGET);
    followup_metrics_register(s->metrics, &f->metrics);
    /* The texts come from the database, and the loop turns meanwhile: nobody may ring before there
     * is somebody to hear it. */
    if (open_texts(f, err) < 0 || connect_intake(f, err) < 0) {
        text_shelf_free(f->questionnaire_shelf);
        text_shelf_free(f->rule_shelf);
        bus_close(f->intake_events);
        bus_close(f->intake);
        seal_box_wipe(&f->seal_box);
        arena_free(f->arena);
        free(f);
        return NULL;
    }
    start_leases(f);
    start_parts(f);
    f->deliveries = delivery_new(f, err);
    if (!f->deliveries) {
        stop(f);
        return NULL;
    }
    f->watch_gauges = gauge_watch_new(s, followup_gauge_questions, is_watching, f);
    metrics_before_print(s->metrics, fill_metrics, f);
    service_on_time(s, on_time, f);
    return f;
}

/* ---- drain */

static void drain(void *state)
{
    struct followup *f = state;
    f->is_draining = true;
    lease_set_give_back(f->lanes);
    lease_set_give_back(f->watch_lease);
}

static bool is_drained(const void *state)
{
    const struct followup *f = state;
    return !event_consumer_is_busy(f->consumer) && !plan_round_is_busy(f->rounds) &&
           !followup_claims_is_busy(f->claims) && !followup_numbers_is_busy(f->numbers) &&
           !followup_orders_is_busy(f->orders) && !followup_fates_is_busy(f->fates) &&
           !followup_outbox_is_busy(f->outbox) && !followup_zones_is_busy(f->zones) &&
           !delivery_is_busy(f->deliveries) && inquiry_desk_open_count(f->worklists) == 0;
}

/* name, default_value */
static const struct setting defaults[] = {
    {.name = "requests",                       .default_value = "tcp://127.0.0.1:5520"},
    {.name = "events",                                        .default_value = "tcp://127.0.0.1:5521"},
    {.name = "http",.default_value = "127.0.0.1:8520"},
    {.name = "db_connections",                           .default_value = "6"},
    {.name = NULL                                       },
};

/* Every statement names the few rows it is about by key, so an index is right however large the
 * tables are or were when the plan was made: on tables that were empty then, or that nobody has
 * analyzed, the planner chose to read all of them, each time. */
#define DATABASE_SETTINGS                                                                          \
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off"           \
    " -c enable_mergejoin=off"

const struct service_spec followup_spec = {
    .name = "followup",
    .summary =
        "plans follow-up calls, orders each attempt at most once, and sends the answers back",
    .settings = followup_setting_table,
    .settings_size = sizeof(struct followup_settings),
    .common_defaults = defaults,
    .has_database = true,
    .database_settings = DATABASE_SETTINGS,
    .has_events = true,
    .start = start,
    .reload = reload,
    .keys_read = keys_read,
    .drain = drain,
    .is_drained = is_drained,
    .stop = stop,
    .on_request = followup_on_request,
};
