/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/standard_reload.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/intake/intake_standard_store.h"
#include "services/intake/standard_shelf.h"

#define AGAIN_US (1 * DURATION_S)

struct standard_reload {
    struct intake *in;
    struct standard *next; /* to be stored; NULL: none */
    struct standard *sent; /* the statement under way stores it */
    struct loop_timer *timer;
    struct db *db;  /* of the conversation under way */
    bool is_asking; /* it is under way or waits for its connection */
};

/* Takes over s. */
static void put_in_force(struct intake *in, int32_t id, struct standard *s)
{
    standard_shelf_add(in->shelf, id, s);
    const struct standard *shelved = standard_shelf_find(in->shelf, id);
    if (!shelved) { /* a version of that hash could not be read when this process started */
        log_error("standard_refused", LOG_INT("id", id));
        return;
    }
    in->standard = shelved;
    in->standard_id = id;
    log_info("standard_in_force", LOG_TEXT("hash", standard_hash(shelved)), LOG_INT("id", id));
}

static void end(struct standard_reload *r, struct db *db, int64_t again_after_us)
{
    r->db = NULL;
    r->is_asking = false;
    db_release(db);
    if (r->next) {
        loop_timer_after(r->timer, again_after_us);
    }
}

static void on_stored(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct standard_reload *r = ctx;
    struct standard *sent = r->sent;
    bool is_ok = reply->outcome == DB_OK;
    r->sent = NULL;
    if (is_ok) {
        put_in_force(r->in, (int32_t)db_get_int(reply->rows[0], 0, 0), sent);
    } else if (reply->outcome == DB_RETRY && r->next) {
        standard_free(sent); /* another one has come meanwhile */
    } else if (reply->outcome == DB_RETRY) {
        r->next = sent;
    } else {
        log_error("standard_refused", LOG_ERR(&reply->err));
        standard_free(sent);
    }
    end(r, db, is_ok ? 0 : AGAIN_US);
}

static void ask(void *ctx, struct db *db)
{
    struct standard_reload *r = ctx;
    if (!r->next) { /* the file went back to what is in force */
        end(r, db, 0);
        return;
    }
    r->db = db;
    r->sent = r->next;
    r->next = NULL;
    intake_standard_add(db, r->sent, service_now_us(r->in->service));
    db_run(db, on_stored, r);
}

static void begin_asking(void *ctx)
{
    struct standard_reload *r = ctx;
    if (r->next && !r->is_asking) {
        r->is_asking = true;
        db_pool_submit(r->in->service->db, ask, r);
    }
}

void standard_reload_begin(struct standard_reload *r)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_load(r->in->settings->standard, &err);
    if (!s) {
        log_error("standard_refused", LOG_ERR(&err));
        return;
    }
    standard_free(r->next);
    r->next = NULL;
    if (!r->sent && strcmp(standard_hash(s), standard_hash(r->in->standard)) == 0) {
        standard_free(s);
        return;
    }
    r->next = s;
    begin_asking(r);
}

struct standard_reload *standard_reload_new(struct intake *in)
{
    struct standard_reload *r = xcalloc(1, sizeof(*r));
    r->in = in;
    r->timer = loop_timer_new(in->service->loop, begin_asking, r);
    return r;
}

void standard_reload_free(struct standard_reload *r)
{
    if (r) {
        if (r->db) {
            db_abandon(r->db);
        } else {
            db_pool_withdraw(r->in->service->db, r);
        }
        loop_timer_free(r->timer);
        standard_free(r->next);
        standard_free(r->sent);
        free(r);
    }
}
