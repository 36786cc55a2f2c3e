/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_process.c - the life of a process, from its settings to its exit code.
 *
 * 1. keys, database, schema, principals      waits up to 30 s: containers start in any order
 * 2. business time, bus with authenticator and its self-test, PUB, HTTP
 * 3. the service's start(), then the ROUTER: nobody is heard before there is somebody to answer
 * 4. the ready line, word to the supervisor, the loop
 * 5. drain, stop, and everything again in reverse
 *
 * Nothing at the end is needed for correctness: kill -9 at any point and a new start find the same
 * database.
 */
#include "common/runtime/service_process.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/principal_refresh.h"
#include "common/runtime/process_memory.h"
#include "common/runtime/service_clock.h"
#include "common/runtime/service_database.h"
#include "common/runtime/service_settings.h"

#define CLOCK_WAIT_US  (30 * DURATION_S)
#define DRAIN_LOOK_US  (10 * DURATION_MS)
#define FLUSH_US       (20 * DURATION_MS) /* for replies that libzmq still has to write */
#define FILES_MAX      65536
#define MEMORY_LOOK_US (10 * DURATION_S)

/* ---- settings */

int service_process_load(const struct service_process *p, struct service_settings *common,
                         void *own, struct err *err)
{
    const struct setting *tables[] = {p->common_table, p->own_table};
    void *values[] = {common, own};
    return service_arguments_load(&p->arguments, tables, values, ARRAY_LEN(tables), err);
}

void service_process_free_settings(const struct service_process *p, struct service_settings *common,
                                   void *own)
{
    settings_free(p->common_table, common);
    settings_free(p->own_table, own);
}

static void apply_log_level(const struct service_process *p)
{
    enum log_level level;
    if (log_level_parse(p->common.log_level, &level) == 0) {
        log_set_level(level);
    }
}

/* ---- signals */

static void check_drained(void *ctx)
{
    struct service_process *p = ctx;
    const struct service_spec *spec = p->spec;
    if (p->is_flushing) {
        loop_stop(p->service.loop);
        return;
    }
    bool is_drained = !spec->is_drained || spec->is_drained(p->state);
    bool is_late = instant_monotonic_us() >= p->drain_until_us;
    if (!is_drained && is_late) {
        log_warning("drain_gave_up", LOG_INT("after_us", p->common.drain_for_us));
    }
    p->is_flushing = is_drained || is_late;
    loop_timer_after(p->drain_timer, p->is_flushing ? FLUSH_US : DRAIN_LOOK_US);
}

/* Before the service has started, and in a job, there is nothing to drain: whoever turns the loop
 * sees is_draining. */
static void begin_stop(struct service_process *p)
{
    p->service.is_draining = true;
    service_notify_stopping(p->notify);
    if (!p->state) {
        return;
    }
    if (p->spec->drain) {
        p->spec->drain(p->state);
    }
    p->drain_until_us = instant_monotonic_us() + p->common.drain_for_us;
    loop_timer_after(p->drain_timer, 0);
}

static int reload_settings(struct service_process *p, struct err *err)
{
    struct service_settings common = {NULL};
    void *own = xcalloc(1, p->spec->settings_size + 1);
    int rc = service_process_load(p, &common, own, err);
    if (rc == 0) {
        rc = service_settings_check(&common, err);
    }
    if (rc == 0) {
        size_t need_restart = settings_reload(p->common_table, &p->common, &common) +
                              settings_reload(p->own_table, p->service.settings, own);
        apply_log_level(p);
        log_info("settings_reloaded", LOG_INT("need_restart", need_restart));
    }
    service_process_free_settings(p, &common, own);
    free(own);
    return rc;
}

/* The file may have another pair now. Who talks to us, or we to, learns it when the connection
 * comes again (bus_follow_key_file). */
static void reload_keys(struct service_process *p)
{
    struct err err = ERR_NONE;
    struct bus_keys pairs[BUS_KEY_PAIRS_MAX];
    const int count = bus_key_pairs_read(p->common.key_file, pairs, &err);
    if (count < 0) {
        log_error("reload_failed", LOG_ERR(&err));
        return;
    }
    if (strcmp(pairs[0].secret_key, p->service.keys.secret_key) != 0) {
        p->service.keys = pairs[0];
        if (bus_set_keys(p->service.bus, &pairs[0], &err) < 0) {
            log_error("reload_failed", LOG_ERR(&err));
            _exit(SERVICE_FAILED);
        }
        log_info("key_replaced", LOG_TEXT("public_key", pairs[0].public_key));
    }
    if (p->spec->keys_read) {
        p->spec->keys_read(p->state, pairs, count);
    }
    explicit_bzero(pairs, sizeof(pairs));
}

