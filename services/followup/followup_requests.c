/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_requests.c - one row per message: the right it needs, and its handler.
 *
 * A result or an answer counts only from a dialer that has said hello on this connection: so we
 * know whose it is. Others get an error, say hello, and repeat.
 */
#include "services/followup/followup_requests.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "dialer.pb-c.h"
#include "services/followup/followup.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_numbers.h"
#include "services/followup/followup_outbox.h"
#include "services/followup/followup_session.h"
#include "services/followup/followup_watch.h"
#include "services/followup/followup_worklist.h"
#include "services/followup/worklist_desk.h"
#include "services/followup/worklist_report.h"

static void answer(struct bus_socket *s, const struct bus_message *m,
                   const Troth__V1__DialerReply *reply)
{
    inquiry_answer_now(s, m, &reply->base);
}

/* Those of people at the worklist have one: several of them may come over one connection. */
static char *request_id_of(const Troth__V1__DialerRequest *request)
{
    switch (request->body_case) {
    case TROTH__V1__DIALER_REQUEST__BODY_WORKLIST:
        return request->worklist->request_id;
    case TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_TAKE:
        return request->worklist_take->request_id;
    case TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_REPORT:
        return request->worklist_report->request_id;
    case TROTH__V1__DIALER_REQUEST__BODY__NOT_SET:
    case TROTH__V1__DIALER_REQUEST__BODY_HELLO:
    case TROTH__V1__DIALER_REQUEST__BODY_RESULT:
    case TROTH__V1__DIALER_REQUEST__BODY_ANSWER:
    case TROTH__V1__DIALER_REQUEST__BODY_PROGRESS:
    case _TROTH__V1__DIALER_REQUEST__BODY__CASE_IS_INT_SIZE:
    default:
        return NULL;
    }
}

// NOLINTNEXTLINE(readability-non-const-parameter): it becomes a field that is not const
static void refuse(struct bus_socket *s, const struct bus_message *m, char *request_id,
                   const char *code, const char *text)
{
    char code_copy[40];
    char text_copied[256];
    Troth__V1__DialerError error = TROTH__V1__DIALER_ERROR__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    (void)text_copy(code_copy, sizeof(code_copy), code);
    (void)text_copy(text_copied, sizeof(text_copied), text);
    error.code = code_copy;
    error.text = text_copied;
    error.request_id = request_id;
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_ERROR;
    reply.error = &error;
    answer(s, m, &reply);
}

static void answer_error(struct bus_socket *s, const struct bus_message *m, const char *code,
                         const char *text)
{
    refuse(s, m, NULL, code, text);
}

/* ---- hello */

static uint32_t read_channels(const Troth__V1__DialerHello *hello)
{
    uint32_t channels = 0;
    for (size_t i = 0; i < hello->n_channels; i++) {
        channels |=
            hello->channels[i] > 0 && hello->channels[i] < 32 ? 1U << hello->channels[i] : 0;
    }
    return channels;
}

static void on_hello(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                     const Troth__V1__DialerRequest *request)
{
    struct err err = ERR_NONE;
    struct followup_dialer_hello hello = {
        .source = m->principal.name,
        .name = request->hello->dialer,
        .journal = request->hello->journal,
        .free_lines = request->hello->free_lines,
        .channels = read_channels(request->hello),
        .hours = request->hello->hours,
        .hours_zone = request->hello->hours_zone,
        .peer = m->peer,
    };
    memcpy(hello.key, m->principal.key, sizeof(hello.key));
    struct followup_dialer *dialer =
        followup_dialers_hello(f->dialers, &hello, instant_monotonic_us(), instant_now_us(), &err);
    if (!dialer) {
        log_warning("hello_refused", LOG_TEXT("source", m->principal.name), LOG_ERR(&err));
        answer_error(s, m, err.code, err.text);
        return;
    }
    if (dialer->is_new) {
        followup_watch_wake(f->watch);
    }
    followup_session_save(f->session, dialer);
    Troth__V1__DialerWelcome welcome = TROTH__V1__DIALER_WELCOME__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    welcome.has_now_us = true;
    welcome.now_us = service_now_us(f->service);
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_WELCOME;
    reply.welcome = &welcome;
    answer(s, m, &reply);
    followup_claims_on_lines(f->claims);
}

/* ---- results and answers */

static void copy_result(const Troth__V1__DialResult *result, struct followup_fate *fate)
{
    followup_fate_set_result(fate, result);
    fate->wants_receipt = true;
}

/* Whose message this is, and about which order. NULL when it was answered with an error. */
static struct followup_fate *new_fate(struct followup *f, struct bus_socket *s,
                                      const struct bus_message *m, const char *key)
{
    struct err err = ERR_NONE;
    int64_t follow_up;
    int32_t attempt;
    const struct followup_dialer *dialer = followup_dialers_by_peer(f->dialers, m->peer);
    if (!dialer) {
        answer_error(s, m, "hello_first", "say hello before anything else");
        return NULL;
    }
    if (followup_order_key_parse(key, &follow_up, &attempt, &err) < 0) {
        answer_error(s, m, err.code, err.text);
        return NULL;
    }
    struct followup_fate *fate = followup_fate_new(follow_up, attempt, FOLLOWUP_FATE_FINISHED);
    (void)text_copy(fate->dialer, sizeof(fate->dialer), dialer->name);
    return fate;
}

static void on_result(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                      const Troth__V1__DialerRequest *request)
{
    struct followup_fate *fate = new_fate(f, s, m, request->result->key);
    if (fate) {
        followup_dialers_heard(followup_dialers_by_peer(f->dialers, m->peer));
        copy_result(request->result, fate);
        followup_fates_add(f->fates, fate);
    }
}

