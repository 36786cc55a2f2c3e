/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_request.c - score requests: whose score, who is meant by a segment, whose promises can be
 * believed.
 *
 * 1. check right, form and question                        -> answered at once if any is wrong
 * 2. a reference: its sources; a segment, falls: the customers            a round trip, if needed
 * 3. read what is stored about them, in one snapshot                      a round trip
 * 4. compute the scores as they are now, answer; a replay reads the log first (loyalty_replay.c)
 */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/model/decay.h"
#include "common/runtime/message_check.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/loyalty_replay.h"
#include "services/loyalty/points_view.h"
#include "services/loyalty/score_find_store.h"
#include "services/loyalty/score_question.h"
#include "services/loyalty/score_reply.h"
#include "services/loyalty/score_store.h"
#include "services/loyalty/score_view.h"

/* A question and what was found so far. */
struct asked {
    struct replay_run *run; /* the first member: loyalty_replay.h. NULL: none was asked for */
    struct score_question question;
    int64_t at_us;                 /* the instant of all figures */
    int32_t falls[SCORE_LIST_MAX]; /* of those who fell, by their place in question.customers */
    struct score_wanted wanted;
};

/* Ends the inquiry and gives the connection back. Takes over the reply. */
static void answer(struct inquiry *q, struct db *db, Troth__V1__ScoreReply *reply)
{
    struct asked *asked = inquiry_question(q);

    replay_run_close(asked->run);
    score_reply_fit(reply, BUS_MESSAGE_MAX);
    inquiry_answer(q, &reply->base);
    troth__v1__score_reply__free_unpacked(reply, NULL);
    db_release(db);
}

static void answer_code(struct inquiry *q, struct db *db, const char *code, const char *text)
{
    const struct asked *asked = inquiry_question(q);

    answer(q, db, score_reply_new(asked->question.request_id, code, text));
}

/* Returns whether the step worked; otherwise the inquiry has ended. */
static bool is_answered(struct inquiry *q, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return true;
    }
    log_warning("score_request_failed", LOG_ERR(&reply->err));
    answer_code(q, db, "unavailable", "the database did not answer: ask again");
    return false;
}

/* ---- scores */

static struct score_viewing viewing_of(const struct inquiry *q, const struct asked *asked,
                                       const struct score_found *found)
{
    const struct loyalty *l = inquiry_owner(q);

    return (struct score_viewing){
        .found = found,
        .policy = &l->policy,
        .fits = &l->fits,
        .at_us = asked->at_us,
        .is_chinese = asked->question.is_chinese,
        .evidence_max = (size_t)asked->wanted.evidence_max,
    };
}

/* One customer was asked about: whoever is not there is an error. Returns NULL when it is one; then
 * the inquiry has ended. */
static const struct score_person *the_one(struct inquiry *q, struct db *db,
                                          const struct score_found *found)
{
    const struct asked *asked = inquiry_question(q);
    bool by_number = asked->wanted.whom.count > 0;

    if (found->person_count == 0) {
        answer_code(q, db, "customer_unknown",
                    by_number ? "there is no such customer" : "no customer has this reference");
        return NULL;
    }
    if (found->person_count > 1) {
        answer_code(q, db, "reference_ambiguous", "several sources know it: name the source");
        return NULL;
    }
    if (found->persons[0].is_erased) {
        answer_code(q, db, "customer_erased", "what was known about this customer is erased");
        return NULL;
    }
    return &found->persons[0];
}

static void answer_one(struct inquiry *q, struct db *db, const struct score_found *found)
{
    const struct loyalty *l = inquiry_owner(q);
    struct asked *asked = inquiry_question(q);
    const struct score_viewing viewing = viewing_of(q, asked, found);
    const struct score_person *person = the_one(q, db, found);

    if (person == NULL) {
        return;
    }
    Troth__V1__ScoreReply *reply = score_reply_new(asked->question.request_id, NULL, NULL);
    score_view_add(reply, &viewing, person);
    if (asked->run == NULL) {
        answer(q, db, reply);
        return;
    }
    score_reply_fit(reply, BUS_MESSAGE_MAX - REPLAY_ROOM);
    const struct score_replay_span span = {.known_us = asked->question.as_of_us,
                                           .at_us = asked->at_us};
    struct score_replay *replay =
        score_replay_new(found, person->number, span, &l->policy, &l->fits);
    replay_run_start(asked->run, q, db, replay, reply);
}

