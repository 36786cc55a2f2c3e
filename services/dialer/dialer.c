/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer.c - sockets and timers around the desk.
 *
 * What arrives gathers until the loop comes round again, so one disk sync serves many orders.
 * Hellos go out each second, ten times as often until a scheduler answers, and right after lines
 * became free. Results are repeated each second until their receipt.
 */
#include "services/dialer/dialer.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "dialer.pb-c.h"
#include "services/dialer/dialer_desk.h"
#include "services/dialer/dialer_settings.h"
#include "services/dialer/dialer_simulated_line.h"

enum {
    LINKS_MAX = 16,
    MESSAGE_BUDGET = 256 * 1024,
    OUTCOMES = 8, /* CallOutcome and its zero */
};

#define HELLO_EVERY_US  DURATION_S
#define SEEK_EVERY_US   (100 * DURATION_MS)
#define SILENT_AFTER_US (3 * DURATION_S)
#define REPEAT_AFTER_US DURATION_S
#define REPEAT_LOOK_US  (100 * DURATION_MS)
#define REPEAT_SOON_US  (10 * DURATION_MS)

struct dialer_link {
    struct dialer *dialer;
    int index;
    struct bus_socket *socket;
    int64_t welcomed_us; /* monotonic; 0: never */
};

struct dialer {
    struct service *service;
    const struct dialer_settings *settings;
    struct dialer_link links[LINKS_MAX];
    size_t link_count;
    struct dialer_journal *journal;
    struct dialer_desk *desk;
    void *line;
    struct arena *arena;
    struct loop_timer *hello_timer, *flush_timer, *repeat_timer;
    int64_t *outcomes[OUTCOMES];
    int64_t *barred;
    bool is_draining;
};

/* ---- sending */

static bool is_welcome(const struct dialer_link *l, int64_t now_us)
{
    return l->welcomed_us > 0 && now_us - l->welcomed_us < SILENT_AFTER_US;
}

static int send_on(const struct dialer_link *l, const Troth__V1__DialerRequest *request)
{
    struct buffer body = {.data = NULL};
    message_pack(&request->base, &body);
    int rc = bus_send(l->socket, (struct bytes){.data = body.data, .len = body.len});
    buffer_free(&body);
    return rc;
}

static void send_hello(struct dialer *d, const struct dialer_link *l)
{
    char name[DIALER_KEY_SIZE];
    char journal[DIALER_JOURNAL_ID_SIZE];
    Troth__V1__DialerHello hello = TROTH__V1__DIALER_HELLO__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    (void)text_copy(name, sizeof(name), d->settings->name);
    (void)text_copy(journal, sizeof(journal), dialer_journal_id(d->journal));
    hello.dialer = name;
    hello.journal = journal;
    hello.has_free_lines = true;
    hello.free_lines = d->is_draining ? 0 : dialer_desk_free_lines(d->desk);
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_HELLO;
    request.hello = &hello;
    /* Nobody there: the next one. */
    (void)send_on(l, &request);
}

/* Points into e and room; valid as long as they are. */
struct packed_result {
    Troth__V1__DialResult result;
    Troth__V1__DialedAnswer answers[DIALER_ANSWERS_MAX];
    Troth__V1__DialedAnswer *pointers[DIALER_ANSWERS_MAX];
};

static void fill_result(struct dialer_entry *e, struct packed_result *ret)
{
    const struct dialer_result *r = &e->result;
    troth__v1__dial_result__init(&ret->result);
    ret->result.key = e->key;
    ret->result.has_outcome = ret->result.has_started_us = ret->result.has_ended_us = true;
    ret->result.outcome = (Troth__V1__CallOutcome)r->outcome;
    ret->result.started_us = r->started_us;
    ret->result.ended_us = r->ended_us;
    for (size_t i = 0; i < r->answer_count; i++) {
        troth__v1__dialed_answer__init(&ret->answers[i]);
        ret->answers[i].has_instrument = ret->answers[i].has_value = true;
        ret->answers[i].instrument = (Troth__V1__SurveyInstrument)r->answers[i].instrument;
        ret->answers[i].value = r->answers[i].value;
        ret->pointers[i] = &ret->answers[i];
    }
    ret->result.n_answers = r->answer_count;
    ret->result.answers = ret->pointers;
}

