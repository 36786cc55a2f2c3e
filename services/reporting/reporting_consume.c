/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reporting_consume.c - events of intake, followup and loyalty become figures.
 *
 * The steps of a batch are those of figure_fold.h; then the cursors move, and COMMIT: one
 * transaction, so a batch takes effect once, and all of it or nothing.
 */
#include "common/base/crash_point.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/figure_fold.h"
#include "services/reporting/progress_link_store.h"
#include "services/reporting/reporting.h"
#include "services/reporting/reporting_store.h"

/* ---- a batch */

/* What stands in the tables cannot be read: no other batch will do better, but others may. */
static void refuse(struct reporting *r, const struct err *err)
{
    log_error("figures_unreadable", LOG_TEXT("code", err->code), LOG_TEXT("text", err->text));
    event_consumption_fail(r->consumption, NULL);
}

/* The pages of who was erased are shut for good: nobody is left to whom they belong. */
static void shut_pages(struct reporting *r)
{
    struct event_consumption *c = r->consumption;
    const int64_t now_us = service_now_us(r->service);

    for (size_t i = 0; i < event_consumption_count(c); i++) {
        const Troth__V1__Event *e = event_consumption_get(c, i);

        if (e->body_case == TROTH__V1__EVENT__BODY_CUSTOMER_ERASED) {
            progress_link_store_revoke_of(event_consumption_db(c), e->customer, now_us);
        }
    }
}

static void on_rows(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct reporting *r = ctx;
    struct err err = ERR_NONE;

    if (reply->outcome != DB_OK) {
        event_consumption_fail(r->consumption, reply);
        return;
    }
    CRASH_POINT("reporting.fold.counted");
    int rc = figure_fold_write(r->fold, reply, db, &err);
    if (rc < 0) {
        refuse(r, &err);
    } else if (rc > 0) {
        db_run(db, on_rows, r);
    } else {
        shut_pages(r);
        CRASH_POINT("reporting.fold.written");
        event_consumption_commit(r->consumption);
    }
}

static void on_looked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct reporting *r = ctx;
    struct err err = ERR_NONE;

    CRASH_POINT("reporting.fold.looked");
    if (reply->outcome != DB_OK) {
        event_consumption_fail(r->consumption, reply);
    } else if (figure_fold_count(r->fold, reply, db, &err) < 0) {
        refuse(r, &err);
    } else {
        db_run(db, on_rows, r);
    }
}

static void on_known(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct reporting *r = ctx;

    if (reply->outcome != DB_OK) {
        event_consumption_fail(r->consumption, reply);
        return;
    }
    CRASH_POINT("reporting.fold.known");
    figure_fold_look(r->fold, reply, db);
    db_run(db, on_looked, r);
}

static void apply(void *ctx, struct event_consumption *c)
{
    struct reporting *r = ctx;
    struct db *db = event_consumption_db(c);

    r->consumption = c;
    figure_fold_clear(r->fold);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        figure_fold_add(r->fold, event_consumption_get(c, i));
    }
    reporting_store_plan(db);
    figure_fold_begin(r->fold, db);
    reporting_store_put_zone(db, r->settings->time_zone, r->settings->return_window_us);
    db_run(db, on_known, r);
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct reporting *r = ctx;

    (void)reply;
    CRASH_POINT("reporting.fold.committed");
    *r->applied_count += (int64_t)event_consumption_count(c);
}

/* ---- start and stop */

static void on_published(void *ctx, struct bus_socket *socket, const struct bus_message *message)
{
    struct reporting *r = ctx;

    (void)socket;
    (void)message; /* the doorbell: the event itself is read from the table */
    event_consumer_wake(r->consumer);
}

static int listen_to_services(struct reporting *r, struct err *err)
{
    const struct reporting_settings *s = r->settings;
    const struct {
        const char *endpoints, *key_file, *key_setting;
    } others[REPORTING_DOORBELLS] = {
        {s->intake_events,   s->intake_key_file,   "intake_key_file"  },
        {s->followup_events, s->followup_key_file, "followup_key_file"},
        {s->loyalty_events,  s->loyalty_key_file,  "loyalty_key_file" },
    };
    char key[BUS_KEY_TEXT_SIZE];

    for (size_t i = 0; i < REPORTING_DOORBELLS; i++) {
        if (text_is_empty(others[i].endpoints)) {
            continue;
        }
        if (bus_public_key_read(others[i].key_file, key, err) < 0) {
            return err_prefix(err, "%s", others[i].key_setting);
        }
        r->doorbells[i] =
            bus_connect_sub(r->service->bus, others[i].endpoints, key, on_published, r, err);
        if (r->doorbells[i] == NULL) {
            return -1;
        }
        bus_follow_key_file(r->doorbells[i], others[i].key_file);
    }
    return 0;
}

int reporting_consume_start(struct reporting *r, struct err *err)
{
    static const char *const services[] = {"intake", "followup", "loyalty", NULL};
    const struct service *s = r->service;
    const struct lease_options lanes = {
        .group = "lane/reporting",
        .count = LANE_COUNT,
        .holder = s->holder,
        .length_us = s->common->lease_us,
    };

    if (reporting_store_check_zone(s->db, r->settings->time_zone, r->settings->return_window_us,
                                   s->common->db_deadline_us, err) < 0) {
        return -1;
    }
    r->zone = zone_open(r->settings->time_zone, err);
    if (r->zone == NULL) {
        return err_prefix(err, "time_zone");
    }
    r->fold = figure_fold_new(r->zone, r->settings->return_window_us);
    r->lanes = lease_set_new(s->loop, s->db, &lanes, NULL, NULL);
    const struct event_consumer_options options = {
        .consumer = "reporting",
        .services = services,
        .batch_max = (size_t)r->settings->batch_events,
        .poll_us = s->common->poll_us,
        .lanes = r->lanes,
        .is_lane_by_lane = true,
        .apply = apply,
        .applied = applied,
        .ctx = r,
        .service = s,
    };
    r->consumer = event_consumer_new(s->loop, s->db, &options);
    return listen_to_services(r, err);
}

void reporting_consume_stop(struct reporting *r)
{
    for (size_t i = 0; i < REPORTING_DOORBELLS; i++) {
        bus_close(r->doorbells[i]);
    }
    event_consumer_free(r->consumer);
    lease_set_free(r->lanes);
    figure_fold_free(r->fold);
    zone_free(r->zone);
}
