/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/loyalty/score_question.h"
#include "services/loyalty/score_replay_store.h"
#include "services/loyalty/score_reply.h"

struct replay_run {
    struct replay_run *prev, *next;
    struct replay_desk *desk;
    struct buffer peer;
    char request_id[SCORE_REQUEST_ID_SIZE];
    struct inquiry *inquiry;
    struct score_replay *replay;
    Troth__V1__ScoreReply *reply;
};

struct replay_desk {
    struct replay_run *runs;
    size_t count;
};

static void free_run(struct replay_run *run)
{
    score_replay_free(run->replay);
    if (run->reply != NULL) {
        troth__v1__score_reply__free_unpacked(run->reply, NULL);
    }
    buffer_free(&run->peer);
    free(run);
}

struct replay_desk *replay_desk_new(void)
{
    return xcalloc(1, sizeof(struct replay_desk));
}

void replay_desk_free(struct replay_desk *d)
{
    if (d == NULL) {
        return;
    }
    struct replay_run *run, *next;
    DL_FOREACH_SAFE(d->runs, run, next)
    {
        free_run(run);
    }
    free(d);
}

bool replay_desk_has(const struct replay_desk *d, struct bytes peer, const char *request_id)
{
    for (const struct replay_run *r = d->runs; r != NULL; r = r->next) {
        struct bytes other = {.data = r->peer.data, .len = r->peer.len};
        if (!text_is_empty(request_id) && strcmp(r->request_id, request_id) == 0 &&
            bytes_equal(other, peer)) {
            return true;
        }
    }
    return false;
}

struct replay_run *replay_desk_open(struct replay_desk *d, struct bytes peer,
                                    const char *request_id)
{
    if (d->count >= REPLAYS_MAX) {
        return NULL;
    }
    struct replay_run *run = xcalloc(1, sizeof(*run));
    run->desk = d;
    buffer_append(&run->peer, peer.data, peer.len);
    (void)text_copy(run->request_id, sizeof(run->request_id), request_id);
    DL_APPEND(d->runs, run);
    d->count++;
    return run;
}

void replay_run_close(struct replay_run *run)
{
    if (run == NULL) {
        return;
    }
    DL_DELETE(run->desk->runs, run);
    run->desk->count--;
    free_run(run);
}

/* ---- reading */

/* Ends the run and the inquiry. */
static void answer(struct replay_run *run, struct db *db)
{
    inquiry_answer(run->inquiry, &run->reply->base);
    db_release(db);
    replay_run_close(run);
}

static void fail(struct replay_run *run, struct db *db, const struct db_reply *reply)
{
    log_warning("score_replay_failed", LOG_ERR(&reply->err));
    troth__v1__score_reply__free_unpacked(run->reply, NULL);
    run->reply =
        score_reply_new(run->request_id, "unavailable", "the database did not answer: ask again");
    answer(run, db);
}

/* What differs because events are gone is no difference: no index is answered then, but why. */
static void on_dropped(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct replay_run *run = ctx;

    if (reply->outcome != DB_OK) {
        fail(run, db, reply);
        return;
    }
    Troth__V1__Score *score = run->reply->scores[0];
    const double index = score_replay_index(run->replay, score->as_of_us) / 100.0;
    const bool is_same = lround(100 * index) == lround(100 * score->index);
    if (is_same || db_is_null(reply->rows[0], 0, 0)) {
        score->has_replayed_index = true;
        score->replayed_index = index;
    } else {
        char until[INSTANT_TEXT_SIZE];
        struct text text = {0};
        text_appendf(
            &text,
            "not replayed: events until %s were dropped for their age (keep_events); those "
            "that are left give %.2f",
            instant_format(db_get_time(reply->rows[0], 0, 0), until), index);
        score_reply_add_text(run->reply, text_or_empty(&text));
        text_free(&text);
    }
    answer(run, db);
}

static void finish(struct replay_run *run, struct db *db)
{
    score_replay_store_ask_dropped(db);
    db_run(db, on_dropped, run);
}

static void read_slice(void *ctx, struct db *db);

static void on_slice(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct replay_run *run = ctx;

    if (reply->outcome != DB_OK) {
        fail(run, db, reply);
        return;
    }
    score_replay_store_take(reply->rows[0], run->replay);
    score_replay_end_slice(run->replay);
    db_release(db);
    inquiry_submit(run->inquiry, read_slice);
}

static void read_on(struct replay_run *run, struct db *db)
{
    struct replay_slice slice;

    if (!score_replay_next(run->replay, &slice)) {
        finish(run, db);
        return;
    }
    score_replay_store_ask(db, &slice);
    db_run(db, on_slice, run);
}

static void read_slice(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    struct replay_run **run = inquiry_question(q);

    read_on(*run, db);
}

void replay_run_start(struct replay_run *run, struct inquiry *q, struct db *db,
                      struct score_replay *replay, Troth__V1__ScoreReply *reply)
{
    struct replay_run **of_inquiry = inquiry_question(q);

    *of_inquiry = run;
    run->inquiry = q;
    run->replay = replay;
    run->reply = reply;
    read_on(run, db);
}
