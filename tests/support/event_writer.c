/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/event_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/event_log.h"
#include "tests/support/test_database.h"

#define PATIENCE_US (20 * DURATION_S)

struct event_writer {
    struct loop *loop;
    const char *service;
    struct db_pool *pool;
    struct lease_set *slots;
    struct event_batch *batch;
};

static struct db_pool *pool_of(struct loop *loop, const char *service, size_t size)
{
    char role[64];

    (void)text_format(role, sizeof(role), "troth_%s", service);
    return db_pool_new(loop, &(struct db_pool_options){
                                 .conninfo = test_conninfo(role), .name = "test", .size = size});
}

static bool has_slot(void *ctx)
{
    const struct event_writer *w = ctx;

    return lease_held_count(w->slots) == 1;
}

struct event_writer *event_writer_new(struct loop *loop, const char *service, const char *holder)
{
    struct event_writer *w = xcalloc(1, sizeof(*w));
    char group[64];

    (void)text_format(group, sizeof(group), "stream/%s", service);
    const struct lease_options slots = {
        .group = group, .count = EVENT_SLOT_COUNT, .want = 1, .holder = holder};
    w->loop = loop;
    w->service = service;
    w->pool = pool_of(loop, service, 1);
    w->batch = event_batch_new();
    w->slots = lease_set_new(loop, w->pool, &slots, NULL, NULL);
    test_wait(loop, has_slot, w, "the writer has a slot");
    return w;
}

void event_writer_free(struct event_writer *w)
{
    if (w == NULL) {
        return;
    }
    lease_set_free(w->slots);
    event_batch_free(w->batch);
    db_pool_free(w->pool);
    free(w);
}

void event_writer_add(struct event_writer *w, const Troth__V1__Event *event)
{
    Troth__V1__Event copy = *event;

    if (!copy.has_recorded_us) {
        copy.has_recorded_us = true;
        copy.recorded_us = copy.occurred_us;
    }
    event_batch_add(w->batch, &copy);
}

void event_writer_commit(struct event_writer *w)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(w->pool, PATIENCE_US, &err);

    if (db == NULL) {
        fail_msg("%s", err.text);
    }
    db_begin(db);
    event_log_append(db, w->service, w->slots, w->batch);
    db_commit(db);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        fail_msg("%s", reply->err.text);
    }
    db_release(db);
    event_batch_clear(w->batch);
}

Troth__V1__Event event_writer_event(int64_t customer, int64_t version, int64_t occurred_us)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;

    event.has_customer = event.has_version = true;
    event.has_occurred_us = event.has_recorded_us = true;
    event.customer = customer;
    event.version = version;
    event.occurred_us = occurred_us;
    event.recorded_us = occurred_us;
    return event;
}

struct service *service_stub_new(struct loop *loop, const char *name, void *settings)
{
    static const struct service_settings common = {
        .db_deadline_us = 20 * DURATION_S,
        .poll_us = 20 * DURATION_MS,
        .lease_us = 60 * DURATION_S,
    };
    struct service *s = xcalloc(1, sizeof(*s));

    s->name = name;
    s->common = &common;
    s->settings = settings;
    s->loop = loop;
    s->db = pool_of(loop, name, 3);
    s->metrics = metrics_new();
    (void)text_format(s->holder, sizeof(s->holder), "test/%s", name);
    return s;
}

void service_stub_free(struct service *s)
{
    db_pool_free(s->db);
    metrics_free(s->metrics);
    free(s);
}
