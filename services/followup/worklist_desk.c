/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_desk.c - a request from the first question to the screen:
 *
 * 1. who has something in hand gets nothing more: one conversation at a time
 * 2. a round of claims with this person's line: what is planned for people, due and permitted
 * 3. else what is listed (worklist_listed.c)
 * 4. the order is committed, with the lease: the story is read, and the answer sent
 *
 * Nothing tells when a booked line is given back, so takes are looked at by a timer while there are
 * any. A person is answered within TAKE_US; what was claimed for one who is gone goes back.
 */
#include "services/followup/worklist_desk.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_check.h"
#include "services/followup/followup.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_due_store.h"
#include "services/followup/worklist_listed.h"
#include "services/followup/worklist_story_store.h"

enum {
    TAKES_MAX = 16,
    ROUNDS_MAX = 8,
    STORY_MAX = 24,
    MESSAGE_BUDGET = 256 * 1024,
    LEASE_USUAL_S = 300,
    LEASE_MAX_S = 3600,
};

#define TAKE_US   (8 * DURATION_S)
#define LOOK_US   (20 * DURATION_MS)
#define PERSON    "person/"
#define IS_PERSON (UINT32_C(1) << TROTH__V1__CHANNEL__CHANNEL_PERSON)

struct worklist_desk {
    struct followup *followup;
    struct loop_timer *timer;
    struct worklist_take *takes;
    size_t count;
    struct arena *arena;
};

/* ---- names */

void worklist_dialer_name(const char *staff, char ret_name[WORKLIST_NAME_SIZE])
{
    (void)text_format(ret_name, WORKLIST_NAME_SIZE, PERSON "%s", staff);
}

bool worklist_is_person(const char *dialer_name)
{
    return strncmp(dialer_name, PERSON, strlen(PERSON)) == 0;
}

bool worklist_is_staff(const char *staff)
{
    size_t len = staff ? strlen(staff) : 0;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)staff[i] <= ' ' || staff[i] == 0x7f) {
            return false;
        }
    }
    return len > 0 && len < WORKLIST_STAFF_SIZE;
}

/* ---- answers */

static void answer(struct worklist_take *t, const Troth__V1__DialerReply *reply)
{
    inquiry_answer(t->inquiry, &reply->base);
    t->inquiry = NULL;
    t->phase = WORKLIST_ANSWERED;
}

void worklist_take_fail(struct worklist_take *t, const char *code, const char *text)
{
    char code_copy[40];
    char text_copied[160];
    Troth__V1__DialerError error = TROTH__V1__DIALER_ERROR__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    (void)text_copy(code_copy, sizeof(code_copy), code);
    (void)text_copy(text_copied, sizeof(text_copied), text);
    error.code = code_copy;
    error.text = text_copied;
    error.request_id = t->request_id;
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_ERROR;
    reply.error = &error;
    if (t->inquiry) {
        answer(t, &reply);
    }
}

static void fail_unavailable(struct worklist_take *t)
{
    worklist_take_fail(t, "unavailable", "the scheduler could not look it up: ask again");
}

static void answer_agenda(struct worklist_take *t, Troth__V1__WorklistAgenda *agenda)
{
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    agenda->request_id = t->request_id;
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_WORKLIST_AGENDA;
    reply.worklist_agenda = agenda;
    if (t->inquiry) {
        answer(t, &reply);
    }
}

void worklist_take_find_nothing(struct worklist_take *t)
{
    Troth__V1__WorklistAgenda agenda = TROTH__V1__WORKLIST_AGENDA__INIT;
    answer_agenda(t, &agenda);
}

/* ---- 4 */

static size_t read_story(const struct db_rows *rows, struct worklist_story_line *lines,
                         Troth__V1__StoryLine **pointers)
{
    size_t count = 0;
    for (; count < db_row_count(rows) && count < STORY_MAX; count++) {
        worklist_story_store_get(rows, count, &lines[count]);
        pointers[count] = &lines[count].line;
    }
    return count;
}

