/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/audit_task.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/event_log.h"
#include "services/intake/audit_copier.h"
#include "services/intake/audit_growth.h"
#include "services/intake/audit_store.h"
#include "services/intake/intake.h"

#define CONSUMER "intake.audit"
#define LOOK_US  DURATION_S
#define IDLE_US  DURATION_H /* a tree that does not grow is signed once an hour */

enum {
    CHECKS = AUDIT_COPIES_MAX + 1 /* the newest head, and the last one of each copy */
};

struct audit_task {
    struct intake *intake;
    struct audit_key *key; /* NULL: nothing is recorded */
    struct lease_set *lease;
    struct audit_copier *copier;
    struct loop_timer *timer;
    struct db *db; /* while a round runs */
    bool is_busy;  /* waits for a connection, or has it */

    bool is_loaded; /* what follows is that of the database, under this term */
    int64_t term;
    struct audit_growth tree;
    struct merkle_edge then;  /* at another size: room to look back */
    struct audit_head newest; /* number 0: there is none */

    int64_t sign_after_us; /* monotonic */
    bool is_checking;      /* the copies have answered: the next round signs */
    bool must_reload;      /* the key, before the next round */
    struct audit_head checks[CHECKS];
    size_t check_count;
    struct audit_head signing;

    struct db_array streams, lanes; /* all */
    char turn_stream[AUDIT_WORD_MAX + 1];
    int16_t turn_bucket;
    struct event_position places[AUDIT_BATCH];
    bool is_behind; /* more than a batch is there */
};

/* ---- between rounds */

static void end_round(struct audit_task *t, int64_t wait_us)
{
    struct db *db = t->db;
    t->db = NULL;
    t->is_busy = false;
    db_release(db);
    loop_timer_after(t->timer, wait_us);
}

/* What is in memory may be wrong now: it is read again. */
static void fail_round(struct audit_task *t, const struct db_reply *reply)
{
    log_warning("audit_failed", LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
    t->is_loaded = false;
    t->is_checking = false;
    end_round(t, LOOK_US);
}

static void put_off(struct audit_task *t)
{
    t->is_checking = false;
    t->sign_after_us = instant_monotonic_us() + t->intake->settings->audit_us;
}

static void refuse(struct audit_task *t, const char *why, const struct audit_head *h)
{
    *t->intake->metrics.audit_inconsistent = 1;
    log_error("audit_inconsistent", LOG_TEXT("reason", why), LOG_INT("number", h->number),
              LOG_INT("size", h->root.size), LOG_INT("entries", t->tree.edge.size));
    put_off(t);
    end_round(t, t->is_loaded ? LOOK_US : t->intake->settings->audit_us);
}

/* ---- what stands in the database */

static bool is_ours(const struct audit_task *t)
{
    struct err err = ERR_NONE;
    return t->newest.number == 0 ||
           audit_head_check(&t->newest, audit_key_trust(t->key), &err) == 0;
}

static void on_edge(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    audit_store_load_tiles(reply->rows[0], &t->tree.edge);
    if (!merkle_edge_is_loaded(&t->tree.edge)) {
        refuse(t, "tiles are missing", &t->newest);
        return;
    }
    t->is_loaded = true;
    end_round(t, 0);
}

static void on_state(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    struct merkle_tile_name names[MERKLE_TILE_LEVELS];
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    merkle_edge_reset(&t->tree.edge, (uint64_t)audit_store_size(reply->rows[0]));
    t->newest.number = 0;
    if (!audit_store_load_head(reply->rows[1], &t->newest) && db_row_count(reply->rows[1]) > 0) {
        refuse(t, "the newest head is damaged", &t->newest);
        return;
    }
    /* Entries under another salt could not be proved. */
    if (!is_ours(t)) {
        refuse(t, "the newest head is not signed by a key of audit_key_file", &t->newest);
        return;
    }
    audit_store_ask_tiles(db, names, merkle_edge_names(t->tree.edge.size, names));
    db_run(db, on_edge, t);
}

/* ---- more entries */

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    CRASH_POINT("intake.audit.committed");
    *t->intake->metrics.audit_entries = (int64_t)t->tree.edge.size;
    end_round(t, t->is_behind ? 0 : LOOK_US);
}