static void tell_fate(void *ctx, const struct dialer_entry *e, enum dialer_fate fate, int link)
{
    static const Troth__V1__DialFate fates[] = {
        [DIALER_FATE_BARRED] = TROTH__V1__DIAL_FATE__DIAL_FATE_BARRED,
        [DIALER_FATE_PLACED] = TROTH__V1__DIAL_FATE__DIAL_FATE_PLACED,
        [DIALER_FATE_FINISHED] = TROTH__V1__DIAL_FATE__DIAL_FATE_FINISHED,
    };
    struct dialer *d = ctx;
    struct dialer_entry copy = *e;
    struct packed_result room;
    Troth__V1__DialAnswer answer = TROTH__V1__DIAL_ANSWER__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    answer.key = copy.key;
    answer.has_fate = true;
    answer.fate = fates[fate];
    if (fate == DIALER_FATE_FINISHED) {
        fill_result(&copy, &room);
        answer.result = &room.result;
    }
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_ANSWER;
    request.answer = &answer;
    *d->barred += fate == DIALER_FATE_BARRED ? 1 : 0;
    (void)send_on(&d->links[link], &request);
}

/* The one that ordered, else any that answers our hellos. */
static const struct dialer_link *choose_link(const struct dialer *d, const struct dialer_entry *e,
                                             int64_t now_us)
{
    const struct dialer_link *first = &d->links[(size_t)e->link < d->link_count ? e->link : 0];
    for (size_t i = 0; i < d->link_count && !is_welcome(first, now_us); i++) {
        first = &d->links[i];
    }
    return is_welcome(first, now_us) ? first : NULL;
}

static bool tell_result(void *ctx, struct dialer_entry *e)
{
    const struct dialer *d = ctx;
    struct packed_result room;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    int64_t now_us = instant_monotonic_us();
    const struct dialer_link *l = choose_link(d, e, now_us);
    fill_result(e, &room);
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_RESULT;
    request.result = &room.result;
    if (!l || send_on(l, &request) < 0) {
        return false;
    }
    e->sent_us = now_us;
    return true;
}

/* ---- timers */

static void say_hello(void *ctx)
{
    struct dialer *d = ctx;
    int64_t now_us = instant_monotonic_us();
    bool is_alone = false;
    for (size_t i = 0; i < d->link_count; i++) {
        send_hello(d, &d->links[i]);
        is_alone |= !is_welcome(&d->links[i], now_us);
    }
    loop_timer_after(d->hello_timer, is_alone ? SEEK_EVERY_US : HELLO_EVERY_US);
}

static void repeat(void *ctx)
{
    struct dialer *d = ctx;
    bool is_all = dialer_desk_tell_again(d->desk, instant_monotonic_us() - REPEAT_AFTER_US);
    loop_timer_after(d->repeat_timer, is_all ? REPEAT_LOOK_US : REPEAT_SOON_US);
}

static void flush(void *ctx)
{
    struct dialer *d = ctx;
    struct err err = ERR_NONE;
    int32_t busy_lines = dialer_desk_busy_lines(d->desk);
    if (dialer_desk_flush(d->desk, instant_now_us(), &err) < 0) {
        /* What stands on the disk is no longer known. Going on might dial twice; a start finds out.
         */
        fatal("journal_failed", &err);
    }
    if (dialer_desk_busy_lines(d->desk) < busy_lines) {
        loop_timer_after(d->hello_timer, 0);
    }
    if (dialer_desk_has_work(d->desk)) {
        loop_timer_after(d->flush_timer, 0);
    }
}

static void flush_soon(struct dialer *d)
{
    if (!loop_timer_is_armed(d->flush_timer)) {
        loop_timer_after(d->flush_timer, 0);
    }
}

static void on_finished(void *ctx, const char *key, const struct dialer_result *result)
{
    struct dialer *d = ctx;
    if (result->outcome >= 0 && result->outcome < OUTCOMES && d->outcomes[result->outcome]) {
        (*d->outcomes[result->outcome])++;
    }
    dialer_desk_finished(d->desk, key, result);
    flush_soon(d);
}

