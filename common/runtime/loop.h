/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - one loop per process: zmq_poll over ZeroMQ sockets, file descriptors and one timer
 * queue.
 *
 * Handlers never wait. They may add, change and remove watches and timers, their own too, at any
 * time.
 */
#ifndef TROTH_COMMON_RUNTIME_LOOP_H
#define TROTH_COMMON_RUNTIME_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"

struct loop;
struct loop_watch;
struct loop_timer;

enum {
    LOOP_READ = 1,
    LOOP_WRITE = 2
};

/* events: the LOOP_ bits that are ready. */
typedef void loop_ready_fn(void *ctx, int events);
typedef void loop_timer_fn(void *ctx);

struct loop *loop_new(void);
void loop_free(
    struct loop *l); /* NULL is fine; watches and timers must be gone or are freed with it */

/* The watch belongs to the loop until loop_unwatch(). events may be 0 to pause it. */
struct loop_watch *loop_watch_fd(struct loop *l, int fd, int events, loop_ready_fn *ready,
                                 void *ctx);
struct loop_watch *loop_watch_zmq(struct loop *l, void *socket, int events, loop_ready_fn *ready,
                                  void *ctx);
void loop_watch_events(struct loop_watch *w, int events);
void loop_unwatch(struct loop_watch *w); /* NULL is fine */

/* A timer that is not armed yet; owned by the caller, ended by loop_timer_free(). */
struct loop_timer *loop_timer_new(struct loop *l, loop_timer_fn *fire, void *ctx);
void loop_timer_free(struct loop_timer *t); /* NULL is fine */
void loop_timer_after(struct loop_timer *t,
                      int64_t us); /* fires once, us from now on the monotonic clock; replaces an
                                      earlier setting; 0 is "soon" */
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_armed(const struct loop_timer *t);

/* Runs until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* One turn, waiting at most max_wait_us: for start-up, jobs, the command line and tests. */
void loop_turn(struct loop *l, int64_t max_wait_us);

/* For a loop inside another one: between turns, wait until one of the descriptors is readable or
 * the timer is due, then turn with a max_wait_us of 0 until nothing is ready. A ZeroMQ socket's
 * descriptor only tells that something changed: who waits while it is ready waits in vain. */
bool loop_is_ready(struct loop *l);
int64_t loop_next_timer_us(const struct loop *l); /* monotonic; INT64_MAX: none is armed */
/* Fills ret_fds with at most max of those that are watched; returns how many. */
size_t loop_descriptors(struct loop *l, int ret_fds[], size_t max);

/* Monotonic instant of the last turn: what /livez looks at. */
int64_t loop_last_turn_us(const struct loop *l);

#endif
