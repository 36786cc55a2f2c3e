/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor.c - one loop; the state of each process is changed by three events: its output, its
 * end, its timer.
 *
 *   WAITING --start--> STARTING --ready line--> READY --it dies--> RESTING --pause over--> STARTING
 *                      STARTING --it dies, or is not ready in time and killed--> RESTING
 *   any --stop--> STOPPING --it ends--> STOPPED        (WAITING and RESTING: at once)
 */
#include "services/cli/supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/backoff.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/loop.h"
#include "services/cli/child.h"

enum state {
    WAITING = 1,
    STARTING,
    READY,
    RESTING,
    STOPPING,
    STOPPED
};

struct supervised {
    struct supervisor *all;
    const struct run_service *service;
    enum state state;
    struct child child;
    struct loop_watch *output;
    struct loop_timer *timer; /* not ready in time, pause over, or not stopped in time */
    unsigned failures;        /* in a row */
    int64_t ready_since_us;   /* monotonic */
};

struct supervisor {
    const struct run_config *config;
    struct loop *loop;
    struct supervised *list; /* as many as services */
    sigset_t old_mask;       /* what the children start with */
    bool is_started;         /* all were ready once */
    bool is_stopping;
    bool is_killing;
    struct err *err;
    int result;
};

static void start(struct supervised *s);
static void stop_next(struct supervisor *all);

static void on_ready(struct supervised *s)
{
    struct supervisor *all = s->all;
    const size_t next = (size_t)(s - all->list) + 1;

    loop_timer_stop(s->timer);
    s->state = READY;
    s->ready_since_us = instant_monotonic_us();
    log_info("service_ready", LOG_TEXT("name", s->service->name), LOG_INT("pid", s->child.pid));
    if (all->is_started) {
        return;
    }
    if (next < all->config->count) {
        if (all->list[next].state == WAITING) {
            start(&all->list[next]);
        }
        return;
    }
    all->is_started = true;
    (void)printf("ready troth-run services=%zu\n", all->config->count);
    (void)fflush(stdout);
}

static void on_output(void *ctx, int events)
{
    struct supervised *s = ctx;
    bool is_ready = false;

    (void)events;
    if (!child_read(&s->child, s->service->ready, &is_ready)) {
        loop_unwatch(s->output); /* closed; its end is another matter */
        s->output = NULL;
    }
    if (is_ready && s->state == STARTING) {
        on_ready(s);
    }
}

/* Something went wrong before everything was up: stop all and say why. */
static void give_up(struct supervised *s)
{
    struct supervisor *all = s->all;

    all->result = err_set(all->err, "start_failed",
                          "%s could not be started %u times in a row: its own messages say why",
                          s->service->name, s->failures);
    s->state = STOPPED;
    all->is_stopping = true;
    stop_next(all);
}

static void rest(struct supervised *s)
{
    const struct run_config *c = s->all->config;
    const struct backoff pause = {.base_us = c->restart_after_us, .cap_us = c->restart_cap_us};
    uint64_t random;
    int64_t us;

    s->failures++;
    if (!s->all->is_started && s->failures >= (unsigned)c->start_tries) {
        give_up(s);
        return;
    }
    randombytes_buf(&random, sizeof(random));
    us = backoff_delay_us(&pause, s->failures - 1, random);
    s->state = RESTING;
    loop_timer_after(s->timer, us);
    log_warning("service_restarts", LOG_TEXT("name", s->service->name),
                LOG_INT("failures", s->failures), LOG_INT("after_us", us));
}

static void start(struct supervised *s)
{
    struct err err = ERR_NONE;

    if (child_start(&s->child, s->service->command, &s->all->old_mask, &err) < 0) {
        log_error("service_start_failed", LOG_TEXT("name", s->service->name), LOG_ERR(&err));
        rest(s);
        return;
    }
    s->state = STARTING;
    s->output = loop_watch_fd(s->all->loop, s->child.output, LOOP_READ, on_output, s);
    log_info("service_started", LOG_TEXT("name", s->service->name), LOG_INT("pid", s->child.pid));
    if (s->service->ready[0] == '\0') {
        on_ready(s);
    } else {
        loop_timer_after(s->timer, s->all->config->ready_within_us);
    }
}

static void on_timer(void *ctx)
{
    struct supervised *s = ctx;

    if (s->state == RESTING) {
        start(s);
    } else if (s->state == STARTING || s->state == STOPPING) {
        log_error(s->state == STARTING ? "service_not_ready_in_time"
                                       : "service_not_stopped_in_time",
                  LOG_TEXT("name", s->service->name), LOG_INT("pid", s->child.pid));
        child_signal(&s->child, SIGKILL, true);
    }
}

