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

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/base/zone.h"
#include "common/domain/working_hours.h"
#include "common/runtime/seal_box.h"
#include "dialer.pb-c.h"
#include "services/dialer/dialer_desk.h"
#include "services/dialer/dialer_drivers.h"
#include "services/dialer/dialer_links.h"
#include "services/dialer/dialer_metrics.h"
#include "services/dialer/dialer_settings.h"
#include "services/dialer/dialer_wire.h"

enum {
    CHANNELS_MAX = 8,
};

#define HELLO_EVERY_US  DURATION_S
#define SEEK_EVERY_US   (100 * DURATION_MS)
#define REPEAT_AFTER_US DURATION_S
#define REPEAT_LOOK_US  (100 * DURATION_MS)
#define REPEAT_SOON_US  (10 * DURATION_MS)

struct dialer {
    struct service *service;
    const struct dialer_settings *settings;
    struct dialer_links *links;
    struct dialer_journal *journal;
    struct dialer_desk *desk;
    const struct dialer_driver *driver;
    void *driver_state;
    struct seal_box box;
    struct loop_timer *hello_timer, *flush_timer, *repeat_timer;
    struct dialer_metrics metrics;
    bool is_draining;
};

/* ---- sending */

/* Bits (1 << Channel). */
static uint32_t channels_of(const struct dialer *d)
{
    bool has_staff = d->driver == &dialer_simulated && d->settings->simulate_staff;
    return d->driver->channels | (has_staff ? 1U << TROTH__V1__CHANNEL__CHANNEL_PERSON : 0);
}

static size_t list_channels(const struct dialer *d, Troth__V1__Channel ret[CHANNELS_MAX])
{
    size_t count = 0;
    uint32_t channels = channels_of(d);
    for (uint32_t c = 1; c < CHANNELS_MAX; c++) {
        if (channels >> c & 1U) {
            ret[count++] = (Troth__V1__Channel)c;
        }
    }
    return count;
}

/* Returns false when a scheduler does not answer. */
static bool send_hello(const struct dialer *d)
{
    char name[DIALER_KEY_SIZE];
    char journal[DIALER_JOURNAL_ID_SIZE];
    Troth__V1__Channel channels[CHANNELS_MAX];
    Troth__V1__DialerHello hello = TROTH__V1__DIALER_HELLO__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    (void)text_copy(name, sizeof(name), d->settings->name);
    (void)text_copy(journal, sizeof(journal), dialer_journal_id(d->journal));
    hello.dialer = name;
    hello.journal = journal;
    hello.n_channels = list_channels(d, channels);
    hello.channels = channels;
    hello.hours = d->settings->hours[0] ? d->settings->hours : NULL;
    hello.hours_zone = d->settings->hours_zone[0] ? d->settings->hours_zone : NULL;
    hello.has_free_lines = true;
    hello.free_lines = d->is_draining ? 0 : dialer_desk_free_lines(d->desk);
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_HELLO;
    request.hello = &hello;
    return dialer_links_hello(d->links, &request, instant_monotonic_us());
}

static void tell_fate(void *ctx, const struct dialer_entry *e, enum dialer_fate fate,
                      struct dialer_result *result, int link)
{
    static const Troth__V1__DialFate fates[] = {
        [DIALER_FATE_BARRED] = TROTH__V1__DIAL_FATE__DIAL_FATE_BARRED,
        [DIALER_FATE_PLACED] = TROTH__V1__DIAL_FATE__DIAL_FATE_PLACED,
        [DIALER_FATE_FINISHED] = TROTH__V1__DIAL_FATE__DIAL_FATE_FINISHED,
        [DIALER_FATE_INTERRUPTED] = TROTH__V1__DIAL_FATE__DIAL_FATE_INTERRUPTED,
    };
    struct dialer *d = ctx;
    struct dialer_entry copy = *e;
    struct dialer_wire_result room;
    Troth__V1__DialAnswer answer = TROTH__V1__DIAL_ANSWER__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    answer.key = copy.key;
    answer.has_fate = true;
    answer.fate = fates[fate];
    if (result) {
        dialer_wire_fill_result(copy.key, result, &room);
        answer.result = &room.result;
    }
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_ANSWER;
    request.answer = &answer;
    *d->metrics.barred += fate == DIALER_FATE_BARRED ? 1 : 0;
    (void)dialer_links_send(d->links, link, &request);
}

static bool tell_result(void *ctx, struct dialer_entry *e, struct dialer_result *result)
{
    const struct dialer *d = ctx;
    struct dialer_wire_result room;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    int64_t now_us = instant_monotonic_us();
    int link = dialer_links_choose(d->links, e->link, now_us);
    dialer_wire_fill_result(e->key, result, &room);
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_RESULT;
    request.result = &room.result;
    bool is_sent = link >= 0 && dialer_links_send(d->links, link, &request) == 0;
    e->sent_us = is_sent ? now_us : e->sent_us;
    return is_sent;
}

