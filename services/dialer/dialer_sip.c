/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_sip.c - the driver `sip`: calls over the telephone network, held by a child process.
 *
 * Why a child: libre has a loop of its own, and ours must not wait for it, nor a thread of it touch
 * our state; what strangers send over the network is read where no key of ours is; and when it dies
 * only its calls do. The child is this program once more (sip_line.h), told by packets
 * (sip_wire.h).
 *
 * A call waits here until the child has taken it, but not past its start-by. One that the network
 * was asked for and has not said a word about is given up: no response does not mean that no
 * telephone rang. A child that hangs is killed. When the child has died, all that it left in the
 * socket is read first; then
 *
 *   it did not announce the call       nobody was called: failed
 *   announced, not picked up           not known: given up, the order stays placed
 *   picked up                          partly answered, with the answers so far
 *
 * and another child is started, after a while that grows. When this process dies, the child cancels
 * and hangs up what is under way and ends. After a restart those orders stand in the journal as
 * placed; the network cannot be asked about them, so there is no resume() and a person looks.
 */
#include "services/dialer/dialer_sip.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utlist.h>

#include "common/base/backoff.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/loop.h"
#include "dialer.pb-c.h"
#include "services/dialer/dialer_driver.h"
#include "services/dialer/dialer_settings.h"
#include "services/dialer/sip_line.h"

#define LOOK_EVERY_US   (500 * DURATION_MS)
#define STABLE_AFTER_US (10 * DURATION_S)
#define HUNG_AFTER_US   (10 * DURATION_S) /* its voices have been silent for as long */
#define OUTCOME(name)   ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

struct phone_call {
    struct dialer_order order; /* without number and words once the child has it */
    int64_t begun_us;          /* monotonic */
    bool is_sent, is_announced, is_connected;
    struct dialer_result result;
    struct phone_call *prev, *next;
};

struct phone {
    struct dialer_driver_context context;
    struct sip_setup setup;
    struct phone_call *calls;
    struct loop_timer *start_timer, *look_timer, *alive_timer;
    struct loop_watch *watch;
    int fd; /* -1: there is no child */
    pid_t child;
    bool is_set_up;               /* the setup is in the socket */
    int64_t started_us, heard_us; /* monotonic */
    unsigned failures;
};

static void pump(struct phone *p);
static void lose_child(struct phone *p);

/* ---- the end of calls */

static void forget(struct phone *p, struct phone_call *call)
{
    DL_DELETE(p->calls, call);
    explicit_bzero(&call->order, sizeof(call->order));
    free(call);
}

/* Business time goes on as fast as machine time for as long as a call lasts. */
static void finish(struct phone *p, struct phone_call *call, int32_t outcome, int32_t refusal)
{
    char key[DIALER_KEY_SIZE];
    struct dialer_result result = call->result;
    result.outcome = outcome;
    result.refusal = refusal;
    result.started_us = call->order.now_us;
    result.ended_us = call->order.now_us + (instant_monotonic_us() - call->begun_us);
    (void)text_copy(key, sizeof(key), call->order.key);
    forget(p, call);
    p->context.finished(p->context.ctx, key, &result);
}

static void give_up(struct phone *p, struct phone_call *call)
{
    char key[DIALER_KEY_SIZE];
    (void)text_copy(key, sizeof(key), call->order.key);
    log_warning("call_unknown", LOG_TEXT("order", key));
    forget(p, call);
    p->context.given_up(p->context.ctx, key);
}

static void settle_lost_calls(struct phone *p)
{
    struct phone_call *next = NULL;
    for (struct phone_call *call = p->calls; call; call = next) {
        next = call->next;
        if (!call->is_sent) {
            continue;
        }
        if (!call->is_announced) {
            finish(p, call, OUTCOME(FAILED), 0);
        } else if (call->is_connected) {
            finish(p, call, OUTCOME(PARTLY_ANSWERED), 0);
        } else {
            give_up(p, call);
        }
    }
}

/* Of calls that no child has taken in time. */
static void look(void *ctx)
{
    struct phone *p = ctx;
    struct phone_call *next = NULL;
    bool is_waiting = false;
    struct dialer_clocks now = dialer_clocks_in(0);
    for (struct phone_call *call = p->calls; call; call = next) {
        next = call->next;
        if (!call->is_sent && dialer_start_is_past(dialer_order_start(&call->order), now)) {
            log_warning("call_failed", LOG_TEXT("order", call->order.key),
                        LOG_TEXT("code", "no_line"));
            finish(p, call, OUTCOME(FAILED), 0);
        } else {
            is_waiting |= !call->is_sent;
        }
    }
    if (is_waiting) {
        loop_timer_after(p->look_timer, LOOK_EVERY_US);
    }
}

/* ---- what the child says */