/* ---- the end of a process */

static void on_ended(struct supervised *s, int status)
{
    const bool was_well = s->state == READY && instant_monotonic_us() - s->ready_since_us >
                                                   s->all->config->restart_cap_us;

    loop_timer_stop(s->timer);
    loop_unwatch(s->output);
    s->output = NULL;
    log_info("service_ended", LOG_TEXT("name", s->service->name), LOG_INT("pid", s->child.pid),
             LOG_INT("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
             LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
    child_signal(&s->child, SIGKILL, true); /* what it may have left behind in its group */
    child_ended(&s->child);
    if (s->all->is_stopping) {
        s->state = STOPPED;
        stop_next(s->all);
        return;
    }
    if (was_well) {
        s->failures = 0;
    }
    rest(s);
}

static void reap(struct supervisor *all)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < all->config->count; i++) {
            if (all->list[i].child.pid == pid) {
                on_ended(&all->list[i], status);
                break;
            }
        }
    }
}

/* ---- stopping */

/* Last started, first stopped; each is gone before the one it may need. */
static void stop_next(struct supervisor *all)
{
    for (size_t i = all->config->count; i > 0; i--) {
        struct supervised *s = &all->list[i - 1];

        if (s->state == STOPPED) {
            continue;
        }
        if (s->child.pid == 0) {
            loop_timer_stop(s->timer);
            s->state = STOPPED;
            continue;
        }
        if (s->state != STOPPING) {
            s->state = STOPPING;
            child_signal(&s->child, SIGTERM, false);
            loop_timer_after(s->timer, all->config->stop_within_us);
        }
        return;
    }
    loop_stop(all->loop);
}

static void stop(struct supervisor *all)
{
    if (!all->is_stopping) {
        log_info("stopping", LOG_INT("services", all->config->count));
        all->is_stopping = true;
        stop_next(all);
    } else if (!all->is_killing) {
        all->is_killing = true;
        all->result = err_set(all->err, "killed", "everything was killed at the second signal");
        for (size_t i = 0; i < all->config->count; i++) {
            child_signal(&all->list[i].child, SIGKILL, true);
        }
    }
}

static void reload(const struct supervisor *all)
{
    for (size_t i = 0; i < all->config->count; i++) {
        /* One that is starting may not catch it yet, and would die of it. */
        if (all->list[i].state == READY) {
            child_signal(&all->list[i].child, SIGHUP, false);
        }
    }
}

struct signals {
    struct supervisor *all;
    int fd;
};

static void on_signal(void *ctx, int events)
{
    struct signals *signals = ctx;
    struct signalfd_siginfo info;

    (void)events;
    while (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD) {
            reap(signals->all);
        } else if (info.ssi_signo == SIGHUP) {
            reload(signals->all);
        } else {
            stop(signals->all);
        }
    }
}

/* ---- the whole */

static int open_signals(sigset_t *old_mask, struct err *err)
{
    sigset_t mask;
    int fd;

    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &mask, old_mask) < 0) {
        return err_set(err, "start_failed", "signals: %s", strerror(errno));
    }
    fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd >= 0 ? fd : err_set(err, "start_failed", "signals: %s", strerror(errno));
}

int supervisor_run(const struct run_config *config, struct err *err)
{
    struct supervisor all = {.config = config, .err = err};
    struct signals signals = {.all = &all, .fd = open_signals(&all.old_mask, err)};
    struct loop_watch *watch;

    if (signals.fd < 0) {
        return -1;
    }
    all.loop = loop_new();
    all.list = xcalloc(config->count, sizeof(*all.list));
    watch = loop_watch_fd(all.loop, signals.fd, LOOP_READ, on_signal, &signals);
    for (size_t i = 0; i < config->count; i++) {
        all.list[i] = (struct supervised){.all = &all,
                                          .service = &config->services[i],
                                          .state = WAITING,
                                          .child = {.output = -1}};
        all.list[i].timer = loop_timer_new(all.loop, on_timer, &all.list[i]);
    }
    all.list[0].state = RESTING; /* its pause is over at once, inside the loop */
    loop_timer_after(all.list[0].timer, 0);
    loop_run(all.loop);
    for (size_t i = 0; i < config->count; i++) {
        loop_timer_free(all.list[i].timer);
    }
    loop_unwatch(watch);
    loop_free(all.loop);
    free(all.list);
    (void)close(signals.fd);
    (void)sigprocmask(SIG_SETMASK, &all.old_mask, NULL);
    return all.result;
}
