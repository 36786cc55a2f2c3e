/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c - zmq_poll over watches, and a binary heap of timers.
 *
 * One turn: poll until something is ready or the next timer is due, fire the timers that were due,
 * call the watches that were ready, and fire what these armed for "soon", which saves one more
 * round of system calls for each of them. ZeroMQ sockets are polled themselves, never through
 * ZMQ_FD: that descriptor is edge-triggered and a reader that misses one edge waits for ever.
 *
 * A handler may turn the loop itself (start-up, jobs, reload). So the poll list of a turn can
 * become stale under it: every turn takes a number, and a turn that finds another number after a
 * handler leaves the rest to the next poll, which is level-triggered and reports it again. Watches
 * that end inside a turn are freed when the outermost turn ends.
 */
#include "common/runtime/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <zmq.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

struct loop_watch {
    struct loop *loop;
    struct loop_watch *next;
    void *socket; /* NULL: fd is watched */
    int fd;
    int events;
    bool is_ended;
    loop_ready_fn *ready;
    void *ctx;
};

#define NOT_ARMED SIZE_MAX

struct loop_timer {
    struct loop *loop;
    size_t position; /* in the heap, or NOT_ARMED */
    int64_t due_us;
    uint64_t order; /* of arming: equal instants fire in this order */
    loop_timer_fn *fire;
    void *ctx;
};

struct loop {
    struct loop_watch *watches;
    size_t watch_count;
    zmq_pollitem_t *items;
    struct loop_watch **polled; /* items[i] belongs to polled[i] */
    size_t item_count;
    bool is_stale; /* items no longer say what watches say */
    bool has_ended;
    struct loop_timer **heap;
    size_t timer_count, timer_capacity;
    uint64_t order;
    uint64_t turn;
    unsigned depth;
    int64_t last_turn_us;
    bool is_stopped;
};

struct loop *loop_new(void)
{
    struct loop *l = xcalloc(1, sizeof(*l));
    l->last_turn_us = instant_monotonic_us();
    return l;
}

void loop_free(struct loop *l)
{
    if (!l) {
        return;
    }
    while (l->watches) {
        struct loop_watch *w = l->watches;
        l->watches = w->next;
        free(w);
    }
    for (size_t i = 0; i < l->timer_count; i++) {
        free(l->heap[i]);
    }
    free(l->heap);
    free(l->items);
    free(l->polled);
    free(l);
}

/* ---- watches */

static struct loop_watch *watch(struct loop *l, struct loop_watch what)
{
    struct loop_watch *w = xcalloc(1, sizeof(*w));
    *w = what;
    w->loop = l;
    w->next = l->watches;
    l->watches = w;
    l->watch_count++;
    l->is_stale = true;
    return w;
}

struct loop_watch *loop_watch_fd(struct loop *l, int fd, int events, loop_ready_fn *ready,
                                 void *ctx)
{
    return watch(l, (struct loop_watch){.fd = fd, .events = events, .ready = ready, .ctx = ctx});
}

struct loop_watch *loop_watch_zmq(struct loop *l, void *socket, int events, loop_ready_fn *ready,
                                  void *ctx)
{
    return watch(
        l, (struct loop_watch){.socket = socket, .events = events, .ready = ready, .ctx = ctx});
}

void loop_watch_events(struct loop_watch *w, int events)
{
    if (w->events != events) {
        w->events = events;
        w->loop->is_stale = true;
    }
}

static void free_ended(struct loop *l)
{
    struct loop_watch **at = &l->watches;
    while (*at) {
        struct loop_watch *w = *at;
        if (w->is_ended) {
            *at = w->next;
            l->watch_count--;
            free(w);
        } else {
            at = &w->next;
        }
    }
    l->has_ended = false;
}

void loop_unwatch(struct loop_watch *w)
{
    if (!w) {
        return;
    }
    struct loop *l = w->loop;
    w->is_ended = true;
    l->is_stale = true;
    l->has_ended = true;
    if (l->depth == 0) {
        free_ended(l);
    }
}

static void list_items(struct loop *l)
{
    l->items = xreallocarray(l->items, l->watch_count + 1, sizeof(*l->items));
    l->polled = xreallocarray(l->polled, l->watch_count + 1, sizeof(struct loop_watch *));
    l->item_count = 0;
    for (struct loop_watch *w = l->watches; w; w = w->next) {
        if (w->is_ended || !w->events) {
            continue;
        }
        short events = (short)(((w->events & LOOP_READ) ? ZMQ_POLLIN : 0) |
                               ((w->events & LOOP_WRITE) ? ZMQ_POLLOUT : 0));
        l->items[l->item_count] =
            (zmq_pollitem_t){.socket = w->socket, .fd = w->fd, .events = events};
        l->polled[l->item_count++] = w;
    }
    l->is_stale = false;
}

static int ready_events(const struct loop_watch *w, short revents)
{
    /* An error wakes whatever the watch waits for: the read or write that follows will name it. */
    if (revents & ZMQ_POLLERR) {
        return w->events;
    }
    int events =
        ((revents & ZMQ_POLLIN) ? LOOP_READ : 0) | ((revents & ZMQ_POLLOUT) ? LOOP_WRITE : 0);
    return events & w->events;
}

static void call_watches(struct loop *l, uint64_t turn)
{
    /* is_stale is no reason to stop: ended watches are still in memory and their events are masked.
     */
    for (size_t i = 0; i < l->item_count && l->turn == turn; i++) {
        struct loop_watch *w = l->polled[i];
        int events = w->is_ended ? 0 : ready_events(w, l->items[i].revents);
        if (events) {
            w->ready(w->ctx, events);
        }
    }
}

