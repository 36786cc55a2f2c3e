/* SPDX-License-Identifier: Apache-2.0 */
/*
 * troth_wake.c - an epoll descriptor over the descriptors of the loop and a timer.
 *
 * A descriptor that is closed leaves the epoll set by itself, so after each run we only add what is
 * there; most of it is there already.
 */
#include "proto/libtroth/troth_wake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"

#define DESCRIPTORS_MAX 16

struct troth_wake {
    struct loop *loop;
    int epoll;
    int timer;
};

static int watch(const struct troth_wake *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST ? 0 : -1;
}

struct troth_wake *troth_wake_new(struct loop *loop, struct err *err)
{
    struct troth_wake *w = xcalloc(1, sizeof(*w));

    w->loop = loop;
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (w->epoll < 0 || w->timer < 0 || watch(w, w->timer) < 0) {
        err_set(err, "no_descriptor", "%s", strerror(errno));
        troth_wake_free(w);
        return NULL;
    }
    troth_wake_update(w);
    return w;
}

void troth_wake_free(struct troth_wake *w)
{
    if (!w) {
        return;
    }
    if (w->timer >= 0) {
        (void)close(w->timer);
    }
    if (w->epoll >= 0) {
        (void)close(w->epoll);
    }
    free(w);
}

int troth_wake_fd(const struct troth_wake *w)
{
    return w->epoll;
}

/* Setting it also takes back that it was readable. 0 would switch it off, so "now" is 1 ns. */
static void set_timer(const struct troth_wake *w, int64_t in_us)
{
    const struct itimerspec at = {
        .it_value = {.tv_sec = in_us / DURATION_S,
                     .tv_nsec = in_us > 0 ? in_us % DURATION_S * 1000 : 1}
    };

    (void)timerfd_settime(w->timer, 0, &at, NULL);
}

void troth_wake_update(struct troth_wake *w)
{
    int fds[DESCRIPTORS_MAX];
    const size_t count = loop_descriptors(w->loop, fds, DESCRIPTORS_MAX);
    const int64_t due_us = loop_next_timer_us(w->loop);
    const int64_t in_us = due_us - instant_monotonic_us();

    for (size_t i = 0; i < count; i++) {
        (void)watch(w, fds[i]); /* without it the timer still wakes, later */
    }
    if (loop_is_ready(w->loop)) {
        set_timer(w, 0);
    } else if (due_us != INT64_MAX) {
        set_timer(w, in_us > 0 ? in_us : 0);
    } else {
        const struct itimerspec never = {.it_value = {.tv_sec = 0}};

        (void)timerfd_settime(w->timer, 0, &never, NULL);
    }
}
