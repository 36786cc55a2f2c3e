/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease.c - asks the database who holds what, a few times in each length.
 *
 * log.lease_take() does the work in one statement: renew, take, let go, and say what is ours now.
 * From there on we only count time on our own monotonic clock, from the moment the question was
 * sent: until two thirds of the length are over the row cannot have run out, however the clocks of
 * the two machines stand to each other.
 */
#include "common/runtime/lease.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    LEASE_MAX = 64
};

#define DEFAULT_LENGTH_US (10 * DURATION_S)

struct lease_set {
    struct db_pool *pool;
    char *group, *holder;
    size_t count, want;
    int64_t length_us;
    lease_changed_fn *changed;
    void *ctx;
    int64_t terms[LEASE_MAX];  /* 0: not held; the database counts from 1 */
    int64_t trusted_until_us;  /* monotonic; for all of them, as all are renewed together */
    struct loop_timer *ask;    /* renew, or try again */
    struct loop_timer *expire; /* trust has ended */
    struct db *db;             /* while a question runs */
    bool is_asking;            /* waits for a connection, or runs */
    bool is_failing; /* the last question failed: log the next success, not each failure */
    bool is_given_back;
    int64_t sent_us;
};

/* (index, term, until) */
static const struct db_query lease_take = {
    "lease_take", "SELECT index, term FROM log.lease_take($1, $2, $3, $4, $5)", DB_ROWS};
static const struct db_query lease_give_back = {"lease_give_back",
                                                "SELECT log.lease_give_back($1, $2)", DB_HIDDEN};
static const struct db_query lease_hold = {"lease_hold", "SELECT log.lease_hold($1, $2)",
                                           DB_HIDDEN};

/* ---- what is held */

bool lease_holds(const struct lease_set *s, size_t index)
{
    return index < s->count && s->terms[index] > 0 && instant_monotonic_us() < s->trusted_until_us;
}

int64_t lease_term(const struct lease_set *s, size_t index)
{
    return index < s->count ? s->terms[index] : 0;
}

size_t lease_first_held(const struct lease_set *s)
{
    size_t i = 0;
    while (i < s->count && !lease_holds(s, i)) {
        i++;
    }
    return i;
}

size_t lease_held_count(const struct lease_set *s)
{
    size_t held = 0;
    for (size_t i = 0; i < s->count; i++) {
        held += lease_holds(s, i);
    }
    return held;
}

size_t lease_count(const struct lease_set *s)
{
    return s->count;
}

static void set_terms(struct lease_set *s, const int64_t terms[LEASE_MAX])
{
    bool is_changed = memcmp(s->terms, terms, sizeof(s->terms)) != 0;
    memcpy(s->terms, terms, sizeof(s->terms));
    if (is_changed) {
        log_info("lease_changed", LOG_TEXT("group", s->group), LOG_INT("held", lease_held_count(s)),
                 LOG_INT("of", s->count));
        if (s->changed) {
            s->changed(s->ctx);
        }
    }
}

static void on_expired(void *ctx)
{
    struct lease_set *s = ctx;
    static const int64_t none[LEASE_MAX] = {0};
    set_terms(s, none);
}

/* ---- asking */

static void submit(struct lease_set *s);

/* Counted from when the last one was sent, as the trust is: an answer that takes a fifth of the
 * length must not cost the lease. */
static int64_t next_question_us(const struct lease_set *s)
{
    int64_t wait_us = s->sent_us + s->length_us / 3 - instant_monotonic_us();
    return wait_us > s->length_us / 12 ? wait_us : s->length_us / 12;
}

static void answered(struct lease_set *s, const struct db_rows *rows)
{
    int64_t terms[LEASE_MAX] = {0};
    for (size_t row = 0; row < db_row_count(rows); row++) {
        int64_t index = db_get_int(rows, row, 0);
        if (index >= 0 && (size_t)index < s->count) {
            terms[index] = db_get_int(rows, row, 1);
        }
    }
    s->trusted_until_us = s->sent_us + s->length_us / 3 * 2;
    loop_timer_after(s->expire, s->trusted_until_us - instant_monotonic_us());
    loop_timer_after(s->ask, next_question_us(s));
    set_terms(s, terms);
}