static void reload(struct service_process *p)
{
    struct err err = ERR_NONE;
    if (!p->state) { /* the start may have read already what was changed since */
        p->must_reload = true;
        return;
    }
    if (reload_settings(p, &err) < 0) {
        log_error("reload_failed", LOG_ERR(&err));
    } else if (p->spec->reload) {
        p->spec->reload(p->state);
    }
    reload_keys(p);
    if (p->refresh) {
        principal_refresh_now(p->refresh);
    }
}

static void on_signal(void *ctx, int events)
{
    struct service_process *p = ctx;
    struct signalfd_siginfo info;
    (void)events;
    if (read(p->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return;
    }
    if (info.ssi_signo == SIGHUP) {
        reload(p);
    } else if (p->service.is_draining) {
        log_info("stopped_at_once", LOG_END);
        _exit(SERVICE_STOPPED);
    } else {
        log_info("stopping", LOG_INT("signal", info.ssi_signo));
        begin_stop(p);
    }
}

/* Blocked before any thread is there, so that the loop alone gets them. A broken pipe is an error
 * of one write. */
static int open_signals(struct service_process *p, struct err *err)
{
    sigset_t mask;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGTERM);
    (void)sigaddset(&mask, SIGINT);
    (void)sigaddset(&mask, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &mask, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    p->signal_fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (p->signal_fd < 0) {
        return err_set(err, "start_failed", "no signalfd: %s", strerror(errno));
    }
    p->signal_watch = loop_watch_fd(p->service.loop, p->signal_fd, LOOP_READ, on_signal, p);
    return 0;
}

/* ---- business time */

/* A demo clock in a production database would step over due times: better no service than a wrong
 * one. */
static void refuse_clock(void *ctx)
{
    struct service_process *p = ctx;
    if (!p->has_failed) {
        log_error("clock_not_real",
                  LOG_TEXT("text", "the database runs on a demo clock: start with --demo-clock"));
    }
    p->has_failed = true;
    p->service.is_draining = true;
    loop_stop(p->service.loop);
}

static int open_clock(struct service_process *p, struct err *err)
{
    struct service *s = &p->service;
    char name[64];
    (void)text_format(name, sizeof(name), "troth-%s-clock", p->spec->name);
    s->clock = service_clock_new(
        s->loop, s->metrics,
        &(struct service_clock_options){.conninfo = s->db ? p->common.database : NULL,
                                        .name = name,
                                        .holder = s->holder,
                                        .deadline_us = p->common.db_deadline_us,
                                        .is_demo_allowed = s->is_demo_clock,
                                        .refuse = refuse_clock,
                                        .ctx = p});
    int64_t end_us = instant_monotonic_us() + CLOCK_WAIT_US;
    while (!service_clock_is_set(s->clock) && !s->is_draining) {
        if (instant_monotonic_us() >= end_us) {
            return err_set(err, "clock_unread", "the database does not tell the time");
        }
        loop_turn(s->loop, end_us - instant_monotonic_us());
    }
    return s->is_draining ? -1 : 0;
}

/* ---- sockets */

/* A subscriber sends nothing that could be refused: its connection itself must end. The others come
 * back at once, and find in the log what they missed. */
static void lock_out_subscribers(void *ctx)
{
    struct service_process *p = ctx;
    struct err err = ERR_NONE;
    if (!p->service.events) {
        return;
    }
    log_info("subscribers_reconnect", LOG_END);
    if (bus_reopen(p->service.events, &err) < 0) {
        log_error("reopen_failed", LOG_ERR(&err));
        _exit(SERVICE_FAILED);
    }
}

static int open_sockets(struct service_process *p, struct err *err)
{
    struct service *s = &p->service;
    bool is_job = p->arguments.job != NULL;
    /* A job runs beside the service and binds nothing, so it needs no authenticator. */
    s->bus = bus_new(s->loop, &s->keys, is_job ? NULL : s->principals, err);
    if (!s->bus) {
        return -1;
    }
    if (is_job) {
        return 0;
    }
    if (s->principals) {
        p->refresh =
            principal_refresh_new(s->loop, service_clock_pool(s->clock), s->principals, s->metrics);
        principal_refresh_on_loss(p->refresh, RIGHT_EVENTS, lock_out_subscribers, p);
    }
    if (p->spec->has_events && !text_is_empty(p->common.events)) {
        s->events = bus_bind_pub(s->bus, p->common.events, err);
        if (!s->events) {
            return -1;
        }
    }
    if (!text_is_empty(p->common.http)) {
        s->http = http_start(s->loop, p->common.http, err);
        if (!s->http) {
            return -1;
        }
    }
    p->health = service_health_new(s);
    p->trim = memory_trim_new(s->loop, MEMORY_LOOK_US);
    return 0;
}

static void print_ready(const struct service_process *p)
{
    const struct service *s = &p->service;
    (void)printf("ready service=%s pid=%ld requests=%s events=%s http=%s\n", s->name,
                 (long)getpid(), s->requests ? bus_endpoint(s->requests) : "",
                 s->events ? bus_endpoint(s->events) : "", s->http ? http_endpoint(s->http) : "");
    (void)fflush(stdout);
    log_info("started", LOG_TEXT("version", TROTH_VERSION));
}

/* ---- life */

/* What we hold in memory, keys and texts of customers, must not stand in a file because we crashed.
 * One byte is too little for a core and, unlike 0, also keeps the kernel from starting who would
 * take it over a pipe (core(5)). The hard limit stays: who looks for a mistake allows one with
 * prlimit(1). */
static void forbid_core(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < 1 ? limit.rlim_max : 1;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
}

/* Sockets and peers are many; the usual soft limit of 1,024 is for programs that use select(). */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_MAX) {
        limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Counts what we write to, stacks of threads too, but neither programs nor page tables. A peer that
 * never ends its message can make libzmq take any amount; with a limit it ends this process, which
 * its supervisor has back in a moment, and not the machine. */
static void limit_memory(const struct service_settings *common)
{
    const rlim_t bytes = (rlim_t)common->memory_max_mib * 1024 * 1024;
    struct rlimit limit;
    if (bytes > 0 && getrlimit(RLIMIT_DATA, &limit) == 0 && bytes < limit.rlim_max) {
        limit.rlim_cur = bytes;
        (void)setrlimit(RLIMIT_DATA, &limit);
        /* What one thread gave back another one can take: else a peer that made libzmq take all of
         * it leaves nothing for those who shake hands after it. */
        (void)mallopt(M_ARENA_MAX, 1);
    }
}

static void name_holder(struct service *s)
{
    char host[64] = "";
    (void)gethostname(host, sizeof(host) - 1);
    (void)text_format(s->holder, sizeof(s->holder), "%s/%ld/%" PRId64, host, (long)getpid(),
                      instant_now_us());
}

static int open_process(struct service_process *p, struct err *err)
{
    struct service *s = &p->service;
    forbid_core();
    raise_file_limit();
    limit_memory(&p->common);
    name_holder(s);
    s->loop = loop_new();
    s->metrics = metrics_new();
    p->drain_timer = loop_timer_new(s->loop, check_drained, p);
    p->notify = p->arguments.job ? NULL : service_notify_new(s->loop);
    if (open_signals(p, err) < 0 || bus_keys_read(p->common.key_file, &s->keys, err) < 0 ||
        (p->spec->has_database && service_database_open(s, p->spec->database_settings, err) < 0) ||
        open_clock(p, err) < 0) {
        return -1;
    }
    return open_sockets(p, err);
}

static void close_process(struct service_process *p)
{
    struct service *s = &p->service;
    http_stop(s->http);
    service_health_free(p->health);
    service_notify_free(p->notify);
    bus_free(s->bus);
    memory_trim_free(p->trim);
    principal_refresh_free(p->refresh);
    service_clock_free(s->clock);
    db_pool_free(s->db);
    principal_table_free(s->principals);
    loop_unwatch(p->signal_watch);
    if (p->signal_fd >= 0) {
        (void)close(p->signal_fd);
    }
    loop_timer_free(p->drain_timer);
    metrics_free(s->metrics);
    loop_free(s->loop);
    explicit_bzero(&s->keys, sizeof(s->keys));
}

static int serve(struct service_process *p, struct err *err)
{
    struct service *s = &p->service;
    const struct service_spec *spec = p->spec;
    p->state = spec->start(s, err);
    if (!p->state) {
        return -1;
    }
    int rc = 0;
    if (spec->on_request) {
        s->requests = bus_bind_router(s->bus, p->common.requests, spec->on_request, p->state, err);
        rc = s->requests ? 0 : -1;
    }
    /* A signal that came while start() turned the loop found nothing to drain. */
    if (rc == 0 && !s->is_draining) {
        if (p->must_reload) {
            reload(p);
        }
        service_health_begin(p->health);
        print_ready(p);
        service_notify_ready(p->notify);
        loop_run(s->loop);
    }
    if (spec->stop) {
        spec->stop(p->state);
    }
    return rc;
}

int service_process_run(struct service_process *p)
{
    struct service *s = &p->service;
    struct err err = ERR_NONE;
    apply_log_level(p);
    int rc = open_process(p, &err);
    if (rc == 0 && p->arguments.job) {
        rc = p->arguments.job->run(s, &err);
    } else if (rc == 0) {
        rc = serve(p, &err);
    }
    bool was_asked = s->is_draining && !p->has_failed && rc < 0 && !*err.code;
    if (rc < 0 && *err.code) {
        log_error(p->arguments.job ? "job_failed" : "start_failed", LOG_ERR(&err));
    }
    close_process(p);
    if (p->has_failed || (rc < 0 && !was_asked)) {
        return SERVICE_FAILED;
    }
    log_info("stopped", LOG_END);
    return SERVICE_STOPPED;
}