static void answer_many(struct inquiry *q, struct db *db, const struct score_found *found)
{
    const struct asked *asked = inquiry_question(q);
    const struct score_viewing viewing = viewing_of(q, asked, found);
    Troth__V1__ScoreReply *reply = score_reply_new(asked->question.request_id, NULL, NULL);
    size_t erased = 0;

    for (size_t i = 0; i < found->person_count; i++) {
        if (found->persons[i].is_erased) {
            erased++;
        } else {
            score_view_add(reply, &viewing, &found->persons[i]);
        }
    }
    score_reply_say_missing(reply, asked->wanted.whom.count - found->person_count, erased);
    answer(q, db, reply);
}

/* ---- reading */

static void set_falls(const struct asked *asked, struct score_found *found)
{
    for (size_t i = 0; i < asked->question.customer_count; i++) {
        struct score_person *p = score_found_person(found, asked->question.customers[i]);
        if (p != NULL) {
            p->fall_hundredths = asked->falls[i];
        }
    }
}

static void on_scores(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct loyalty *l = inquiry_owner(q);
    const struct asked *asked = inquiry_question(q);

    if (!is_answered(q, db, reply)) {
        return;
    }
    struct score_found *found = score_store_take(reply, &asked->wanted, &l->policy);
    if (asked->question.kind == SCORE_OF_CUSTOMER) {
        answer_one(q, db, found);
    } else {
        if (asked->question.kind == SCORES_FALLEN) {
            set_falls(asked, found);
        }
        answer_many(q, db, found);
    }
    score_found_free(found);
}

/* sources: of a reference; NULL: by the numbers of the question. */
static struct score_whom whom_of(const struct score_question *question,
                                 const struct db_rows *sources)
{
    return (struct score_whom){
        .numbers = question->customers,
        .count = question->customer_count,
        .sources = sources,
        .reference = question->reference,
    };
}

static void ask_scores(struct inquiry *q, struct db *db, const struct db_rows *sources)
{
    struct asked *asked = inquiry_question(q);
    const struct score_question *question = &asked->question;
    bool is_one = question->kind == SCORE_OF_CUSTOMER;

    asked->wanted = (struct score_wanted){
        .whom = whom_of(question, sources),
        .is_past = question->as_of_us != INT64_MAX,
        .is_replayed = question->is_replayed,
        .has_moves = is_one,
        .as_of_us = question->as_of_us,
        .evidence_max = is_one ? SCORE_EVIDENCE_MAX : SCORE_EVIDENCE_MAX_LIST,
    };
    score_store_ask(db, &asked->wanted);
    asked->wanted.whom.sources = NULL; /* gone when this handler returns */
    db_run(db, on_scores, q);
}

/* ---- points */

static void on_points(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct asked *asked = inquiry_question(q);
    struct points_found found;

    if (!is_answered(q, db, reply)) {
        return;
    }
    points_account_take(reply, &found);
    Troth__V1__ScoreReply *view = score_reply_new(asked->question.request_id, NULL, NULL);
    points_view_set(view, &found, asked->question.customer_count > 0);
    answer(q, db, view);
}

static void ask_points(struct inquiry *q, struct db *db, const struct db_rows *sources)
{
    const struct asked *asked = inquiry_question(q);
    const struct score_whom whom = whom_of(&asked->question, sources);

    points_account_ask(db, &whom, asked->at_us);
    db_run(db, on_points, q);
}

/* ---- finding whom it is about */

static void ask_about(struct inquiry *q, struct db *db, const struct db_rows *sources)
{
    const struct asked *asked = inquiry_question(q);

    if (asked->question.kind == POINTS_OF_CUSTOMER) {
        ask_points(q, db, sources);
    } else {
        ask_scores(q, db, sources);
    }
}

static void on_sources(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;

    if (is_answered(q, db, reply)) {
        ask_about(q, db, reply->rows[0]);
    }
}

static void on_found(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    struct asked *asked = inquiry_question(q);
    struct score_question *question = &asked->question;

    if (!is_answered(q, db, reply)) {
        return;
    }
    question->customer_count = score_find_take(reply->rows[0], question->customers);
    for (size_t i = 0; question->kind == SCORES_FALLEN && i < question->customer_count; i++) {
        asked->falls[i] = score_find_fall(reply->rows[0], i);
    }
    if (question->customer_count == 0) {
        answer_code(q, db, NULL, NULL);
        return;
    }
    ask_scores(q, db, NULL);
}