/* ---- receiving */

static void take_order(struct dialer *d, const struct dialer_link *l,
                       const Troth__V1__DialOrder *message)
{
    struct dialer_order order = {
        .attempt = message->attempt,
        .promises_kept = message->promises_kept,
        .promises_broken = message->promises_broken,
        .start_by_us = message->start_by_us,
        .now_us = message->now_us,
        .link = l->index,
    };
    bool is_whole = message->key && message->has_start_by_us && message->has_now_us &&
                    !text_is_empty(message->phone) &&
                    text_copy(order.key, sizeof(order.key), message->key) &&
                    text_copy(order.phone, sizeof(order.phone), message->phone);
    (void)text_copy(order.script, sizeof(order.script), message->script ? message->script : "");
    (void)text_copy(order.language, sizeof(order.language),
                    message->language ? message->language : "");
    if (d->is_draining || !is_whole || !dialer_desk_order(d->desk, &order)) {
        /* The scheduler asks for it after its start-by, and is told that it is barred. */
        log_warning("order_dropped", LOG_TEXT("order", order.key));
    }
    explicit_bzero(order.phone, sizeof(order.phone));
}

static void take(struct dialer *d, struct dialer_link *l, const Troth__V1__DialerReply *m)
{
    switch (m->body_case) {
    case TROTH__V1__DIALER_REPLY__BODY_WELCOME:
        l->welcomed_us = instant_monotonic_us();
        return;
    case TROTH__V1__DIALER_REPLY__BODY_ORDER:
        take_order(d, l, m->order);
        break;
    case TROTH__V1__DIALER_REPLY__BODY_QUESTION:
        (void)dialer_desk_question(d->desk, m->question->key ? m->question->key : "", l->index);
        break;
    case TROTH__V1__DIALER_REPLY__BODY_RESULT_RECEIPT:
        dialer_desk_receipt(d->desk, m->result_receipt->key ? m->result_receipt->key : "");
        break;
    case TROTH__V1__DIALER_REPLY__BODY_ERROR:
        log_warning("refused_by_scheduler", LOG_TEXT("code", m->error->code),
                    LOG_TEXT("text", m->error->text));
        return;
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST:
    case TROTH__V1__DIALER_REPLY__BODY__NOT_SET:
    case _TROTH__V1__DIALER_REPLY__BODY__CASE_IS_INT_SIZE:
    default:
        return;
    }
    flush_soon(d);
}

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct dialer_link *l = ctx;
    struct dialer *d = l->dialer;
    struct err err = ERR_NONE;
    (void)s;
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)message_unpack(
        &troth__v1__dialer_reply__descriptor, m->body, d->arena, &err);
    if (reply) {
        take(d, l, reply);
    } else {
        log_error("message_unreadable", LOG_ERR(&err));
    }
    arena_reset(d->arena);
}

/* ---- life */

static int add_link(struct dialer *d, const char *endpoint, const char *key, struct err *err)
{
    if (d->link_count == LINKS_MAX) {
        return err_set(err, "setting_invalid", "followup names more than %d endpoints", LINKS_MAX);
    }
    struct dialer_link *l = &d->links[d->link_count];
    l->dialer = d;
    l->index = (int)d->link_count;
    l->socket = bus_connect_dealer(d->service->bus, endpoint, key, on_message, l, err);
    if (!l->socket) {
        return -1;
    }
    d->link_count++;
    return 0;
}

static int connect_schedulers(struct dialer *d, struct err *err)
{
    char key[BUS_KEY_TEXT_SIZE];
    if (bus_public_key_read(d->settings->followup_key_file, key, err) < 0) {
        return err_prefix(err, "followup_key_file");
    }
    char *copy = xstrdup(d->settings->followup);
    int rc = 0;
    for (char *rest = copy; rest && rc == 0;) {
        const char *endpoint = strsep(&rest, " ");
        rc = *endpoint ? add_link(d, endpoint, key, err) : 0;
    }
    free(copy);
    if (rc == 0 && d->link_count == 0) {
        rc = err_set(err, "setting_invalid", "followup must name an endpoint");
    }
    return rc;
}

