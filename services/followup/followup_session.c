/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_session.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "services/followup/followup.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_talk.h"

#define SAVE_EVERY_US (10 * DURATION_S)

struct followup_session {
    struct followup *followup;
    struct followup_talk talk;
};

struct followup_session *followup_session_new(struct followup *f)
{
    struct followup_session *s = xcalloc(1, sizeof(*s));
    s->followup = f;
    s->talk.pool = f->service->db;
    return s;
}

void followup_session_free(struct followup_session *s)
{
    if (s) {
        followup_talk_close(&s->talk);
        free(s);
    }
}

static bool is_due(const struct followup_dialer *dialer, int64_t now_us)
{
    return dialer->saved_us == 0 || now_us - dialer->saved_us >= SAVE_EVERY_US;
}

static void on_saved(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_session *s = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(s->followup, "session_failed", reply);
    }
    followup_talk_end(&s->talk);
}

static void start(void *ctx, struct db *db)
{
    struct followup_session *s = ctx;
    int64_t now_us = instant_monotonic_us();
    struct followup_dialer *dialer;
    db_begin(db);
    for (size_t i = 0; (dialer = followup_dialers_at(s->followup->dialers, i)); i++) {
        if (is_due(dialer, now_us) && followup_dialer_is_connected(dialer, now_us)) {
            dialer->saved_us = now_us;
            followup_attempt_store_put_session(db, dialer, dialer->seen_real_us);
        }
    }
    db_commit(db);
    db_run(db, on_saved, s);
}

void followup_session_save(struct followup_session *s, struct followup_dialer *dialer)
{
    if (!s->talk.is_busy && is_due(dialer, instant_monotonic_us())) {
        followup_talk_begin(&s->talk, start, s);
    }
}