static void tell_stage(const struct dialer *d, const struct dialer_entry *e, int32_t stage)
{
    char key[DIALER_KEY_SIZE];
    Troth__V1__DialProgress progress = TROTH__V1__DIAL_PROGRESS__INIT;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    int link = dialer_links_choose(d->links, e->link, instant_monotonic_us());
    (void)text_copy(key, sizeof(key), e->key);
    progress.key = key;
    progress.has_stage = true;
    progress.stage = (Troth__V1__DialStage)stage;
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_PROGRESS;
    request.progress = &progress;
    if (link >= 0) {
        (void)dialer_links_send(d->links, link, &request);
    }
}

static void tell_accepted(void *ctx, const struct dialer_entry *e)
{
    tell_stage(ctx, e, (int32_t)TROTH__V1__DIAL_STAGE__DIAL_STAGE_ACCEPTED);
}

static void on_progress(void *ctx, const char *key, int32_t stage)
{
    struct dialer *d = ctx;
    const struct dialer_entry *e = dialer_journal_find(d->journal, key);
    if (e && e->state == DIALER_PLACED) {
        tell_stage(d, e, stage);
    }
}

/* ---- timers */

static void say_hello(void *ctx)
{
    struct dialer *d = ctx;
    loop_timer_after(d->hello_timer, send_hello(d) ? HELLO_EVERY_US : SEEK_EVERY_US);
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
    const struct dialer_entry *e = dialer_journal_find(d->journal, key);
    if (e && e->state == DIALER_PLACED) {
        metrics_observe(d->metrics.duration, instant_now_us() - e->at_us);
    }
    dialer_metrics_count(&d->metrics, result->outcome);
    dialer_desk_finished(d->desk, key, result);
    flush_soon(d);
}

static void on_given_up(void *ctx, const char *key)
{
    struct dialer *d = ctx;
    dialer_desk_given_up(d->desk, key);
    loop_timer_after(d->hello_timer, 0);
    flush_soon(d);
}

static int state_of(void *ctx, const char *key)
{
    const struct dialer *d = ctx;
    return dialer_desk_state(d->desk, key);
}

/* ---- receiving */

/* What cannot be dialed is barred, so that the scheduler goes on at once. */
static void take_order(struct dialer *d, int link, const Troth__V1__DialOrder *message)
{
    struct dialer_order *order = xcalloc(1, sizeof(*order));
    int rc = dialer_wire_read_order(message, order);
    bool is_ours = (uint32_t)order->channel < 32 && channels_of(d) >> order->channel & 1U;
    order->link = link;
    if (rc < 0 || !is_ours || d->is_draining) {
        log_warning("order_refused", LOG_TEXT("order", order->key));
        (void)dialer_desk_question(d->desk, order->key, link);
    } else if (!dialer_desk_order(d->desk, order)) {
        /* The scheduler asks for it after its start-by, and is told that it is barred. */
        log_warning("order_dropped", LOG_TEXT("order", order->key));
    }
    explicit_bzero(order, sizeof(*order));
    free(order);
}

static void on_reply(void *ctx, int link, const Troth__V1__DialerReply *m)
{
    struct dialer *d = ctx;
    switch (m->body_case) {
    case TROTH__V1__DIALER_REPLY__BODY_WELCOME:
        dialer_links_welcome(d->links, link, instant_monotonic_us());
        return;
    case TROTH__V1__DIALER_REPLY__BODY_ORDER:
        take_order(d, link, m->order);
        break;
    case TROTH__V1__DIALER_REPLY__BODY_QUESTION:
        (void)dialer_desk_question(d->desk, m->question->key ? m->question->key : "", link);
        break;
    case TROTH__V1__DIALER_REPLY__BODY_RESULT_RECEIPT:
        dialer_desk_receipt(d->desk, m->result_receipt->key ? m->result_receipt->key : "");
        break;
    case TROTH__V1__DIALER_REPLY__BODY_ERROR:
        log_warning("refused_by_scheduler", LOG_TEXT("code", m->error->code),
                    LOG_TEXT("text", m->error->text));
        return;
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST:
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST_AGENDA:
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST_RECEIPT:
    case TROTH__V1__DIALER_REPLY__BODY__NOT_SET:
    case _TROTH__V1__DIALER_REPLY__BODY__CASE_IS_INT_SIZE:
    default:
        return;
    }
    flush_soon(d);
}

/* ---- life */

static int connect_schedulers(struct dialer *d, struct err *err)
{
    char key[BUS_KEY_TEXT_SIZE];
    if (bus_public_key_read(d->settings->followup_key_file, key, err) < 0) {
        return err_prefix(err, "followup_key_file");
    }
    const struct dialer_links_options options = {
        .bus = d->service->bus,
        .endpoints = d->settings->followup,
        .server_key = key,
        .server_key_file = d->settings->followup_key_file,
        .on_reply = on_reply,
        .ctx = d,
    };
    d->links = dialer_links_new(&options, err);
    return d->links ? 0 : -1;
}