static void on_events(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    if (!audit_growth_take(&t->tree, reply->rows[0])) {
        end_round(t, LOOK_US);
        return;
    }
    db_begin(db);
    lease_put_fence(db, t->lease, 0);
    event_log_advance(db, CONSUMER, t->tree.places, t->tree.place_count);
    audit_store_write(db, &t->tree.writing);
    CRASH_POINT("intake.audit.grown");
    db_commit(db);
    db_run(db, on_written, t);
}

static void on_behind(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    int64_t events = 0;
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    const struct db_rows *rows = reply->rows[0];
    size_t count = 0;
    for (; count < db_row_count(rows) && events < AUDIT_BATCH; count++) {
        const int64_t from = db_get_int(rows, count, 2);
        t->places[count] = (struct event_position){.stream = db_get_text(rows, count, 0),
                                                   .bucket = (int16_t)db_get_int(rows, count, 1),
                                                   .from = from};
        events += db_get_int(rows, count, 3) - from;
        t->turn_bucket = t->places[count].bucket;
        (void)text_copy(t->turn_stream, sizeof(t->turn_stream), t->places[count].stream);
    }
    if (count == 0) {
        end_round(t, LOOK_US);
        return;
    }
    t->is_behind = events >= AUDIT_BATCH;
    audit_store_ask_events(db, t->places, count, AUDIT_BATCH);
    db_run(db, on_events, t);
}

static void ask_behind(struct audit_task *t, struct db *db)
{
    const struct event_position after = {.stream = t->turn_stream, .bucket = t->turn_bucket};
    event_log_find_behind(db, &(struct event_question){.consumer = CONSUMER,
                                                       .streams = &t->streams,
                                                       .lanes = &t->lanes,
                                                       .lane_count = 1,
                                                       .after = &after,
                                                       .limit = AUDIT_BATCH});
    db_run(db, on_behind, t);
}

/* ---- heads */

static void on_copied(void *ctx, const struct audit_copy *copies, size_t count)
{
    struct audit_task *t = ctx;
    for (size_t i = 0; i < count; i++) {
        if (copies[i].error != 0) {
            *t->intake->metrics.audit_copies_failed += 1;
            log_error("audit_copy_failed", LOG_TEXT("path", audit_copier_path(t->copier, i)),
                      LOG_TEXT("text", strerror(copies[i].error)));
        }
    }
}

static void on_signed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    char line[AUDIT_HEAD_LINE_SIZE];
    (void)db;
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    CRASH_POINT("intake.audit.stored");
    t->newest = t->signing;
    *t->intake->metrics.audit_inconsistent = 0;
    *t->intake->metrics.audit_heads += 1;
    *t->intake->metrics.audit_head_seconds = t->newest.at_us / DURATION_S;
    put_off(t);
    if (audit_copier_count(t->copier) > 0) {
        audit_head_print(&t->newest, line);
        audit_copier_ask(t->copier, line, on_copied, t);
    }
    end_round(t, t->is_behind ? 0 : LOOK_US);
}

/* Whether the tree began with what the head was signed for. */
static bool agrees(struct audit_task *t, const struct db_rows *rows, const struct audit_head *h)
{
    if (h->root.size > t->tree.edge.size || h->number > t->newest.number) {
        return false;
    }
    merkle_edge_reset(&t->then, h->root.size);
    audit_store_load_tiles(rows, &t->then);
    const struct merkle_hash root = merkle_edge_root(&t->then);
    return merkle_edge_is_loaded(&t->then) && merkle_hash_equal(&root, &h->root.hash);
}

