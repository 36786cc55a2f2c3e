/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_attempt.c - one try at a password:
 *
 * 1. lock what is known of failures, and look the account up; who must wait is told so
 * 2. count the try as a failure, COMMIT: so that a thousand tries at once are not a thousand free
 *    ones
 * 3. the hash, in the worker
 * 4. right: the caller goes on, and takes the failure back in his transaction
 *
 * An unknown name takes the same way, and its password is compared with a hash of nobody: neither
 * the answer nor its time tells which names there are.
 */
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "services/reporting/account_work.h"
#include "services/reporting/web_answer.h"

/* ---- 3 */

static void on_verified(void *ctx, bool is_right, const char *new_hash)
{
    struct account_work *w = ctx;
    if (!is_right) {
        (*w->desk->failed)++;
        log_warning("login_failed", LOG_INT("user", w->found.id));
        account_work_fail(w, "login_failed", "name or password is wrong");
        return;
    }
    (void)text_copy(w->new_hash, sizeof(w->new_hash), new_hash ? new_hash : "");
    w->verified(w);
}

static void verify(struct account_work *w)
{
    const char *hash = w->found.id ? w->found.hash : NULL;
    if (!account_worker_verify(w->desk->worker, hash, bytes_of_text(w->password), on_verified, w)) {
        account_work_fail(w, "unavailable", "too many log in at once: try again");
    }
}

/* ---- 1 and 2 */

static void on_counted(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct account_work *w = ctx;
    bool is_ok = reply->outcome == DB_OK;
    w->db = NULL;
    if (!is_ok) {
        log_warning("account_failed", LOG_ERR(&reply->err));
    }
    db_release(db);
    if (!is_ok) {
        account_work_fail(w, "unavailable", "try again");
    } else if (w->found.wait_us > 0) {
        struct http_response r;
        (*w->desk->delayed)++;
        web_error_response("too_many", "too many wrong tries: wait before the next", &r);
        r.retry_after_s = (w->found.wait_us + DURATION_S - 1) / DURATION_S;
        account_work_respond(w, &r);
    } else {
        verify(w);
    }
}

static void on_looked_up(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct account_work *w = ctx;
    if (reply->outcome != DB_OK) {
        on_counted(ctx, db, reply);
        return;
    }
    account_store_take_try(reply, &w->subjects, w->now_us, &w->found);
    if (w->found.wait_us > 0) {
        db_rollback(db);
    } else {
        account_store_put_count(db, &w->subjects, w->now_us);
        db_commit(db);
    }
    db_run(db, on_counted, w);
}

static void look_up(void *ctx, struct db *db)
{
    struct account_work *w = ctx;
    w->db = db;
    db_begin(db);
    account_store_put_try(db, w->name, &w->subjects, w->now_us);
    db_run(db, on_looked_up, w);
}

void account_attempt(struct account_work *w, void (*verified)(struct account_work *w))
{
    w->verified = verified;
    db_pool_submit(w->desk->reporting->service->db, look_up, w);
}
