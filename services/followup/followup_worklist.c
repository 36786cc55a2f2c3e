/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_worklist.c - one statement, one reply. A reply holds what fits into a message: the
 * newest due first, so what is cut off is the oldest.
 */
#include "services/followup/followup_worklist.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup_store.h"

enum {
    USUAL_LIMIT = 100,
    LIMIT_MAX = 1000,
    STATES_MAX = 16,
    ID_SIZE = 128,
    REPLY_BYTES = BUS_MESSAGE_MAX - 1024,
};

struct worklist_question {
    char request_id[ID_SIZE];
    int32_t states[STATES_MAX];
    size_t state_count;
    int32_t limit;
};

/* The texts that an entry points to. */
struct entry_texts {
    struct follow_up f;
    char follow_up[IDENTIFIER_TEXT_SIZE];
    char customer[IDENTIFIER_TEXT_SIZE];
    char service_case[IDENTIFIER_TEXT_SIZE];
};

static void fill(const struct db_rows *rows, size_t row, struct entry_texts *texts,
                 Troth__V1__WorklistEntry *ret)
{
    struct follow_up *f = &texts->f;
    followup_store_get(rows, row, f);
    troth__v1__worklist_entry__init(ret);
    (void)identifier_format(IDENTIFIER_FOLLOW_UP, f->number, texts->follow_up);
    (void)identifier_format(IDENTIFIER_CUSTOMER, f->customer, texts->customer);
    (void)identifier_format(IDENTIFIER_CASE, f->service_case, texts->service_case);
    ret->follow_up_number = texts->follow_up;
    ret->customer_number = texts->customer;
    ret->case_number = f->service_case ? texts->service_case : NULL;
    ret->rule = f->rule;
    ret->has_state = ret->has_due_us = ret->has_window_end_us = ret->has_attempts = true;
    ret->state = (Troth__V1__FollowUpState)f->state;
    ret->reason = f->reason[0] ? f->reason : NULL;
    ret->due_us = f->due_us;
    ret->window_end_us = f->window_end_us;
    ret->attempts = f->attempts;
    ret->has_last_outcome = f->last_outcome != 0;
    ret->last_outcome = (Troth__V1__CallOutcome)f->last_outcome;
}

static void send(struct inquiry *q, const Troth__V1__DialerReply *reply)
{
    inquiry_answer(q, &reply->base);
}

static void answer(struct inquiry *q, const struct db_rows *rows)
{
    struct worklist_question *question = inquiry_question(q);
    size_t count = rows ? db_row_count(rows) : 0;
    size_t bytes = 0;
    struct entry_texts *texts = xcalloc(count + 1, sizeof(*texts));
    Troth__V1__WorklistEntry *entries = xcalloc(count + 1, sizeof(*entries));
    Troth__V1__WorklistEntry **pointers =
        xcalloc(count + 1, sizeof(struct Troth__V1__WorklistEntry *));
    Troth__V1__WorklistReply list = TROTH__V1__WORKLIST_REPLY__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    for (size_t i = 0; i < count; i++) {
        fill(rows, i, &texts[i], &entries[i]);
        bytes += troth__v1__worklist_entry__get_packed_size(&entries[i]) + 4;
        if (bytes > REPLY_BYTES) {
            break;
        }
        pointers[list.n_entries++] = &entries[i];
    }
    list.request_id = question->request_id[0] ? question->request_id : NULL;
    list.entries = pointers;
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_WORKLIST;
    reply.worklist = &list;
    send(q, &reply);
    free(pointers);
    free(entries);
    free(texts);
}

static void answer_unavailable(struct inquiry *q)
{
    struct worklist_question *question = inquiry_question(q);
    char code[] = "unavailable";
    char text[] = "the database did not answer: ask again";
    Troth__V1__DialerError error = TROTH__V1__DIALER_ERROR__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    error.code = code;
    error.text = text;
    error.request_id = question->request_id[0] ? question->request_id : NULL;
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_ERROR;
    reply.error = &error;
    send(q, &reply);
}

static void on_rows(void *ctx, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        answer(ctx, reply->rows[0]);
    } else {
        log_warning("worklist_failed", LOG_ERR(&reply->err));
        answer_unavailable(ctx);
    }
    db_release(db);
}

static void start(void *ctx, struct db *db)
{
    const struct worklist_question *question = inquiry_question(ctx);
    struct db_array states;
    db_array_init(&states, DB_INT2);
    for (size_t i = 0; i < question->state_count; i++) {
        db_array_add_int(&states, question->states[i]);
    }
    followup_store_put_worklist(db, &states, question->limit);
    db_array_free(&states);
    db_run(db, on_rows, ctx);
}

int followup_worklist_ask(struct inquiry_desk *desk, struct bus_socket *s,
                          const struct bus_message *m, const Troth__V1__WorklistRequest *request)
{
    struct inquiry *q = inquiry_open(desk, s, m, sizeof(struct worklist_question));
    if (!q) {
        return -1;
    }
    struct worklist_question *question = inquiry_question(q);
    bool is_usual = request->limit <= 0;
    question->limit =
        is_usual ? USUAL_LIMIT : (request->limit < LIMIT_MAX ? request->limit : LIMIT_MAX);
    (void)text_copy(question->request_id, sizeof(question->request_id),
                    request->request_id ? request->request_id : "");
    for (size_t i = 0; i < request->n_states && question->state_count < STATES_MAX; i++) {
        question->states[question->state_count++] = (int32_t)request->states[i];
    }
    inquiry_submit(q, start);
    return 0;
}
