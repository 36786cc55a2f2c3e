/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_request.c - score requests: whose score, and whose fell.
 *
 * 1. check right, form and question           -> answered at once if any is wrong
 * 2. a reference: find its source, then the customer  -> customer_unknown, reference_ambiguous
 *    falls: find the customers
 * 3. read scores and the newest evidence, answer
 */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/score_question.h"
#include "services/loyalty/score_store.h"
#include "services/loyalty/score_view.h"

/* A question and what was found so far. */
struct asked {
    struct score_question question;
    struct score_row rows[SCORE_FALLEN_MAX];
    size_t count;
};

/* Ends the inquiry and gives the connection back. */
static void answer(struct inquiry *q, struct db *db, const char *code, const char *text)
{
    const struct asked *asked = inquiry_question(q);
    Troth__V1__ScoreReply *reply = score_reply_new(asked->question.request_id, code, text);

    inquiry_answer(q, &reply->base);
    troth__v1__score_reply__free_unpacked(reply, NULL);
    db_release(db);
}

/* Returns whether the step worked; otherwise the inquiry has ended. */
static bool is_answered(struct inquiry *q, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return true;
    }
    log_warning("score_request_failed", LOG_ERR(&reply->err));
    answer(q, db, "unavailable", "the database did not answer: ask again");
    return false;
}

static void on_scores(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct asked *asked = inquiry_question(q);
    struct evidence *evidence;

    if (!is_answered(q, db, reply)) {
        return;
    }
    if (!score_store_take_scores(reply->rows[0], asked->rows, asked->count)) {
        answer(q, db, "customer_unknown", "there is no such customer");
        return;
    }
    size_t count = score_store_take_evidence(reply->rows[1], &evidence);
    Troth__V1__ScoreReply *view = score_reply_new(asked->question.request_id, NULL, NULL);
    for (size_t i = 0; i < asked->count; i++) {
        score_reply_add(view, &asked->rows[i], evidence, count);
    }
    score_reply_fit(view, BUS_MESSAGE_MAX);
    inquiry_answer(q, &view->base);
    troth__v1__score_reply__free_unpacked(view, NULL);
    free(evidence);
    db_release(db);
}

static void ask_scores(struct inquiry *q, struct db *db)
{
    const struct asked *asked = inquiry_question(q);

    /* What fell is each customer's own: it is compared with what was stored. */
    score_store_ask_scores(db, asked->rows, asked->count, asked->question.kind != SCORES_FALLEN);
    db_run(db, on_scores, q);
}

/* ---- finding whom it is about */

static void on_reference(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct asked *asked = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    asked->count = score_store_take_reference(reply->rows[0], &asked->rows[0].customer.number);
    if (asked->count == 0) {
        answer(q, db, "customer_unknown", "no customer has this reference");
    } else if (asked->count > 1) {
        answer(q, db, "reference_ambiguous", "several sources know it: name the source");
    } else {
        ask_scores(q, db);
    }
}

static void on_sources(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct asked *asked = inquiry_question(q);

    if (is_answered(q, db, reply)) {
        score_store_ask_reference(db, reply->rows[0], asked->question.reference);
        db_run(db, on_reference, q);
    }
}

static void on_fallen(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct asked *asked = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    asked->count = score_store_take_fallen(reply->rows[0], asked->rows, SCORE_FALLEN_MAX);
    ask_scores(q, db);
}

static void start(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    struct asked *asked = inquiry_question(q);
    const struct score_question *question = &asked->question;

    switch (question->kind) {
    case SCORE_OF_NUMBER:
        asked->rows[0].customer.number = question->customer;
        asked->count = 1;
        ask_scores(q, db);
        break;
    case SCORE_OF_REFERENCE:
        score_store_ask_sources(db, question->source);
        db_run(db, on_sources, q);
        break;
    case SCORES_FALLEN:
        score_store_ask_fallen(db, question->since_us, question->limit);
        db_run(db, on_fallen, q);
        break;
    }
}

/* ---- arrival */

static void refuse(struct loyalty *l, struct bus_socket *socket, const struct bus_message *message,
                   const char *request_id, const struct err *why)
{
    Troth__V1__ScoreReply *reply = score_reply_new(request_id, why->code, why->text);

    *l->refused_count += 1;
    inquiry_answer_now(socket, message, &reply->base);
    troth__v1__score_reply__free_unpacked(reply, NULL);
}

static int read_question(struct loyalty *l, const struct bus_message *message,
                         struct score_question *question, struct err *err)
{
    const ProtobufCMessage *request =
        message_unpack(&troth__v1__score_request__descriptor, message->body, l->arena, err);
    if (request == NULL) {
        return -1;
    }
    int rc = score_question_of((const Troth__V1__ScoreRequest *)request, question, err);
    /* After reading, so that the refusal carries the request's id; nothing else is told. */
    if ((message->principal.rights & RIGHT_SCORES) == 0) {
        return err_set(err, "not_permitted", "this key lacks the right 'scores'");
    }
    return rc;
}

void loyalty_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message)
{
    struct loyalty *l = ctx;
    struct score_question question = {.limit = 0};
    struct err err = ERR_NONE;
    struct inquiry *q = NULL;

    *l->request_count += 1;
    int rc = read_question(l, message, &question, &err);
    arena_reset(l->arena);
    if (rc == 0) {
        q = inquiry_open(l->desk, socket, message, sizeof(struct asked));
    }
    if (rc == 0 && q == NULL) {
        rc = err_set(&err, "unavailable", "too many requests are waiting: ask again");
    }
    if (rc < 0 || q == NULL) {
        refuse(l, socket, message, question.request_id, &err);
        return;
    }
    struct asked *asked = inquiry_question(q);
    asked->question = question;
    inquiry_submit(q, start);
}