static void on_tiles_then(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct audit_task *t = ctx;
    if (reply->outcome != DB_OK) {
        fail_round(t, reply);
        return;
    }
    for (size_t i = 0; i < t->check_count; i++) {
        if (!agrees(t, reply->rows[0], &t->checks[i])) {
            refuse(t,
                   t->checks[i].root.size > t->tree.edge.size ||
                           t->checks[i].number > t->newest.number
                       ? "the database is older than a copy"
                       : "the record is not what was signed",
                   &t->checks[i]);
            return;
        }
    }
    t->signing = (struct audit_head){
        .number = t->newest.number + 1,
        .root = {t->tree.edge.size, merkle_edge_root(&t->tree.edge)},
        .at_us = instant_now_us(),
    };
    audit_head_sign(t->key, &t->signing);
    db_begin(db);
    lease_put_fence(db, t->lease, 0);
    audit_store_add_head(db, &t->signing);
    CRASH_POINT("intake.audit.signed");
    db_commit(db);
    db_run(db, on_signed, t);
}

static void ask_tiles_then(struct audit_task *t, struct db *db)
{
    struct merkle_tile_name names[CHECKS * MERKLE_TILE_LEVELS];
    size_t count = 0;
    for (size_t i = 0; i < t->check_count; i++) {
        count += merkle_edge_names(t->checks[i].root.size, &names[count]);
    }
    t->is_checking = false;
    audit_store_ask_tiles(db, names, count);
    db_run(db, on_tiles_then, t);
}

/* What we signed is evidence; anything else in a copy proves nothing, and stops nothing. */
static void add_check(struct audit_task *t, const struct audit_copy *copy, const char *path)
{
    struct err err = ERR_NONE;
    struct audit_head *h = &t->checks[t->check_count];
    if (!copy->last[0]) {
        return;
    }
    if (audit_head_parse(copy->last, strlen(copy->last), h, &err) < 0 ||
        audit_head_check(h, audit_key_trust(t->key), &err) < 0) {
        log_error("audit_copy_unreadable", LOG_TEXT("path", path), LOG_ERR(&err));
        return;
    }
    t->check_count++;
}

static void on_last_lines(void *ctx, const struct audit_copy *copies, size_t count)
{
    struct audit_task *t = ctx;
    on_copied(t, copies, count);
    for (size_t i = 0; i < count; i++) {
        add_check(t, &copies[i], audit_copier_path(t->copier, i));
    }
    t->is_checking = true;
    loop_timer_after(t->timer, 0);
}

static bool must_sign(const struct audit_task *t)
{
    if (!t->is_loaded || t->is_checking || instant_monotonic_us() < t->sign_after_us ||
        audit_copier_is_busy(t->copier) || t->tree.edge.size == 0) {
        return false;
    }
    return t->tree.edge.size != t->newest.root.size || t->newest.number == 0 ||
           instant_now_us() - t->newest.at_us >= IDLE_US;
}

static void begin_signing(struct audit_task *t)
{
    t->check_count = 0;
    if (t->newest.number > 0) {
        t->checks[t->check_count++] = t->newest;
    }
    if (audit_copier_count(t->copier) == 0) {
        t->is_checking = true;
        return;
    }
    audit_copier_ask(t->copier, NULL, on_last_lines, t);
}

/* ---- life */

static void start(void *ctx, struct db *db)
{
    struct audit_task *t = ctx;
    t->db = db;
    if (!t->is_loaded || t->term != lease_term(t->lease, 0)) {
        t->is_loaded = false;
        t->term = lease_term(t->lease, 0);
        audit_store_ask_state(db);
        db_run(db, on_state, t);
    } else if (t->is_checking) {
        ask_tiles_then(t, db);
    } else {
        ask_behind(t, db);
    }
}