static void on_answer(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct lease_set *s = ctx;
    s->db = NULL;
    s->is_asking = false;
    db_release(db);
    if (s->is_given_back) {
        submit(s); /* the question was under way when we gave up: give back what it won */
        return;
    }
    if (reply->outcome == DB_OK) {
        s->is_failing = false;
        answered(s, reply->rows[0]);
        return;
    }
    if (!s->is_failing) {
        log_warning("lease_not_renewed", LOG_TEXT("group", s->group), LOG_ERR(&reply->err));
    }
    s->is_failing = true;
    loop_timer_after(s->ask, s->length_us / 12);
}

static void on_given_back(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct lease_set *s = ctx;
    s->db = NULL;
    s->is_asking = false;
    db_release(db);
    if (reply->outcome != DB_OK) {
        /* The rows run out by themselves. */
        log_warning("lease_not_given_back", LOG_TEXT("group", s->group), LOG_ERR(&reply->err));
    }
}

static void start(void *ctx, struct db *db)
{
    struct lease_set *s = ctx;
    struct db_params p = {0};
    s->db = db;
    db_put_text(&p, s->group);
    if (s->is_given_back) {
        db_put_text(&p, s->holder);
        db_query(db, &lease_give_back, &p);
    } else {
        db_put_int4(&p, (int32_t)s->count);
        db_put_int4(&p, (int32_t)s->want);
        db_put_text(&p, s->holder);
        db_put_int8(&p, s->length_us);
        db_query(db, &lease_take, &p);
    }
    db_params_free(&p);
    s->sent_us = instant_monotonic_us();
    db_run(db, s->is_given_back ? on_given_back : on_answer, s);
}

static void submit(struct lease_set *s)
{
    s->is_asking = true;
    /* Behind a queue of requests the answer would come after the trust has ended, and the work that
     * needs the lease would stand still for as long as they keep coming. */
    db_pool_submit_first(s->pool, start, s);
}

static void on_ask(void *ctx)
{
    struct lease_set *s = ctx;
    if (!s->is_asking) {
        submit(s);
    }
}

/* ---- life */

struct lease_set *lease_set_new(struct loop *loop, struct db_pool *pool,
                                const struct lease_options *options, lease_changed_fn *changed,
                                void *ctx)
{
    if (options->count < 1 || options->count > LEASE_MAX || options->want > options->count) {
        BUG("count of a lease_set out of range");
    }
    struct lease_set *s = xcalloc(1, sizeof(*s));
    s->pool = pool;
    s->group = xstrdup(options->group);
    s->holder = xstrdup(options->holder);
    s->count = options->count;
    s->want = options->want;
    s->length_us = options->length_us > 0 ? options->length_us : DEFAULT_LENGTH_US;
    s->changed = changed;
    s->ctx = ctx;
    s->ask = loop_timer_new(loop, on_ask, s);
    s->expire = loop_timer_new(loop, on_expired, s);
    loop_timer_after(s->ask, 0);
    return s;
}

void lease_set_free(struct lease_set *s)
{
    if (!s) {
        return;
    }
    db_pool_withdraw(s->pool, s);
    if (s->db) {
        db_abandon(s->db);
    }
    loop_timer_free(s->ask);
    loop_timer_free(s->expire);
    free(s->group);
    free(s->holder);
    free(s);
}

void lease_set_give_back(struct lease_set *s)
{
    if (s->is_given_back) {
        return;
    }
    s->is_given_back = true;
    loop_timer_stop(s->ask);
    loop_timer_stop(s->expire);
    if (!s->is_asking) {
        submit(s);
    }
    on_expired(s);
}

/* ---- the fence */

void lease_put_fence(struct db *db, const struct lease_set *s, size_t index)
{
    char resource[192];
    struct db_params p = {0};
    /* A name that is cut is nobody's, and a term of 0 never was: both fail in the database. */
    (void)text_format(resource, sizeof(resource), "%s/%zu", s->group, index);
    db_put_text(&p, resource);
    db_put_int8(&p, lease_term(s, index));
    db_query(db, &lease_hold, &p);
    db_params_free(&p);
}
