/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/text_shelf.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define AT_START_US (10 * DURATION_S)
#define AGAIN_US    (1 * DURATION_S)

enum {
    ASKED_MAX = 32
};

struct version {
    int32_t id;
    void *text; /* NULL: cannot be read */
};

struct text_shelf {
    struct service *service;
    const struct text_kind *kind;
    void *ctx;
    const void *in_force;
    struct version *versions; /* by id */
    size_t count, capacity;
    struct loop_timer *timer;
    void *next; /* to be stored; NULL: none */
    void *sent; /* the statement under way stores it */
    int32_t asked[ASKED_MAX], sent_asked[ASKED_MAX];
    size_t asked_count, sent_asked_count;
    struct db *db; /* of the conversation under way */
    bool is_busy;  /* it is under way or waits for its connection */
};

/* ---- the shelf */

/* The first one whose id is not smaller. */
static size_t place_of(const struct text_shelf *s, int32_t id)
{
    size_t from = 0, to = s->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (s->versions[middle].id < id) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static const struct version *find_version(const struct text_shelf *s, int32_t id)
{
    size_t place = place_of(s, id);
    return place < s->count && s->versions[place].id == id ? &s->versions[place] : NULL;
}

void text_shelf_add(struct text_shelf *s, int32_t version, void *text)
{
    size_t place = place_of(s, version);
    if (find_version(s, version)) {
        s->kind->free(text);
        return;
    }
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 8;
        s->versions = xreallocarray(s->versions, s->capacity, sizeof(*s->versions));
    }
    memmove(s->versions + place + 1, s->versions + place,
            (s->count - place) * sizeof(*s->versions));
    s->versions[place] = (struct version){.id = version, .text = text};
    s->count++;
}

/* A version that cannot be read any more is no failure: follow-ups outlive programs. */
static void shelve(struct text_shelf *s, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        int32_t id = (int32_t)db_get_int(rows, i, 0);
        struct err err = ERR_NONE;
        if (find_version(s, id)) {
            continue;
        }
        void *text = s->kind->parse(db_get_text(rows, i, 2), db_get_text(rows, i, 1), &err);
        if (!text) {
            log_error(s->kind->unreadable_event, LOG_INT("id", id), LOG_ERR(&err));
        }
        text_shelf_add(s, id, text);
    }
}

/* Takes over text. */
static void put_in_force(struct text_shelf *s, int32_t id, void *text)
{
    text_shelf_add(s, id, text);
    const struct version *v = find_version(s, id);
    if (!v->text) { /* a version of that hash could not be read when this process started */
        log_error(s->kind->refused_event, LOG_INT("id", id));
        return;
    }
    s->in_force = v->text;
    s->kind->take(s->ctx, id, v->text);
    log_info(s->kind->in_force_event, LOG_TEXT("hash", s->kind->hash(v->text)), LOG_INT("id", id));
}

/* ---- while the loop turns */

static bool has_work(const struct text_shelf *s)
{
    return s->next != NULL || s->asked_count > 0;
}

static void end(struct text_shelf *s, struct db *db, int64_t again_after_us)
{
    s->db = NULL;
    s->is_busy = false;
    db_release(db);
    if (has_work(s)) {
        loop_timer_after(s->timer, again_after_us);
    }
}

static void ask_again(struct text_shelf *s, int32_t id)
{
    for (size_t i = 0; i < s->asked_count; i++) {
        if (s->asked[i] == id) {
            return;
        }
    }
    if (s->asked_count < ASKED_MAX) {
        s->asked[s->asked_count++] = id;
    }
}

/* Another file that was read meanwhile goes first; what was asked for is asked again. */
static void give_up(struct text_shelf *s, const struct db_reply *reply)
{
    bool is_worth_more = reply->outcome == DB_RETRY;
    if (!is_worth_more) {
        log_error(s->kind->refused_event, LOG_ERR(&reply->err));
    }
    if (is_worth_more && !s->next) {
        s->next = s->sent;
        s->sent = NULL;
    }
    s->kind->free(s->sent);
    s->sent = NULL;
    for (size_t i = 0; i < s->sent_asked_count; i++) {
        ask_again(s, s->sent_asked[i]);
    }
}