static void on_answer(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                      const Troth__V1__DialerRequest *request)
{
    const Troth__V1__DialAnswer *said = request->answer;
    struct followup_fate *fate = new_fate(f, s, m, said->key);
    if (!fate) {
        return;
    }
    if (said->fate == TROTH__V1__DIAL_FATE__DIAL_FATE_FINISHED && said->result) {
        copy_result(said->result, fate);
    } else if (said->fate == TROTH__V1__DIAL_FATE__DIAL_FATE_BARRED) {
        fate->kind = FOLLOWUP_FATE_BARRED;
    } else if (said->fate == TROTH__V1__DIAL_FATE__DIAL_FATE_JOURNAL_LOST) {
        fate->kind = FOLLOWUP_FATE_JOURNAL_LOST;
    } else if (said->fate == TROTH__V1__DIAL_FATE__DIAL_FATE_INTERRUPTED) {
        fate->kind = FOLLOWUP_FATE_UNKNOWN;
    } else {
        /* Placed, or finished with a result that is still to come: either way not to be ordered
         * again. */
        fate->kind = FOLLOWUP_FATE_PLACED;
    }
    followup_fates_add(f->fates, fate);
}

static void on_progress(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                        const Troth__V1__DialerRequest *request)
{
    const Troth__V1__DialProgress *said = request->progress;
    struct followup_fate *fate = new_fate(f, s, m, said->key);
    if (fate) {
        fate->kind = FOLLOWUP_FATE_STAGE;
        fate->stage = said->stage > 0 ? (int32_t)said->stage : 0;
        followup_fates_add(f->fates, fate);
    }
}

static void on_worklist(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                        const Troth__V1__DialerRequest *request)
{
    if (followup_worklist_ask(f->worklists, s, m, request->worklist) < 0) {
        refuse(s, m, request->worklist->request_id, "busy",
               "too many questions at once: ask again");
    }
}

static void on_take(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                    const Troth__V1__DialerRequest *request)
{
    worklist_desk_ask(f->desk, s, m, request->worklist_take);
}

static void on_report(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                      const Troth__V1__DialerRequest *request)
{
    worklist_report(f, s, m, request->worklist_report);
}

/* ---- the table */

struct request_row {
    Troth__V1__DialerRequest__BodyCase body;
    uint32_t right;
    void (*handle)(struct followup *f, struct bus_socket *s, const struct bus_message *m,
                   const Troth__V1__DialerRequest *request);
};

/* body, right, handler */
static const struct request_row request_rows[] = {
    {TROTH__V1__DIALER_REQUEST__BODY_HELLO,           RIGHT_DIAL,     on_hello   },
    {TROTH__V1__DIALER_REQUEST__BODY_RESULT,          RIGHT_DIAL,     on_result  },
    {TROTH__V1__DIALER_REQUEST__BODY_ANSWER,          RIGHT_DIAL,     on_answer  },
    {TROTH__V1__DIALER_REQUEST__BODY_PROGRESS,        RIGHT_DIAL,     on_progress},
    {TROTH__V1__DIALER_REQUEST__BODY_WORKLIST,        RIGHT_WORKLIST, on_worklist},
    {TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_TAKE,   RIGHT_WORKLIST, on_take    },
    {TROTH__V1__DIALER_REQUEST__BODY_WORKLIST_REPORT, RIGHT_WORKLIST, on_report  },
};

static const struct request_row *find_row(const Troth__V1__DialerRequest *request)
{
    for (size_t i = 0; i < ARRAY_LEN(request_rows); i++) {
        if (request_rows[i].body == request->body_case) {
            return &request_rows[i];
        }
    }
    return NULL;
}

void followup_on_request(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct followup *f = ctx;
    struct err err = ERR_NONE;
    f->requests = s;
    const Troth__V1__DialerRequest *request = (const Troth__V1__DialerRequest *)message_unpack(
        &troth__v1__dialer_request__descriptor, m->body, f->arena, &err);
    const struct request_row *row = request ? find_row(request) : NULL;
    if (!request) {
        answer_error(s, m, err.code, err.text);
    } else if (!row) {
        answer_error(s, m, "request_unknown", "this version knows no such request");
    } else if (!(m->principal.rights & row->right)) {
        if (row->right == RIGHT_DIAL) {
            followup_dialers_lock_out(f->dialers, m->peer);
        }
        refuse(s, m, request_id_of(request), "not_permitted",
               "your key does not have the right for this");
    } else {
        row->handle(f, s, m, request);
    }
    arena_reset(f->arena);
}

/* ---- intake */

void followup_on_intake(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct followup *f = ctx;
    struct err err = ERR_NONE;
    (void)s;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message_unpack(
        &troth__v1__intake_reply__descriptor, m->body, f->arena, &err);
    if (!reply) {
        log_error("intake_unreadable", LOG_ERR(&err));
    } else if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE) {
        followup_numbers_on_reply(f->numbers, reply->disclosure);
    } else if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURES) {
        for (size_t i = 0; i < reply->disclosures->n_replies; i++) {
            followup_numbers_on_reply(f->numbers, reply->disclosures->replies[i]);
        }
    } else if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_ERROR) {
        log_error("intake_refused", LOG_TEXT("code", reply->error->code),
                  LOG_TEXT("text", reply->error->text));
    } else {
        followup_outbox_on_reply(f->outbox, reply);
    }
    arena_reset(f->arena);
}

/* The doorbell: the event itself is read from the table. */
void followup_on_intake_event(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct followup *f = ctx;
    (void)s;
    (void)m;
    event_consumer_wake(f->consumer);
}
