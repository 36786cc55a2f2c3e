/* SPDX-License-Identifier: Apache-2.0 */
/* account_users.c - the accounts of all. Nobody takes the role of admin from himself, and two not
 * from each other at once, so that there is always one. */
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "services/reporting/account_work.h"

/* ---- list */

static void put_list(struct account_work *w, struct db *db)
{
    (void)w;
    account_store_put_list(db);
}

static void take_list(struct account_work *w, const struct db_reply *reply)
{
    account_work_answer(w, 200, account_store_take_list(reply->rows[0]));
}

void account_on_list(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct account_work *w = account_work_open(ctx, request, exchange);
    if (w) {
        account_work_ask(w, put_list, take_list);
    }
}

/* ---- what is said of an account */

static int read_role(struct account_work *w, const json_t *json, struct err *err)
{
    char role[16];
    bool has_role;
    if (!account_work_text(json, "role", role, sizeof(role), &has_role)) {
        return err_set_field(err, "role_invalid", "role", "viewer, agent, manager or admin");
    }
    w->role = user_role_parse(role);
    if (has_role && !w->role) {
        return err_set_field(err, "role_invalid", "role", "viewer, agent, manager or admin");
    }
    return 0;
}

static int read_disabled(struct account_work *w, const json_t *json, struct err *err)
{
    const json_t *value = json_object_get(json, "is_disabled");
    if (value && !json_is_boolean(value)) {
        return err_set_field(err, "request_invalid", "is_disabled", "is_disabled is true or false");
    }
    if (value) {
        w->is_disabled = json_is_true(value) ? 1 : 0;
    }
    return 0;
}

/* name is known. */
static int read_account(struct account_work *w, const json_t *json, struct err *err)
{
    if (!account_work_text(json, "staff", w->staff, sizeof(w->staff), &w->has_staff)) {
        return err_set_field(err, "staff_invalid", "staff", "at most %d bytes", USER_NAME_MAX);
    }
    if (!account_work_text(json, "language", w->language, sizeof(w->language), &w->has_language)) {
        return err_set_field(err, "language_invalid", "language", "en or zh-Hans");
    }
    if (!account_work_text(json, "password", w->password, sizeof(w->password), &w->has_password)) {
        return err_set_field(err, "password_invalid", "password", "a text of at most %d bytes",
                             USER_PASSWORD_MAX);
    }
    if (user_language_check(w->language, err) < 0 || read_role(w, json, err) < 0 ||
        read_disabled(w, json, err) < 0) {
        return -1;
    }
    return w->has_password ? user_password_check(w->name, bytes_of_text(w->password), err) : 0;
}

/* ---- with a hash or without */

static void store(struct account_work *w);

static void on_hash(void *ctx, bool is_right, const char *new_hash)
{
    struct account_work *w = ctx;
    (void)is_right;
    if (!new_hash) {
        account_work_fail(w, "unavailable", "no memory to hash a password: try again");
        return;
    }
    (void)text_copy(w->new_hash, sizeof(w->new_hash), new_hash);
    store(w);
}

static void hash_and_store(struct account_work *w)
{
    if (!w->has_password) {
        store(w);
    } else if (!account_worker_hash(w->desk->worker, bytes_of_text(w->password), on_hash, w)) {
        account_work_fail(w, "unavailable", "too many at once: try again");
    }
}

static const char *hash_of(const struct account_work *w)
{
    return w->new_hash[0] ? w->new_hash : NULL;
}

/* ---- add */

static void put_new(struct account_work *w, struct db *db)
{
    account_store_put_new(db, &(struct account_new){.name = w->name,
                                                    .role = w->role,
                                                    .hash = hash_of(w),
                                                    .staff = w->staff,
                                                    .language = w->language,
                                                    .now_us = w->now_us});
}

static void take_new(struct account_work *w, const struct db_reply *reply)
{
    if (db_row_count(reply->rows[0]) == 0) {
        account_work_fail(w, "name_taken", "there is an account of this name");
        return;
    }
    log_info("user_added", LOG_INT("user", db_get_int(reply->rows[0], 0, 0)),
             LOG_INT("by", w->identity.user.id));
    account_work_answer(w, 201, json_object());
}

/* ---- change */

static void put_change(struct account_work *w, struct db *db)
{
    account_store_put_change(
        db, &(struct account_change){.name = w->name,
                                     .role = w->role,
                                     .staff = w->has_staff ? w->staff : NULL,
                                     .language = w->has_language ? w->language : NULL,
                                     .hash = hash_of(w),
                                     .is_disabled = w->is_disabled,
                                     .now_us = w->now_us});
}

static void take_change(struct account_work *w, const struct db_reply *reply)
{
    int64_t id = 0;
    switch (account_store_take_change(reply, &id)) {
    case ACCOUNT_CHANGED:
        log_info("user_changed", LOG_INT("user", id), LOG_INT("by", w->identity.user.id));
        account_work_answer(w, 200, json_object());
        break;
    case ACCOUNT_NOBODY:
        account_work_fail(w, "user_unknown", "there is no account of this name");
        break;
    case ACCOUNT_LAST_ADMIN:
        account_work_fail(w, "last_admin", "this is the last admin: make another one first");
        break;
    }
}

static void store(struct account_work *w)
{
    if (w->is_change) {
        account_work_ask(w, put_change, take_change);
    } else {
        account_work_ask(w, put_new, take_new);
    }
}

void account_on_add(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    bool has_name;
    struct account_work *w = account_work_open(ctx, request, exchange);
    if (!w) {
        return;
    }
    if (!account_work_text(request->json, "name", w->name, sizeof(w->name), &has_name)) {
        account_work_fail(w, "name_invalid", "a name has at most 64 characters");
    } else if (user_name_check(w->name, &err) < 0 || read_account(w, request->json, &err) < 0) {
        account_work_fail(w, err.code, err.text);
    } else if (!w->role) {
        account_work_fail(w, "role_invalid", "role is needed: viewer, agent, manager or admin");
    } else {
        hash_and_store(w);
    }
}

void account_on_change(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    struct account_work *w = account_work_open(ctx, request, exchange);
    if (!w) {
        return;
    }
    w->is_change = true;
    if (!text_copy(w->name, sizeof(w->name), request->rest) || user_name_check(w->name, NULL) < 0) {
        account_work_fail(w, "user_unknown", "there is no account of this name");
        return;
    }
    bool is_own = strcmp(w->name, w->identity.user.name) == 0;
    if (read_account(w, request->json, &err) < 0) {
        account_work_fail(w, err.code, err.text);
    } else if (is_own && (w->role || w->is_disabled > 0 || w->has_password)) {
        account_work_fail(w, "request_invalid",
                          "of oneself neither role nor end; the password by /v1/session/password");
    } else {
        hash_and_store(w);
    }
}