static void tell(struct worklist_take *t, Troth__V1__DialOrder *order, const struct db_rows *lease,
                 const struct db_rows *story)
{
    char customer[IDENTIFIER_TEXT_SIZE];
    struct worklist_story_line lines[STORY_MAX];
    Troth__V1__StoryLine *pointers[STORY_MAX];
    Troth__V1__WorklistAgenda agenda = TROTH__V1__WORKLIST_AGENDA__INIT;
    agenda.order = order;
    agenda.has_lease_until_us = true;
    agenda.lease_until_us = worklist_lease_store_get_until(lease);
    agenda.customer_number = customer;
    agenda.why_person = t->why;
    agenda.no_call = t->no_call[0] ? t->no_call : NULL;
    agenda.n_story = read_story(story, lines, pointers);
    agenda.story = pointers;
    (void)identifier_format(IDENTIFIER_CUSTOMER, t->customer, customer);
    answer_agenda(t, &agenda);
}

static void on_story(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    struct err err = ERR_NONE;
    (void)db;
    Troth__V1__DialOrder *order = (Troth__V1__DialOrder *)message_unpack(
        &troth__v1__dial_order__descriptor,
        (struct bytes){.data = t->order.data, .len = t->order.len}, t->arena, &err);
    if (reply->outcome == DB_OK && order) {
        tell(t, order, reply->rows[0], reply->rows[1]);
    } else {
        followup_log_failure(t->followup, "worklist_failed", reply);
        fail_unavailable(t);
    }
    arena_reset(t->arena);
    followup_talk_end(&t->talk);
}

static void start_story(void *ctx, struct db *db)
{
    struct worklist_take *t = ctx;
    worklist_lease_store_put_until(db, t->follow_up);
    worklist_story_store_put(db, t->customer);
    db_run(db, on_story, t);
}

void worklist_take_give(struct worklist_take *t, const struct followup_call *call,
                        const Troth__V1__DialOrder *order)
{
    if (!t->inquiry) {
        return; /* its lease runs out */
    }
    t->follow_up = call->due.follow_up.number;
    t->customer = call->due.follow_up.customer;
    t->phase = WORKLIST_TELLING;
    size_t len = troth__v1__dial_order__get_packed_size(order);
    (void)troth__v1__dial_order__pack(order, buffer_extend(&t->order, len));
    followup_talk_begin(&t->talk, start_story, t);
}

bool worklist_take_is_waiting(const struct worklist_take *t)
{
    return t->inquiry != NULL;
}

/* ---- 2 */

struct worklist_take *worklist_desk_begin_round(struct worklist_desk *d)
{
    for (struct worklist_take *t = d->takes; t; t = t->next) {
        if (t->phase == WORKLIST_WAITING) {
            t->phase = WORKLIST_IN_ROUND;
            t->candidate_count = 0;
            t->rounds++;
            return t;
        }
    }
    return NULL;
}

void worklist_take_put_due(struct worklist_take *t, struct db *db, const struct db_array *buckets,
                           int64_t now_us)
{
    const struct worklist_search search = {
        .buckets = buckets, .now_us = now_us, .staff = t->staff, .branch = t->branch};
    worklist_lease_store_put_due(db, &search);
}

void worklist_take_note(struct worklist_take *t, const struct db_rows *rows)
{
    t->candidate_count = 0;
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct followup_due_row row;
        followup_due_store_get_row(rows, i, &row);
        bool is_new =
            t->candidate_count == 0 || t->candidates[t->candidate_count - 1] != row.number;
        if (is_new && t->candidate_count < WORKLIST_SEARCH_MAX) {
            t->candidates[t->candidate_count++] = row.number;
        }
    }
}

struct followup_dialer *worklist_take_book(struct worklist_take *t, const struct followup_due *due,
                                           int32_t channel)
{
    bool is_noted = false;
    for (size_t i = 0; i < t->candidate_count; i++) {
        is_noted |= t->candidates[i] == due->follow_up.number;
    }
    if (!is_noted || channel != (int32_t)TROTH__V1__CHANNEL__CHANNEL_PERSON || t->line.booked > 0 ||
        !t->inquiry) {
        return NULL;
    }
    t->line.free_lines--;
    t->line.booked++;
    return &t->line;
}

