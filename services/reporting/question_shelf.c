/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/question_shelf.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/reporting/question_store.h"

#define FIRST_US (DURATION_S / 5)
#define EVERY_US (15 * DURATION_S)

struct question_shelf {
    struct service *service;
    struct loop_timer *timer;
    struct questionnaire *owned;
    const struct questionnaire *place; /* the same */
    struct db *db;                     /* while it reads for us */
};

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct question_shelf *s = ctx;
    struct questionnaire *fresh =
        reply->outcome == DB_OK ? question_store_take(reply->rows[0]) : NULL;

    if (reply->outcome != DB_OK) {
        log_warning("questionnaire_not_read", LOG_ERR(&reply->err));
    }
    if (fresh) {
        questionnaire_free(s->owned);
        s->place = s->owned = fresh;
    }
    s->db = NULL;
    db_release(db);
    loop_timer_after(s->timer, EVERY_US);
}

static void begin(void *ctx, struct db *db)
{
    struct question_shelf *s = ctx;

    s->db = db;
    question_store_put(db, s->owned ? questionnaire_hash(s->owned) : "");
    db_run(db, on_read, s);
}

static void on_timer(void *ctx)
{
    struct question_shelf *s = ctx;

    if (!s->service->is_draining) {
        db_pool_submit(s->service->db, begin, s);
    }
}

struct question_shelf *question_shelf_new(struct service *service)
{
    struct question_shelf *s = xcalloc(1, sizeof(*s));

    s->service = service;
    s->timer = loop_timer_new(service->loop, on_timer, s);
    loop_timer_after(s->timer, FIRST_US);
    return s;
}

void question_shelf_free(struct question_shelf *s)
{
    if (s) {
        db_pool_withdraw(s->service->db, s);
        if (s->db) {
            db_abandon(s->db);
        }
        loop_timer_free(s->timer);
        questionnaire_free(s->owned);
        free(s);
    }
}

const struct questionnaire *const *question_shelf_place(const struct question_shelf *s)
{
    return &s->place;
}