static void on_stored(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct text_shelf *s = ctx;
    bool is_ok = reply->outcome == DB_OK;
    size_t at = 0;
    if (!is_ok) {
        give_up(s, reply);
        end(s, db, AGAIN_US);
        return;
    }
    if (s->sent_asked_count > 0) {
        shelve(s, reply->rows[at++]);
        for (size_t i = 0; i < s->sent_asked_count; i++) {
            text_shelf_add(s, s->sent_asked[i], NULL); /* unless it was found */
        }
    }
    if (s->sent) {
        void *sent = s->sent;
        s->sent = NULL;
        put_in_force(s, (int32_t)db_get_int(reply->rows[at], 0, 0), sent);
    }
    end(s, db, 0);
}

static void talk(void *ctx, struct db *db)
{
    struct text_shelf *s = ctx;
    if (!has_work(s)) { /* the file went back to what is in force */
        end(s, db, 0);
        return;
    }
    s->db = db;
    memcpy(s->sent_asked, s->asked, sizeof(s->asked));
    s->sent_asked_count = s->asked_count;
    s->asked_count = 0;
    if (s->sent_asked_count > 0) {
        s->kind->ask(db, s->sent_asked, s->sent_asked_count);
    }
    s->sent = s->next;
    s->next = NULL;
    if (s->sent) {
        s->kind->put(db, s->sent, service_now_us(s->service));
    }
    db_run(db, on_stored, s);
}

static void begin_talk(void *ctx)
{
    struct text_shelf *s = ctx;
    if (has_work(s) && !s->is_busy) {
        s->is_busy = true;
        db_pool_submit(s->service->db, talk, s);
    }
}

void text_shelf_reload(struct text_shelf *s, const char *path)
{
    struct err err = ERR_NONE;
    if (text_is_empty(path)) {
        return; /* what is in force stays so */
    }
    void *text = s->kind->load(path, &err);
    if (!text) {
        log_error(s->kind->refused_event, LOG_ERR(&err));
        return;
    }
    s->kind->free(s->next);
    s->next = NULL;
    if (!s->sent && s->in_force && strcmp(s->kind->hash(text), s->kind->hash(s->in_force)) == 0) {
        s->kind->free(text);
        return;
    }
    s->next = text;
    begin_talk(s);
}

enum text_shelf_answer text_shelf_find(struct text_shelf *s, int32_t version, const void **ret)
{
    const struct version *v = find_version(s, version);
    if (!v) {
        ask_again(s, version);
        begin_talk(s);
        return TEXT_SHELF_LATER;
    }
    *ret = v->text ? v->text : s->in_force;
    return v->text ? TEXT_SHELF_FOUND : TEXT_SHELF_GONE;
}

/* ---- start and end */

static int store_and_load(struct text_shelf *s, void *text, struct err *err)
{
    struct db *db = db_pool_wait(s->service->db, AT_START_US, err);
    int rc = 0;
    if (!db) {
        s->kind->free(text);
        return -1;
    }
    if (text) {
        s->kind->put(db, text, service_now_us(s->service));
    }
    s->kind->ask_all(db);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome == DB_OK) {
        if (text) {
            put_in_force(s, (int32_t)db_get_int(reply->rows[0], 0, 0), text);
        }
        shelve(s, reply->rows[text ? 1 : 0]);
    } else {
        s->kind->free(text);
        rc = err_set(err, reply->err.code, "%s", reply->err.text);
    }
    db_release(db);
    return rc;
}

struct text_shelf *text_shelf_open(struct service *service, const struct text_kind *kind, void *ctx,
                                   const char *path, struct err *err)
{
    if (text_is_empty(path) && kind->needed) {
        (void)err_set_field(err, "setting_invalid", kind->setting, "%s", kind->needed);
        return NULL;
    }
    void *text = text_is_empty(path) ? NULL : kind->load(path, err);
    if (!text && !text_is_empty(path)) {
        return NULL;
    }
    struct text_shelf *s = xcalloc(1, sizeof(*s));
    s->service = service;
    s->kind = kind;
    s->ctx = ctx;
    s->timer = loop_timer_new(service->loop, begin_talk, s);
    if (store_and_load(s, text, err) < 0) {
        text_shelf_free(s);
        return NULL;
    }
    return s;
}

void text_shelf_free(struct text_shelf *s)
{
    if (!s) {
        return;
    }
    if (s->db) {
        db_abandon(s->db);
    } else {
        db_pool_withdraw(s->service->db, s);
    }
    for (size_t i = 0; i < s->count; i++) {
        s->kind->free(s->versions[i].text);
    }
    loop_timer_free(s->timer);
    s->kind->free(s->next);
    s->kind->free(s->sent);
    free(s->versions);
    free(s);
}