/* What was refused in this round is not among the next ones; with as many as were looked for there
 * may be more. */
void worklist_take_end_round(struct worklist_take *t)
{
    bool has_more = t->candidate_count == WORKLIST_SEARCH_MAX && t->rounds < ROUNDS_MAX;
    if (!t->inquiry) {
        t->phase = WORKLIST_ANSWERED;
    } else if (t->line.booked > 0) {
        t->phase = WORKLIST_CLAIMED;
        (void)text_copy(t->why, sizeof(t->why), "channel");
    } else if (has_more) {
        t->phase = WORKLIST_WAITING;
    } else {
        t->phase = WORKLIST_LISTING;
        worklist_listed_begin(t);
    }
}

/* ---- 1 */

static void on_held(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(t->followup, "worklist_failed", reply);
        fail_unavailable(t);
    } else if (worklist_lease_store_get_held(reply->rows[0])) {
        char text[160];
        (void)text_format(text, sizeof(text),
                          "you have %s in hand: report its outcome, snooze or return it first",
                          worklist_lease_store_get_held(reply->rows[0]));
        worklist_take_fail(t, "in_hand", text);
    } else {
        t->phase = WORKLIST_WAITING;
    }
    followup_talk_end(&t->talk);
    if (t->phase == WORKLIST_WAITING) {
        followup_claims_on_person(t->followup->claims);
    }
}

static void start_check(void *ctx, struct db *db)
{
    struct worklist_take *t = ctx;
    worklist_lease_store_put_held(db, t->staff);
    db_run(db, on_held, t);
}

/* ---- the desk */

static void free_take(struct worklist_desk *d, struct worklist_take *t)
{
    DL_DELETE(d->takes, t);
    d->count--;
    followup_talk_close(&t->talk);
    if (t->order.data) {
        explicit_bzero(t->order.data, t->order.len); /* it holds a phone number */
    }
    buffer_free(&t->order);
    free(t->rule);
    free(t->agenda);
    free(t);
}

static void look_at(struct worklist_desk *d, struct worklist_take *t)
{
    bool is_late = instant_monotonic_us() > t->deadline_us || d->followup->is_draining;
    if (t->phase == WORKLIST_CLAIMED && t->line.booked == 0 && t->line.unheard == 0) {
        t->phase = WORKLIST_WAITING; /* it could not be ordered after all */
    }
    if (t->phase == WORKLIST_WAITING && !is_late) {
        followup_claims_on_person(d->followup->claims);
    }
    if (is_late && (t->phase == WORKLIST_WAITING || t->phase == WORKLIST_CLAIMED)) {
        fail_unavailable(t);
    }
    if (t->phase == WORKLIST_ANSWERED && t->line.booked == 0 && !t->talk.is_busy) {
        free_take(d, t);
    }
}

static void look(void *ctx)
{
    struct worklist_desk *d = ctx;
    struct worklist_take *next;
    for (struct worklist_take *t = d->takes; t; t = next) {
        next = t->next;
        look_at(d, t);
    }
    if (d->takes) {
        loop_timer_after(d->timer, LOOK_US);
    }
}

struct worklist_desk *worklist_desk_new(struct followup *f)
{
    struct worklist_desk *d = xcalloc(1, sizeof(*d));
    d->followup = f;
    d->arena = arena_new(MESSAGE_BUDGET);
    d->timer = loop_timer_new(f->service->loop, look, d);
    return d;
}

void worklist_desk_free(struct worklist_desk *d)
{
    if (d) {
        while (d->takes) {
            free_take(d, d->takes);
        }
        loop_timer_free(d->timer);
        arena_free(d->arena);
        free(d);
    }
}