static void fill_metrics(void *ctx)
{
    const struct dialer *d = ctx;
    int64_t untaken = 0;
    for (const struct dialer_entry *e = dialer_journal_untaken(d->journal); e; e = e->next) {
        untaken++;
    }
    *d->metrics.lines = d->settings->lines;
    *d->metrics.lines_busy = dialer_desk_busy_lines(d->desk);
    *d->metrics.untaken = untaken;
    *d->metrics.links_up = (int64_t)dialer_links_up_count(d->links, instant_monotonic_us());
}

static int open_journal(struct dialer *d, struct err *err)
{
    const struct dialer_journal_options options = {
        .path = d->settings->journal,
        .name = d->settings->name,
        .keep_for_us = d->settings->keep_for_us,
        .now_us = instant_now_us(),
        .box = &d->box,
    };
    if (seal_box_read(&d->box, d->service->common->key_file, err) < 0) {
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

static int open_driver(struct dialer *d, struct err *err)
{
    const struct dialer_driver_context context = {
        .loop = d->service->loop,
        .http = d->service->http,
        .metrics = d->service->metrics,
        .settings = d->settings,
        .finished = on_finished,
        .progress = on_progress,
        .given_up = on_given_up,
        .state = state_of,
        .ctx = d,
    };
    d->driver = dialer_drivers_find(d->settings->driver, err);
    d->driver_state = d->driver ? d->driver->open(&context, err) : NULL;
    return d->driver_state ? 0 : -1;
}

static int check_hours(const struct dialer_settings *settings, struct err *err)
{
    struct working_hours hours;
    struct zone *zone = NULL;
    if (working_hours_read(settings->hours, &hours, err) < 0) {
        return err_prefix(err, "hours");
    }
    if (settings->hours_zone[0]) {
        zone = zone_open(settings->hours_zone, err);
        if (!zone) {
            return err_prefix(err, "hours_zone");
        }
    }
    zone_free(zone);
    return 0;
}

static void open_desk(struct dialer *d)
{
    const struct dialer_desk_options desk = {
        .journal = d->journal,
        .driver = d->driver,
        .driver_state = d->driver_state,
        .lines = (int32_t)d->settings->lines,
        .machine_now_us = instant_now_us,
        .tell_fate = tell_fate,
        .tell_result = tell_result,
        .tell_accepted = tell_accepted,
        .ctx = d,
    };
    d->desk = dialer_desk_new(&desk);
}

static void stop(void *state)
{
    struct dialer *d = state;
    metrics_withdraw(d->service->metrics, d);
    dialer_links_free(d->links);
    loop_timer_free(d->hello_timer);
    loop_timer_free(d->flush_timer);
    loop_timer_free(d->repeat_timer);
    if (d->driver_state) {
        d->driver->close(d->driver_state);
    }
    dialer_desk_free(d->desk);
    dialer_journal_close(d->journal);
    seal_box_wipe(&d->box);
    free(d);
}

static void *start(struct service *s, struct err *err)
{
    struct dialer *d = xcalloc(1, sizeof(*d));
    d->service = s;
    d->settings = s->settings;
    d->hello_timer = loop_timer_new(s->loop, say_hello, d);
    d->flush_timer = loop_timer_new(s->loop, flush, d);
    d->repeat_timer = loop_timer_new(s->loop, repeat, d);
    dialer_metrics_register(s->metrics, &d->metrics);
    if (check_hours(d->settings, err) < 0 || open_journal(d, err) < 0 || open_driver(d, err) < 0 ||
        connect_schedulers(d, err) < 0) {
        stop(d);
        return NULL;
    }
    open_desk(d);
    dialer_desk_resume(d->desk);
    metrics_before_print(s->metrics, fill_metrics, d);
    loop_timer_after(d->hello_timer, 0);
    loop_timer_after(d->repeat_timer, REPEAT_LOOK_US);
    return d;
}

/* Calls under way are finished and told; what is not taken by then stands in the journal. */
static void drain(void *state)
{
    struct dialer *d = state;
    d->is_draining = true;
    dialer_desk_refuse_waiting(d->desk);
    flush_soon(d);
    loop_timer_after(d->hello_timer, 0);
}

static bool is_drained(const void *state)
{
    const struct dialer *d = state;
    return dialer_desk_busy_lines(d->desk) == 0 && !dialer_desk_has_work(d->desk);
}

/* The journal has the box itself. */
static void keys_read(void *state, const struct bus_keys *pairs, int pair_count)
{
    struct dialer *d = state;
    struct err err = ERR_NONE;
    if (seal_box_init(&d->box, pairs, pair_count, &err) < 0) {
        log_error("reload_failed", LOG_ERR(&err));
    }
    dialer_desk_keys_changed(d->desk);
}

const struct service_spec dialer_spec = {
    .name = "dialer",
    .summary = "places the calls that the follow-up scheduler orders, each at most once",
    .settings = dialer_setting_table,
    .settings_size = sizeof(struct dialer_settings),
    .has_database = false,
    .has_events = false,
    .start = start,
    .keys_read = keys_read,
    .drain = drain,
    .is_drained = is_drained,
    .stop = stop,
};
