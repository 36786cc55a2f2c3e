/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_work.h - one request about sessions or accounts on its way: what account_desk.c and its
 * parts share.
 *
 * Every piece of work ends by exactly one of account_work_answer(), _respond() and _fail(), which
 * free it.
 */
#ifndef TROTH_REPORTING_ACCOUNT_WORK_H
#define TROTH_REPORTING_ACCOUNT_WORK_H

#include "common/runtime/user_account.h"
#include "services/reporting/account_desk.h"
#include "services/reporting/account_store.h"
#include "services/reporting/account_worker.h"
#include "services/reporting/web_identity.h"

struct account_desk {
    struct reporting *reporting;
    const struct web_gate *gate;
    struct account_worker *worker;
    struct loop_timer *sweep_timer;
    struct db *sweep_db;
    struct account_work *open;
    size_t count;
    int64_t *logins, *failed, *delayed;
};

struct account_work;
/* Queues statements. */
typedef void account_put_fn(struct account_work *w, struct db *db);
/* Their answer, which is DB_OK. */
typedef void account_take_fn(struct account_work *w, const struct db_reply *reply);

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): people read it in this order
struct account_work {
    struct account_desk *desk;
    struct http_exchange *exchange;
    struct web_identity identity; /* who asks */
    struct loop_timer *timer;
    struct db *db;
    account_put_fn *put;
    account_take_fn *take;
    /* What is asked for. */
    char name[USER_NAME_MAX + 1];
    char password[USER_PASSWORD_MAX + 2]; /* one that is too long stays too long */
    char new_password[USER_PASSWORD_MAX + 2];
    char staff[USER_NAME_MAX + 1];
    char language[17];
    int16_t role; /* 0: not said */
    bool has_password, has_staff, has_language, is_change;
    int is_disabled; /* -1: not said */
    /* What became of it. */
    struct account_subjects subjects;
    struct account_found found;
    char new_hash[USER_HASH_SIZE]; /* "": none */
    uint8_t csrf[WEB_CSRF_LEN];
    char token[2 * WEB_SESSION_HASH_LEN + 1];
    int64_t now_us; /* machine time, when it began */
    void (*verified)(struct account_work *w);
    struct account_work *prev, *next;
};

/* NULL: there are too many, and it was answered. */
struct account_work *account_work_open(struct account_desk *d, const struct web_request *request,
                                       struct http_exchange *exchange);
void account_work_respond(struct account_work *w, struct http_response *response);
void account_work_answer(struct account_work *w, int status, json_t *json); /* takes json over */
void account_work_fail(struct account_work *w, const char *code, const char *text);

/* One round trip on a connection of the pool, then take(); what fails is answered "unavailable". */
void account_work_ask(struct account_work *w, account_put_fn *put, account_take_fn *take);

/* A text of the body. false when it is there and no text, or longer than size - 1 bytes; "" and
 * false in *ret_has when it is not there. */
bool account_work_text(const json_t *json, const char *name, char *ret_text, size_t size,
                       bool *ret_has);

/* account_attempt.c: are name and password of w those of an account? Counts the try. verified(w) is
 * called when they are, with found and new_hash filled; anything else is answered. */
void account_attempt(struct account_work *w, void (*verified)(struct account_work *w));

/* account_login.c: POST, GET and DELETE /v1/session. ctx is the desk. */
void account_on_login(void *ctx, const struct web_request *request, struct http_exchange *exchange);
void account_on_session(void *ctx, const struct web_request *request,
                        struct http_exchange *exchange);
void account_on_logout(void *ctx, const struct web_request *request,
                       struct http_exchange *exchange);

/* account_self.c: PUT /v1/session/language and /v1/session/password. */
void account_on_language(void *ctx, const struct web_request *request,
                         struct http_exchange *exchange);
void account_on_password(void *ctx, const struct web_request *request,
                         struct http_exchange *exchange);

/* account_users.c: /v1/users. */
void account_on_list(void *ctx, const struct web_request *request, struct http_exchange *exchange);
void account_on_add(void *ctx, const struct web_request *request, struct http_exchange *exchange);
void account_on_change(void *ctx, const struct web_request *request,
                       struct http_exchange *exchange);

#endif
