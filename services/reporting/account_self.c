/* SPDX-License-Identifier: Apache-2.0 */
/* account_self.c - what people change of their own account. */
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "services/reporting/account_work.h"
#include "services/reporting/session_store.h"

static void take_done(struct account_work *w, const struct db_reply *reply)
{
    (void)reply;
    account_work_answer(w, 200, json_object());
}

/* Machines have none. */
static struct account_work *open_own(void *ctx, const struct web_request *request,
                                     struct http_exchange *exchange)
{
    if (request->user.id == 0) {
        web_answer_error(exchange, "not_permitted", "a machine has no account");
        return NULL;
    }
    return account_work_open(ctx, request, exchange);
}

/* ---- language */

static void put_language(struct account_work *w, struct db *db)
{
    account_store_put_language(db, w->identity.user.id, w->language);
}

void account_on_language(void *ctx, const struct web_request *request,
                         struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    bool has_it;
    struct account_work *w = open_own(ctx, request, exchange);
    if (!w) {
        return;
    }
    if (!account_work_text(request->json, "language", w->language, sizeof(w->language), &has_it) ||
        !has_it) {
        account_work_fail(w, "request_invalid", "language is needed: en or zh-Hans");
    } else if (user_language_check(w->language, &err) < 0) {
        account_work_fail(w, err.code, err.text);
    } else {
        account_work_ask(w, put_language, take_done);
    }
}

/* ---- password */

static void take_password(struct account_work *w, const struct db_reply *reply)
{
    if (db_row_count(reply->rows[0]) == 0) {
        account_work_fail(w, "changed_meanwhile", "somebody else changed the account");
        return;
    }
    log_info("password_changed", LOG_INT("user", w->found.id));
    account_work_answer(w, 200, json_object());
}

static void put_password(struct account_work *w, struct db *db)
{
    bool has_session = w->identity.how == WEB_SESSION;
    db_begin(db);
    account_store_put_password(db, &(struct account_password){.id = w->found.id,
                                                              .old_hash = w->found.hash,
                                                              .new_hash = w->new_hash,
                                                              .is_other = true,
                                                              .now_us = w->now_us});
    session_store_put_end_others(db, w->found.id, has_session ? w->identity.session : NULL,
                                 w->now_us);
    account_store_put_forgive(db, &w->subjects, w->now_us, w->found.last_us);
    db_commit(db);
}

static void on_hash(void *ctx, bool is_right, const char *new_hash)
{
    struct account_work *w = ctx;
    (void)is_right;
    if (!new_hash) {
        account_work_fail(w, "unavailable", "no memory to hash a password: try again");
        return;
    }
    (void)text_copy(w->new_hash, sizeof(w->new_hash), new_hash);
    account_work_ask(w, put_password, take_password);
}

static void make_hash(struct account_work *w)
{
    if (!account_worker_hash(w->desk->worker, bytes_of_text(w->new_password), on_hash, w)) {
        account_work_fail(w, "unavailable", "too many at once: try again");
    }
}

void account_on_password(void *ctx, const struct web_request *request,
                         struct http_exchange *exchange)
{
    const struct account_desk *d = ctx;
    char address[WEB_ADDRESS_SIZE];
    struct err err = ERR_NONE;
    bool has_new;
    struct account_work *w = open_own(ctx, request, exchange);
    if (!w) {
        return;
    }
    if (!account_work_text(request->json, "old", w->password, sizeof(w->password),
                           &w->has_password) ||
        !account_work_text(request->json, "new", w->new_password, sizeof(w->new_password),
                           &has_new) ||
        !w->has_password || !has_new) {
        account_work_fail(w, "request_invalid", "old and new are needed, as texts");
        return;
    }
    (void)text_copy(w->name, sizeof(w->name), w->identity.user.name);
    if (user_password_check(w->name, bytes_of_text(w->new_password), &err) < 0) {
        account_work_fail(w, err.code, err.text);
        return;
    }
    account_subjects_of(w->name, web_gate_address(d->gate, request->http, address), &w->subjects);
    account_attempt(w, make_hash);
}
