/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reporting_consume.c - events of intake, followup and loyalty become daily counts and durations.
 *
 * 1. count what is plain (figure_fold.c, without a database)
 * 2. read how the promises of the batch were counted last; count them again
 * 3. add the differences, move the cursors, COMMIT: one transaction
 *
 * Counts are added to, so a batch must take effect once: its cursors move by compare and set in the
 * same transaction.
 */
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/reporting/reporting.h"
#include "services/reporting/reporting_store.h"

/* ---- a batch */

static void write_batch(struct reporting *r, struct db *db)
{
    figure_fold_run(r->fold);
    reporting_store_write(db, r->fold, r->settings->time_zone);
    event_consumption_commit(r->consumption);
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct reporting *r = ctx;

    if (reply->outcome != DB_OK) {
        event_consumption_fail(r->consumption, reply);
        return;
    }
    reporting_store_take(reply->rows[0], r->fold);
    write_batch(r, db);
}

static void apply(void *ctx, struct event_consumption *c)
{
    struct reporting *r = ctx;
    struct db *db = event_consumption_db(c);
    struct figure_promise *promises;

    r->consumption = c;
    figure_fold_clear(r->fold);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        figure_fold_add(r->fold, event_consumption_get(c, i));
    }
    figure_fold_seal(r->fold);
    if (figure_fold_promises(r->fold, &promises) == 0) {
        write_batch(r, db);
        return;
    }
    reporting_store_read(db, r->fold);
    db_run(db, on_read, r);
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct reporting *r = ctx;

    (void)reply;
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

    if (reporting_store_check_zone(s->db, r->settings->time_zone, s->common->db_deadline_us, err) <
        0) {
        return -1;
    }
    r->fold = figure_fold_new();
    r->lanes = lease_set_new(s->loop, s->db, &lanes, NULL, NULL);
    const struct event_consumer_options options = {
        .consumer = "reporting",
        .services = services,
        .batch_max = (size_t)r->settings->batch_events,
        .poll_us = s->common->poll_us,
        .lanes = r->lanes,
        .apply = apply,
        .applied = applied,
        .ctx = r,
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
}