static struct phone_call *find(struct phone *p, const char *key)
{
    struct phone_call *call = p->calls;
    while (call && strcmp(call->order.key, key) != 0) {
        call = call->next;
    }
    return call;
}

static void note_answer(struct phone_call *call, const struct sip_event *event)
{
    struct dialer_result *r = &call->result;
    size_t item = (size_t)event->item;
    if (item >= call->order.item_count || r->answer_count >= DIALER_ANSWERS_MAX) {
        return;
    }
    (void)text_copy(r->answers[r->answer_count].code, DIALER_CODE_SIZE,
                    call->order.items[item].code);
    r->answers[r->answer_count].instrument = call->order.items[item].instrument;
    r->answers[r->answer_count++].value = event->value;
}

static void tell_progress(const struct phone *p, const struct phone_call *call, int stage)
{
    p->context.progress(p->context.ctx, call->order.key, stage);
}

static void take_event(struct phone *p, const struct sip_event *event)
{
    struct phone_call *call = find(p, event->key);
    if (event->kind == SIP_EVENT_READY) {
        log_info("sip_line_ready", LOG_INT("pid", p->child));
        return;
    }
    if (!call) {
        return;
    }
    switch (event->kind) {
    case SIP_EVENT_DIALING:
        call->is_announced = true;
        return;
    case SIP_EVENT_RINGING:
        tell_progress(p, call, TROTH__V1__DIAL_STAGE__DIAL_STAGE_RINGING);
        return;
    case SIP_EVENT_CONNECTED:
        call->is_connected = true;
        tell_progress(p, call, TROTH__V1__DIAL_STAGE__DIAL_STAGE_CONNECTED);
        return;
    case SIP_EVENT_ASKING:
        tell_progress(p, call, TROTH__V1__DIAL_STAGE__DIAL_STAGE_ASKING);
        return;
    case SIP_EVENT_ANSWER:
        note_answer(call, event);
        return;
    case SIP_EVENT_ENDED:
        finish(p, call, event->outcome, event->refusal);
        return;
    case SIP_EVENT_UNKNOWN:
        give_up(p, call);
        return;
    case SIP_EVENT_READY:
    case SIP_EVENT_ALIVE:
    default:
        return;
    }
}