/* Entries under another salt, or of another installation, would belong to another record. */
static void take_new_key(struct audit_task *t)
{
    struct err err = ERR_NONE;
    struct audit_key *key = audit_key_load(t->intake->settings->audit_key_file, &err);
    t->must_reload = false;
    if (key &&
        (memcmp(audit_key_salt(key), audit_key_salt(t->key), AUDIT_KEY_LEN) != 0 ||
         strcmp(audit_key_trust(key)->installation, audit_key_trust(t->key)->installation) != 0)) {
        (void)err_set(&err, "audit_key_invalid", "the file has the key of another record");
        audit_key_free(key);
        key = NULL;
    }
    if (!key) {
        log_error("audit_key_refused", LOG_ERR(&err));
        return;
    }
    audit_key_free(t->key);
    t->key = key;
    t->tree.key = key;
    log_info("audit_key_read", LOG_INT("keys", (int64_t)audit_key_trust(key)->count));
}

static void on_timer(void *ctx)
{
    struct audit_task *t = ctx;
    if (t->is_busy || t->intake->service->is_draining) {
        return;
    }
    if (t->must_reload) {
        take_new_key(t);
    }
    if (!lease_holds(t->lease, 0)) {
        t->is_loaded = false;
        t->is_checking = false;
        *t->intake->metrics.audit_entries = 0;
        *t->intake->metrics.audit_head_seconds = 0;
        *t->intake->metrics.audit_inconsistent = 0;
        loop_timer_after(t->timer, LOOK_US);
        return;
    }
    if (must_sign(t)) {
        begin_signing(t);
    }
    t->is_busy = true;
    db_pool_submit(t->intake->service->db, start, t);
}

static void on_lease(void *ctx)
{
    struct audit_task *t = ctx;
    if (!t->is_busy) {
        loop_timer_after(t->timer, 0);
    }
}

static void begin(struct audit_task *t)
{
    struct service *s = t->intake->service;
    for (unsigned slot = 0; slot < EVENT_SLOT_COUNT; slot++) {
        char stream[16];
        (void)text_format(stream, sizeof(stream), "intake.%u", slot);
        db_array_add_text(&t->streams, stream);
    }
    db_array_add_int(&t->lanes, 0);
    t->timer = loop_timer_new(s->loop, on_timer, t);
    t->lease = lease_set_new(s->loop, s->db,
                             &(struct lease_options){
                                 .group = "audit/intake",
                                 .count = 1,
                                 .want = 1,
                                 .holder = s->holder,
                                 .length_us = s->common->lease_us,
                             },
                             on_lease, t);
    loop_timer_after(t->timer, 0);
}

struct audit_task *audit_task_new(struct intake *in, struct err *err)
{
    struct audit_task *t = xcalloc(1, sizeof(*t));
    t->intake = in;
    db_array_init(&t->streams, DB_TEXT);
    db_array_init(&t->lanes, DB_INT2);
    audit_writing_init(&t->tree.writing);
    if (text_is_empty(in->settings->audit_key_file)) {
        return t;
    }
    t->key = audit_key_load(in->settings->audit_key_file, err);
    t->tree.key = t->key;
    t->copier = t->key ? audit_copier_new(in->service->loop, in->settings->audit_copy, err) : NULL;
    if (!t->copier) {
        audit_task_free(t);
        return NULL;
    }
    begin(t);
    return t;
}

void audit_task_free(struct audit_task *t)
{
    if (!t) {
        return;
    }
    db_pool_withdraw(t->intake->service->db, t);
    if (t->db) {
        db_abandon(t->db);
    }
    audit_copier_free(t->copier);
    lease_set_free(t->lease);
    loop_timer_free(t->timer);
    db_array_free(&t->streams);
    db_array_free(&t->lanes);
    audit_writing_free(&t->tree.writing);
    audit_key_free(t->key);
    free(t);
}

void audit_task_reload(struct audit_task *t)
{
    t->must_reload = t->key != NULL;
}

void audit_task_drain(struct audit_task *t)
{
    if (t && t->lease) {
        lease_set_give_back(t->lease);
    }
}

bool audit_task_is_idle(const struct audit_task *t)
{
    return !t->is_busy;
}

const struct audit_key *audit_task_key(const struct audit_task *t)
{
    return t ? t->key : NULL;
}