static void answer_error(struct bus_socket *s, const struct bus_message *m,
                         const Troth__V1__WorklistTake *r, const char *code, const char *text)
{
    char code_copy[40];
    char text_copied[160];
    Troth__V1__DialerError error = TROTH__V1__DIALER_ERROR__INIT;
    Troth__V1__DialerReply reply = TROTH__V1__DIALER_REPLY__INIT;
    (void)text_copy(code_copy, sizeof(code_copy), code);
    (void)text_copy(text_copied, sizeof(text_copied), text);
    error.code = code_copy;
    error.text = text_copied;
    error.request_id = r->request_id;
    reply.body_case = TROTH__V1__DIALER_REPLY__BODY_ERROR;
    reply.error = &error;
    inquiry_answer_now(s, m, (const ProtobufCMessage *)&reply);
}

/* NULL: nothing is wrong. */
static const char *find_fault(const Troth__V1__WorklistTake *r)
{
    if (!worklist_is_staff(r->staff)) {
        return "staff is a code of 1 to 64 bytes without blanks";
    }
    if (text_is_empty(r->request_id) || strlen(r->request_id) >= 128) {
        return "request_id has 1 to 127 bytes";
    }
    if (r->branch && strlen(r->branch) >= FOLLOW_UP_BRANCH_SIZE) {
        return "branch has at most 64 bytes";
    }
    if (r->language && strlen(r->language) >= ARBITRATION_LANGUAGE_SIZE) {
        return "language has at most 35 bytes";
    }
    return r->has_lease_s && (r->lease_s < 1 || r->lease_s > LEASE_MAX_S)
               ? "lease_s is 1 to 3600 seconds"
               : NULL;
}

/* The client repeats what it got no answer to. */
static bool is_repeated(const struct worklist_desk *d, const Troth__V1__WorklistTake *r)
{
    for (const struct worklist_take *t = d->takes; t; t = t->next) {
        if (strcmp(t->request_id, r->request_id) == 0 && strcmp(t->staff, r->staff) == 0) {
            return true;
        }
    }
    return false;
}

static void init_take(struct worklist_take *t, const Troth__V1__WorklistTake *r)
{
    (void)text_copy(t->request_id, sizeof(t->request_id), r->request_id);
    (void)text_copy(t->staff, sizeof(t->staff), r->staff);
    (void)text_copy(t->branch, sizeof(t->branch), r->branch ? r->branch : "");
    (void)text_copy(t->language, sizeof(t->language), r->language ? r->language : "");
    t->lease_us = (r->has_lease_s ? r->lease_s : LEASE_USUAL_S) * DURATION_S;
    t->deadline_us = instant_monotonic_us() + TAKE_US;
    t->phase = WORKLIST_CHECKING;
    t->line.take = t;
    t->line.free_lines = 1;
    t->line.channels = IS_PERSON;
    worklist_dialer_name(t->staff, t->line.name);
    (void)text_copy(t->line.journal, sizeof(t->line.journal), WORKLIST_JOURNAL);
}

void worklist_desk_ask(struct worklist_desk *d, struct bus_socket *s, const struct bus_message *m,
                       const Troth__V1__WorklistTake *request)
{
    const char *fault = find_fault(request);
    if (fault) {
        answer_error(s, m, request, "request_invalid", fault);
        return;
    }
    if (is_repeated(d, request)) {
        return;
    }
    struct inquiry *q = d->count < TAKES_MAX ? inquiry_open(d->followup->worklists, s, m, 1) : NULL;
    if (!q) {
        answer_error(s, m, request, "busy", "too many people ask at once: ask again");
        return;
    }
    struct worklist_take *t = xcalloc(1, sizeof(*t));
    t->followup = d->followup;
    t->inquiry = q;
    t->arena = d->arena;
    t->talk.pool = d->followup->service->db;
    init_take(t, request);
    DL_APPEND(d->takes, t);
    d->count++;
    followup_talk_begin(&t->talk, start_check, t);
    loop_timer_after(d->timer, LOOK_US);
}