/* Returns false when the child has closed its end. */
static bool take_events(struct phone *p)
{
    struct sip_event event;
    ssize_t got;
    while ((got = recv(p->fd, &event, sizeof(event), MSG_DONTWAIT)) == (ssize_t)sizeof(event)) {
        p->heard_us = instant_monotonic_us();
        take_event(p, &event);
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static void on_ready(void *ctx, int events)
{
    struct phone *p = ctx;
    (void)events;
    if (take_events(p)) {
        pump(p);
    } else {
        lose_child(p);
    }
}

/* Whether it hangs is judged after what it has said was read: it may be us who were stopped. */
static void check_alive(void *ctx)
{
    struct phone *p = ctx;
    if (p->fd < 0) {
        return;
    }
    if (!take_events(p)) {
        lose_child(p);
    } else if (instant_monotonic_us() - p->heard_us > HUNG_AFTER_US) {
        log_error("sip_line_hangs", LOG_INT("pid", p->child));
        lose_child(p);
    } else {
        loop_timer_after(p->alive_timer, SIP_ALIVE_MS * DURATION_MS);
    }
}

/* ---- what the child is told */

/* Returns false when it has to wait. */
static bool send_command(const struct phone *p, struct sip_command *command)
{
    ssize_t sent = send(p->fd, command, sizeof(*command), MSG_DONTWAIT | MSG_NOSIGNAL);
    explicit_bzero(command, sizeof(*command));
    /* A child that is gone is noticed by reading: it may have left something. */
    return sent == (ssize_t)sizeof(*command);
}

static void wipe_order(struct dialer_order *order)
{
    explicit_bzero(order->phone, sizeof(order->phone));
    explicit_bzero(order->address, sizeof(order->address));
    explicit_bzero(order->opening, sizeof(order->opening));
    explicit_bzero(order->closing, sizeof(order->closing));
    explicit_bzero(order->agenda, sizeof(order->agenda));
}

static bool send_call(struct phone *p, struct phone_call *call)
{
    struct sip_command *command = xcalloc(1, sizeof(*command));
    command->kind = SIP_COMMAND_DIAL;
    command->order = call->order;
    bool is_sent = send_command(p, command);
    free(command);
    if (is_sent) {
        call->is_sent = true;
        wipe_order(&call->order);
    }
    return is_sent;
}

static void pump(struct phone *p)
{
    bool is_stuck = false;
    if (p->fd < 0 || !p->is_set_up) {
        return;
    }
    for (struct phone_call *call = p->calls; call && !is_stuck; call = call->next) {
        is_stuck = !call->is_sent && !send_call(p, call);
    }
    loop_watch_events(p->watch, is_stuck ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

/* ---- life of the child */

/* Returns 0 or an errno. */
static int spawn(int line_end, pid_t *ret_child)
{
    char name[] = "troth-dialer", argument[] = SIP_LINE_ARGUMENT;
    char *const arguments[] = {name, argument, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    (void)sigemptyset(&none);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0) {
        return rc;
    }
    rc = posix_spawnattr_init(&attributes);
    if (rc == 0) {
        rc = posix_spawnattr_setsigmask(&attributes, &none);
        rc = rc ? rc : posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        rc = rc ? rc : posix_spawn_file_actions_adddup2(&actions, line_end, SIP_LINE_FD);
        rc = rc ? rc
                : posix_spawn(ret_child, "/proc/self/exe", &actions, &attributes, arguments,
                              environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static void set_up_child(struct phone *p)
{
    struct sip_command *command = xcalloc(1, sizeof(*command));
    command->kind = SIP_COMMAND_SETUP;
    command->setup = p->setup;
    /* The first packet into an empty socket. */
    p->is_set_up = send_command(p, command);
    free(command);
}

static void start_later(struct phone *p)
{
    static const struct backoff backoff = {.base_us = 100 * DURATION_MS, .cap_us = 30 * DURATION_S};
    uint64_t spread = (uint64_t)instant_monotonic_us() * 0x9E3779B97F4A7C15U;
    loop_timer_after(p->start_timer, backoff_delay_us(&backoff, p->failures++, spread));
}

static void start_child(void *ctx)
{
    struct phone *p = ctx;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        log_error("sip_line_failed", LOG_INT("errno", errno));
        start_later(p);
        return;
    }
    int rc = spawn(ends[1], &p->child);
    (void)close(ends[1]);
    if (rc != 0) {
        (void)close(ends[0]);
        log_error("sip_line_failed", LOG_INT("errno", rc));
        start_later(p);
        return;
    }
    p->fd = ends[0];
    p->started_us = p->heard_us = instant_monotonic_us();
    loop_timer_after(p->alive_timer, SIP_ALIVE_MS * DURATION_MS);
    p->watch = loop_watch_fd(p->context.loop, p->fd, LOOP_READ, on_ready, p);
    set_up_child(p);
    pump(p);
}

static void close_child(struct phone *p)
{
    if (p->fd >= 0) {
        loop_unwatch(p->watch);
        p->watch = NULL;
        (void)close(p->fd);
        p->fd = -1;
        p->is_set_up = false;
    }
}

/* It has ended, is about to, or hangs. What it said until its end is read: a call that it announced
 * may have been placed. */
static void lose_child(struct phone *p)
{
    log_error("sip_line_lost", LOG_INT("pid", p->child));
    (void)kill(p->child, SIGKILL);
    (void)waitpid(p->child, NULL, 0);
    (void)take_events(p);
    close_child(p);
    p->child = 0;
    if (instant_monotonic_us() - p->started_us > STABLE_AFTER_US) {
        p->failures = 0;
    }
    settle_lost_calls(p);
    start_later(p);
}

/* ---- the driver */

static void *open_phone(const struct dialer_driver_context *context, struct err *err)
{
    struct sip_setup setup;
    if (dialer_sip_setup(&context->settings->sip, &setup, err) < 0) {
        return NULL;
    }
    struct phone *p = xcalloc(1, sizeof(*p));
    p->context = *context;
    p->setup = setup;
    p->fd = -1;
    p->start_timer = loop_timer_new(context->loop, start_child, p);
    p->look_timer = loop_timer_new(context->loop, look, p);
    p->alive_timer = loop_timer_new(context->loop, check_alive, p);
    explicit_bzero(&setup, sizeof(setup));
    start_child(p);
    return p;
}

static void dial(void *driver, const struct dialer_order *order)
{
    struct phone *p = driver;
    struct phone_call *call = xcalloc(1, sizeof(*call));
    call->order = *order;
    call->begun_us = instant_monotonic_us();
    DL_APPEND(p->calls, call);
    pump(p);
    if (!call->is_sent && !loop_timer_is_armed(p->look_timer)) {
        loop_timer_after(p->look_timer, LOOK_EVERY_US);
    }
}

static void close_phone(void *driver)
{
    struct phone *p = driver;
    if (!p) {
        return;
    }
    close_child(p);
    struct phone_call *next = NULL;
    for (struct phone_call *call = p->calls; call; call = next) {
        next = call->next;
        forget(p, call);
    }
    loop_timer_free(p->start_timer);
    loop_timer_free(p->look_timer);
    loop_timer_free(p->alive_timer);
    explicit_bzero(&p->setup, sizeof(p->setup));
    free(p);
}

const struct dialer_driver dialer_sip = {
    .name = "sip",
    .channels = 1U << TROTH__V1__CHANNEL__CHANNEL_CALL,
    .open = open_phone,
    .dial = dial,
    .close = close_phone,
};
