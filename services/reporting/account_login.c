/* SPDX-License-Identifier: Apache-2.0 */
/* account_login.c - sessions begin, are shown, and end. */
#include <string.h>

#include <sodium.h>

#include "common/base/bytes.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "services/reporting/account_work.h"
#include "services/reporting/session_store.h"
#include "services/reporting/web_answer.h"
#include "services/reporting/web_cookie.h"

static json_t *print_session(const struct account_desk *d, const struct web_identity *identity)
{
    const struct web_user *user = &identity->user;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "name", user->name, "role",
                     user_role_name((int16_t)user->role), "language", user->language, "staff",
                     user->staff, "csrf_token", identity->csrf, "time_zone",
                     d->reporting->settings->time_zone, "now_us",
                     (json_int_t)service_now_us(d->reporting->service));
}

static void put_cookie(const struct account_desk *d, const char *token, struct http_response *r)
{
    struct text cookie = {0};
    web_cookie_print(token, d->reporting->settings->cookie_insecure, &cookie);
    http_response_header(r, "Set-Cookie", cookie.data);
    explicit_bzero(cookie.data, cookie.len);
    text_free(&cookie);
}

/* ---- in */

static void answer_login(struct account_work *w, const struct db_rows *account)
{
    struct web_identity identity = {.how = WEB_SESSION};
    struct http_response r;
    if (!session_store_take(account, &identity)) {
        account_work_fail(w, "login_failed", "name or password is wrong");
        return;
    }
    (*w->desk->logins)++;
    log_info("login", LOG_INT("user", identity.user.id));
    bytes_to_hex((struct bytes){w->csrf, sizeof(w->csrf)}, identity.csrf);
    web_json_response(200, print_session(w->desk, &identity), &r);
    put_cookie(w->desk, w->token, &r);
    account_work_respond(w, &r);
}

/* The sets of put_session(): the start, then what is only there when it is needed. */
static void take_session(struct account_work *w, const struct db_reply *reply)
{
    if (db_row_count(reply->rows[0]) == 0) {
        account_work_fail(w, "login_failed", "name or password is wrong"); /* changed meanwhile */
    } else {
        answer_login(w, reply->rows[reply->count - 1]);
    }
}

static void put_session(struct account_work *w, struct db *db)
{
    uint8_t hash[WEB_SESSION_HASH_LEN];
    principal_digest_token(bytes_of_text(w->token), hash);
    db_begin(db);
    session_store_put_start(
        db, &(struct session_start){
                .hash = hash,
                .csrf = w->csrf,
                .user = w->found.id,
                .password_hash = w->found.hash,
                .now_us = w->now_us,
                .expires_us = w->now_us + w->desk->reporting->settings->session_max_us,
            });
    account_store_put_forgive(db, &w->subjects, w->now_us, w->found.last_us);
    if (w->identity.how == WEB_SESSION) {
        session_store_put_end(db, w->identity.session);
    }
    if (w->new_hash[0]) {
        account_store_put_password(db, &(struct account_password){.id = w->found.id,
                                                                  .old_hash = w->found.hash,
                                                                  .new_hash = w->new_hash,
                                                                  .now_us = w->now_us});
    }
    session_store_put_find_name(db, w->name);
    db_commit(db);
}

static void begin_session(struct account_work *w)
{
    uint8_t token[WEB_SESSION_HASH_LEN];
    randombytes_buf(token, sizeof(token));
    randombytes_buf(w->csrf, sizeof(w->csrf));
    bytes_to_hex((struct bytes){token, sizeof(token)}, w->token);
    explicit_bzero(token, sizeof(token));
    account_work_ask(w, put_session, take_session);
}

/* Small letters, as names are; whatever else it holds makes it a name that nobody has. */
static void read_name(char *name)
{
    for (char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
}

void account_on_login(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct account_desk *d = ctx;
    char address[WEB_ADDRESS_SIZE];
    bool has_name;
    struct account_work *w = account_work_open(d, request, exchange);
    if (!w) {
        return;
    }
    if (!account_work_text(request->json, "name", w->name, sizeof(w->name), &has_name) ||
        !account_work_text(request->json, "password", w->password, sizeof(w->password),
                           &w->has_password) ||
        !has_name || !w->has_password) {
        account_work_fail(w, "request_invalid", "name and password are needed, as texts");
        return;
    }
    read_name(w->name);
    account_subjects_of(w->name, web_gate_address(d->gate, request->http, address), &w->subjects);
    account_attempt(w, begin_session);
}

/* ---- shown */

void account_on_session(void *ctx, const struct web_request *request,
                        struct http_exchange *exchange)
{
    const struct account_desk *d = ctx;
    if (request->identity->how == WEB_NOBODY) {
        web_answer_error(exchange, "login_needed", "log in first");
    } else {
        web_answer_json(exchange, 200, print_session(d, request->identity));
    }
}

/* ---- out */

static void put_end(struct account_work *w, struct db *db)
{
    session_store_put_end(db, w->identity.session);
}

static void take_end(struct account_work *w, const struct db_reply *reply)
{
    struct http_response r;
    (void)reply;
    web_json_response(200, json_object(), &r);
    put_cookie(w->desk, "", &r);
    http_response_header(&r, "Clear-Site-Data", "\"cache\", \"storage\"");
    account_work_respond(w, &r);
}

void account_on_logout(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    if (request->identity->how != WEB_SESSION) {
        web_answer_error(exchange, "request_invalid", "there is no session of ours to end");
        return;
    }
    struct account_work *w = account_work_open(ctx, request, exchange);
    if (w) {
        account_work_ask(w, put_end, take_end);
    }
}