static void on_groups(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct inquiry *q = ctx;
    const struct loyalty *l = inquiry_owner(q);
    const struct asked *asked = inquiry_question(q);
    double half_life_us = l->policy.half_life_us[MEASURE_TRUST];

    if (!is_answered(q, db, reply)) {
        return;
    }
    Troth__V1__ScoreReply *view = score_reply_new(asked->question.request_id, NULL, NULL);
    for (size_t row = 0; row < db_row_count(reply->rows[0]); row++) {
        struct score_group group = score_find_group(reply->rows[0], row);
        const int64_t counts[3] = {group.kept, group.late, group.broken};
        score_reply_add_group(view, group.name,
                              decay_of_sum(group.weight, half_life_us, asked->at_us),
                              decay_of_sum(group.value, half_life_us, asked->at_us), counts);
    }
    answer(q, db, view);
}

static void ask_groups(struct inquiry *q, struct db *db)
{
    const struct loyalty *l = inquiry_owner(q);
    const struct asked *asked = inquiry_question(q);
    const struct score_question *question = &asked->question;

    score_find_ask_groups(db, (int32_t)question->grouping,
                          decay_of_sum(1, l->policy.half_life_us[MEASURE_TRUST], asked->at_us),
                          question->limit);
    db_run(db, on_groups, q);
}

static int64_t since_of(const struct asked *asked)
{
    const struct score_question *question = &asked->question;

    if (question->within_us == 0) {
        return question->since_us;
    }
    return question->within_us < asked->at_us ? asked->at_us - question->within_us : 0;
}

static void start(void *ctx, struct db *db)
{
    struct inquiry *q = ctx;
    const struct asked *asked = inquiry_question(q);
    const struct score_question *question = &asked->question;

    switch (question->kind) {
    case SCORES_FALLEN:
        score_find_ask_fallen(db, since_of(asked), question->limit);
        db_run(db, on_found, q);
        break;
    case SCORES_OF_SEGMENT:
        score_find_ask_segment(db, &question->segment, question->limit);
        db_run(db, on_found, q);
        break;
    case TRUST_OF_GROUPS:
        ask_groups(q, db);
        break;
    case SCORE_OF_CUSTOMER:
    case SCORES_OF_CUSTOMERS:
    case POINTS_OF_CUSTOMER:
        if (question->customer_count > 0) {
            ask_about(q, db, NULL);
            break;
        }
        score_find_ask_sources(db, question->source);
        db_run(db, on_sources, q);
        break;
    }
}

/* ---- arrival */

static void refuse(struct loyalty *l, struct bus_socket *socket, const struct bus_message *message,
                   const char *request_id, const struct err *why)
{
    char text[sizeof(why->field) + sizeof(why->text) + 2];

    (void)text_format(text, sizeof(text), "%s%s%s", why->field, why->field[0] == '\0' ? "" : ": ",
                      why->text);
    Troth__V1__ScoreReply *reply = score_reply_new(request_id, why->code, text);
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
    if (rc == 0 && question->as_of_us != INT64_MAX &&
        question->as_of_us > service_now_us(l->service)) {
        return err_set_field(err, "request_invalid", "customer.as_of_us",
                             "what will be known then is not known yet");
    }
    return rc;
}

static int open_inquiry(struct loyalty *l, struct bus_socket *socket,
                        const struct bus_message *message, const struct score_question *question,
                        struct err *err)
{
    struct replay_run *run = NULL;

    if (question->is_replayed) {
        run = replay_desk_open(l->replays, message->peer, question->request_id);
        if (run == NULL) {
            return err_set(err, "unavailable", "%d replays are under way: ask again", REPLAYS_MAX);
        }
    }
    struct inquiry *q = inquiry_open(l->desk, socket, message, sizeof(struct asked));
    if (q == NULL) {
        replay_run_close(run);
        return err_set(err, "unavailable", "too many requests are waiting: ask again");
    }
    struct asked *asked = inquiry_question(q);
    int64_t now_us = service_now_us(l->service);
    asked->run = run;
    asked->question = *question;
    asked->at_us = question->as_of_us < now_us ? question->as_of_us : now_us;
    inquiry_submit(q, start);
    return 0;
}

void loyalty_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message)
{
    struct loyalty *l = ctx;
    struct score_question question = {.limit = 0};
    struct err err = ERR_NONE;

    *l->request_count += 1;
    int rc = read_question(l, message, &question, &err);
    arena_reset(l->arena);
    if (rc == 0 && question.is_replayed &&
        replay_desk_has(l->replays, message->peer, question.request_id)) {
        return;
    }
    if (rc == 0) {
        rc = open_inquiry(l, socket, message, &question, &err);
    }
    if (rc < 0) {
        refuse(l, socket, message, question.request_id, &err);
    }
}