/* ---- timers */

static bool is_before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void heap_put(struct loop *l, size_t position, struct loop_timer *t)
{
    l->heap[position] = t;
    t->position = position;
}

static void heap_up(struct loop *l, size_t position)
{
    struct loop_timer *t = l->heap[position];
    while (position > 0 && is_before(t, l->heap[(position - 1) / 2])) {
        heap_put(l, position, l->heap[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    heap_put(l, position, t);
}

static void heap_down(struct loop *l, size_t position)
{
    struct loop_timer *t = l->heap[position];
    for (;;) {
        size_t child = 2 * position + 1;
        if (child >= l->timer_count) {
            break;
        }
        if (child + 1 < l->timer_count && is_before(l->heap[child + 1], l->heap[child])) {
            child++;
        }
        if (!is_before(l->heap[child], t)) {
            break;
        }
        heap_put(l, position, l->heap[child]);
        position = child;
    }
    heap_put(l, position, t);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_timer_fn *fire, void *ctx)
{
    struct loop_timer *t = xcalloc(1, sizeof(*t));
    *t = (struct loop_timer){.loop = l, .position = NOT_ARMED, .fire = fire, .ctx = ctx};
    return t;
}

void loop_timer_stop(struct loop_timer *t)
{
    if (t->position == NOT_ARMED) {
        return;
    }
    struct loop *l = t->loop;
    size_t hole = t->position;
    t->position = NOT_ARMED;
    struct loop_timer *last = l->heap[--l->timer_count];
    if (last != t) {
        heap_put(l, hole, last);
        heap_down(l, hole);
        heap_up(l, last->position);
    }
}

void loop_timer_after(struct loop_timer *t, int64_t us)
{
    struct loop *l = t->loop;
    int64_t now_us = instant_monotonic_us();
    loop_timer_stop(t);
    t->due_us = us > INT64_MAX - now_us ? INT64_MAX : now_us + (us > 0 ? us : 0);
    t->order = l->order++;
    if (l->timer_count == l->timer_capacity) {
        l->timer_capacity = l->timer_capacity ? 2 * l->timer_capacity : 16;
        l->heap = xreallocarray(l->heap, l->timer_capacity, sizeof(struct loop_timer *));
    }
    heap_put(l, l->timer_count++, t);
    heap_up(l, l->timer_count - 1);
}

bool loop_timer_is_armed(const struct loop_timer *t)
{
    return t->position != NOT_ARMED;
}

void loop_timer_free(struct loop_timer *t)
{
    if (t) {
        loop_timer_stop(t);
        free(t);
    }
}

/* Timers armed while these fire wait for the next call, so that "soon" cannot starve the watches.
 */
static void fire_timers(struct loop *l, uint64_t turn)
{
    int64_t now_us = instant_monotonic_us();
    uint64_t armed_before = l->order;
    while (l->timer_count > 0 && l->turn == turn) {
        struct loop_timer *t = l->heap[0];
        if (t->due_us > now_us || t->order >= armed_before) {
            break;
        }
        loop_timer_stop(t);
        t->fire(t->ctx);
    }
}

/* ---- turning */

/* In milliseconds, rounded up: waking early would spin until the instant. */
static long poll_timeout(const struct loop *l, int64_t max_wait_us)
{
    int64_t wait_us = max_wait_us;
    if (l->timer_count > 0) {
        int64_t until_us = l->heap[0]->due_us - instant_monotonic_us();
        wait_us = until_us < wait_us ? until_us : wait_us;
    }
    if (wait_us <= 0) {
        return 0;
    }
    int64_t ms = wait_us / 1000 + (wait_us % 1000 != 0);
    return ms > INT_MAX ? INT_MAX : (long)ms;
}

void loop_turn(struct loop *l, int64_t max_wait_us)
{
    uint64_t turn = ++l->turn;
    l->depth++;
    if (l->is_stale) {
        list_items(l);
    }
    int ready = zmq_poll(l->items, (int)l->item_count, poll_timeout(l, max_wait_us));
    if (ready < 0 && errno != EINTR) {
        BUG("zmq_poll was given a socket that is closed");
    }
    l->last_turn_us = instant_monotonic_us();
    fire_timers(l, turn);
    if (ready > 0) {
        call_watches(l, turn);
        fire_timers(l, turn);
    }
    l->depth--;
    if (l->depth == 0 && l->has_ended) {
        free_ended(l);
    }
}

bool loop_is_ready(struct loop *l)
{
    if (l->is_stale) {
        list_items(l);
    }
    return zmq_poll(l->items, (int)l->item_count, 0) > 0;
}

int64_t loop_next_timer_us(const struct loop *l)
{
    return l->timer_count > 0 ? l->heap[0]->due_us : INT64_MAX;
}

size_t loop_descriptors(struct loop *l, int ret_fds[], size_t max)
{
    size_t count = 0;
    if (l->is_stale) {
        list_items(l);
    }
    for (size_t i = 0; i < l->item_count && count < max; i++) {
        size_t size = sizeof(int);
        void *socket = l->items[i].socket;
        int *fd = &ret_fds[count];
        *fd = l->items[i].fd;
        /* lint: allow - only the socket knows its descriptor */
        count += !socket || zmq_getsockopt(socket, ZMQ_FD, fd, &size) == 0; /* lint: allow */
    }
    return count;
}

void loop_run(struct loop *l)
{
    l->is_stopped = false;
    while (!l->is_stopped) {
        loop_turn(l, INT64_MAX);
    }
}

void loop_stop(struct loop *l)
{
    l->is_stopped = true;
}

int64_t loop_last_turn_us(const struct loop *l)
{
    return l->last_turn_us;
}