static void add_metrics(struct dialer *d)
{
    /* By the number of CallOutcome. */
    static const char *const labels[OUTCOMES] = {
        NULL,
        "outcome=\"answered\"",
        "outcome=\"busy\"",
        "outcome=\"no_answer\"",
        "outcome=\"voicemail\"",
        "outcome=\"refused\"",
        "outcome=\"wrong_number\"",
        "outcome=\"failed\"",
    };
    for (size_t i = 1; i < OUTCOMES; i++) {
        d->outcomes[i] = metrics_counter(d->service->metrics, "troth_dialer_calls_total", labels[i],
                                         "Calls that ended, by outcome.");
    }
    d->barred = metrics_counter(d->service->metrics, "troth_dialer_barred_total", NULL,
                                "Answers that an order was never dialed and never will be.");
}

static int open_journal(struct dialer *d, struct err *err)
{
    const struct dialer_journal_options options = {
        .path = d->settings->journal,
        .name = d->settings->name,
        .keep_for_us = d->settings->keep_for_us,
        .now_us = instant_now_us(),
    };
    if (dialer_simulation_check(&d->settings->simulation, err) < 0) {
        return -1;
    }
    d->journal = dialer_journal_open(&options, err);
    if (!d->journal) {
        return -1;
    }
    log_info("journal_open", LOG_TEXT("journal", dialer_journal_id(d->journal)),
             LOG_INT("orders", dialer_journal_count(d->journal)));
    return 0;
}

static void open_desk(struct dialer *d)
{
    const struct dialer_simulated_line_options line = {
        .loop = d->service->loop,
        .simulation = &d->settings->simulation,
        .ring_time_us = d->settings->ring_time_us,
        .finished = on_finished,
        .ctx = d,
    };
    d->line = dialer_simulated_line_new(&line);
    const struct dialer_desk_options desk = {
        .journal = d->journal,
        .backend = &dialer_simulated_line,
        .line = d->line,
        .lines = (int32_t)d->settings->lines,
        .machine_now_us = instant_now_us,
        .tell_fate = tell_fate,
        .tell_result = tell_result,
        .ctx = d,
    };
    d->desk = dialer_desk_new(&desk);
}

static void stop(void *state)
{
    struct dialer *d = state;
    for (size_t i = 0; i < d->link_count; i++) {
        bus_close(d->links[i].socket);
    }
    loop_timer_free(d->hello_timer);
    loop_timer_free(d->flush_timer);
    loop_timer_free(d->repeat_timer);
    dialer_simulated_line.close(d->line);
    dialer_desk_free(d->desk);
    dialer_journal_close(d->journal);
    arena_free(d->arena);
    free(d);
}

static void *start(struct service *s, struct err *err)
{
    struct dialer *d = xcalloc(1, sizeof(*d));
    d->service = s;
    d->settings = s->settings;
    d->arena = arena_new(MESSAGE_BUDGET);
    d->hello_timer = loop_timer_new(s->loop, say_hello, d);
    d->flush_timer = loop_timer_new(s->loop, flush, d);
    d->repeat_timer = loop_timer_new(s->loop, repeat, d);
    add_metrics(d);
    if (open_journal(d, err) < 0 || connect_schedulers(d, err) < 0) {
        stop(d);
        return NULL;
    }
    open_desk(d);
    loop_timer_after(d->hello_timer, 0);
    loop_timer_after(d->repeat_timer, REPEAT_LOOK_US);
    return d;
}

/* Calls under way are finished and told; what is not taken by then stands in the journal. */
static void drain(void *state)
{
    struct dialer *d = state;
    d->is_draining = true;
    loop_timer_after(d->hello_timer, 0);
}

static bool is_drained(const void *state)
{
    const struct dialer *d = state;
    return dialer_desk_busy_lines(d->desk) == 0 && !dialer_desk_has_work(d->desk);
}

const struct service_spec dialer_spec = {
    .name = "dialer",
    .summary = "places the calls that the follow-up scheduler orders, each at most once",
    .settings = dialer_setting_table,
    .settings_size = sizeof(struct dialer_settings),
    .has_database = false,
    .has_events = false,
    .start = start,
    .drain = drain,
    .is_drained = is_drained,
    .stop = stop,
};
