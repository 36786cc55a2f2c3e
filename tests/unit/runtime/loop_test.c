/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "common/base/instant.h"

#define MS INT64_C(1000)

/* What handlers did, in order: one letter each. */
struct diary {
    struct loop *loop;
    char text[64];
    size_t len;
};

static void note(struct diary *d, char letter)
{
    if (d->len + 1 < sizeof(d->text)) {
        d->text[d->len++] = letter;
    }
}

struct entry {
    struct diary *diary;
    char letter;
    struct loop_timer *timer;
    struct loop_watch *watch, *other;
    int fd, events;
};

static void note_timer(void *ctx)
{
    struct entry *e = ctx;
    note(e->diary, e->letter);
}

static void note_watch(void *ctx, int events)
{
    struct entry *e = ctx;
    e->events = events;
    note(e->diary, e->letter);
}

static void turn_until_noted(struct diary *d, size_t count)
{
    int64_t end_us = instant_monotonic_us() + 5000 * MS;
    while (d->len < count && instant_monotonic_us() < end_us) {
        loop_turn(d->loop, 10 * MS);
    }
    assert_int_equal(d->len, count);
}

static struct entry timer_entry(struct diary *d, char letter)
{
    return (struct entry){.diary = d, .letter = letter};
}

/* ---- timers */

static void timers_fire_in_the_order_of_their_instants(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct entry entries[16];
    for (int i = 0; i < 16; i++) {
        int turn = (i * 7) % 16; /* armed in a mixed order */
        entries[turn] = timer_entry(&d, (char)('a' + turn));
        entries[turn].timer = loop_timer_new(d.loop, note_timer, &entries[turn]);
        loop_timer_after(entries[turn].timer, (int64_t)(5 + turn) * MS);
    }
    loop_timer_stop(entries[3].timer);
    loop_timer_after(entries[5].timer, 1 * MS);
    turn_until_noted(&d, 15);
    assert_string_equal(d.text, "fabceghijklmnop");
    for (int i = 0; i < 16; i++) {
        assert_false(loop_timer_is_armed(entries[i].timer));
        loop_timer_free(entries[i].timer);
    }
    loop_free(d.loop);
}

static void equal_instants_fire_in_the_order_of_arming(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct entry a = timer_entry(&d, 'a'), b = timer_entry(&d, 'b'), c = timer_entry(&d, 'c');
    struct entry *all[] = {&c, &a, &b};
    for (size_t i = 0; i < 3; i++) {
        all[i]->timer = loop_timer_new(d.loop, note_timer, all[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        loop_timer_after(all[i]->timer, INT64_MAX); /* one instant: the end of time */
    }
    assert_true(loop_timer_is_armed(a.timer));
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, 0);
    for (size_t i = 0; i < 3; i++) {
        loop_timer_after(all[i]->timer, 0);
    }
    turn_until_noted(&d, 3);
    assert_string_equal(d.text, "cab");
    for (size_t i = 0; i < 3; i++) {
        loop_timer_free(all[i]->timer);
    }
    loop_free(d.loop);
}

static void rearm_at_once(void *ctx)
{
    struct entry *e = ctx;
    note(e->diary, e->letter);
    loop_timer_after(e->timer, 0);
}

static void a_timer_that_rearms_itself_waits_for_the_next_turn(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct entry e = timer_entry(&d, 'x');
    e.timer = loop_timer_new(d.loop, rearm_at_once, &e);
    loop_timer_after(e.timer, 0);
    for (size_t i = 1; i <= 3; i++) {
        loop_turn(d.loop, 0);
        assert_int_equal(d.len, i);
    }
    loop_timer_free(e.timer);
    loop_free(d.loop);
}

static void free_itself(void *ctx)
{
    struct entry *e = ctx;
    note(e->diary, e->letter);
    loop_timer_free(e->timer);
}

static void a_timer_may_free_itself(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct entry e = timer_entry(&d, 'x');
    e.timer = loop_timer_new(d.loop, free_itself, &e);
    loop_timer_after(e.timer, -5);
    turn_until_noted(&d, 1);
    loop_free(d.loop);
}

static void a_turn_waits_no_longer_than_the_next_timer_and_not_shorter(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct entry e = timer_entry(&d, 'x');
    e.timer = loop_timer_new(d.loop, note_timer, &e);
    int64_t begin_us = instant_monotonic_us();
    loop_timer_after(e.timer, 20 * MS);
    loop_turn(d.loop, INT64_MAX);
    assert_int_equal(d.len, 1);
    assert_true(instant_monotonic_us() - begin_us >= 20 * MS);
    assert_true(loop_last_turn_us(d.loop) >= begin_us);
    loop_timer_free(e.timer);
    loop_free(d.loop);
}

/* ---- watches */

struct pair {
    int ours, theirs;
};

static struct pair open_pair(void)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    return (struct pair){fds[0], fds[1]};
}

static void close_pair(struct pair p)
{
    (void)close(p.ours);
    (void)close(p.theirs);
}

static void a_watch_reports_what_is_ready_and_was_asked_for(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct pair p = open_pair();
    struct entry e = {.diary = &d, .letter = 'w'};
    e.watch = loop_watch_fd(d.loop, p.ours, LOOP_READ, note_watch, &e);
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, 0);
    assert_int_equal(write(p.theirs, "x", 1), 1);
    loop_turn(d.loop, 1000 * MS);
    assert_int_equal(e.events, LOOP_READ);
    loop_watch_events(e.watch, LOOP_READ | LOOP_WRITE);
    loop_turn(d.loop, 1000 * MS);
    assert_int_equal(e.events, LOOP_READ | LOOP_WRITE);
    loop_watch_events(e.watch, 0);
    size_t before = d.len;
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, before);
    loop_unwatch(e.watch);
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, before);
    close_pair(p);
    loop_free(d.loop);
}

static void a_peer_that_hangs_up_wakes_the_reader(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct pair p = open_pair();
    struct entry e = {.diary = &d, .letter = 'w'};
    e.watch = loop_watch_fd(d.loop, p.ours, LOOP_READ, note_watch, &e);
    (void)close(p.theirs);
    loop_turn(d.loop, 1000 * MS);
    assert_int_equal(e.events, LOOP_READ);
    (void)close(p.ours);
    loop_free(d.loop);
}

static void unwatch_both(void *ctx, int events)
{
    struct entry *e = ctx;
    (void)events;
    note(e->diary, e->letter);
    loop_unwatch(e->watch);
    loop_unwatch(e->other);
}

static void a_handler_may_end_its_own_and_other_watches(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct pair p = open_pair(), q = open_pair();
    struct entry a = {.diary = &d, .letter = 'a'}, b = {.diary = &d, .letter = 'b'};
    a.watch = b.other = loop_watch_fd(d.loop, p.ours, LOOP_READ, unwatch_both, &a);
    b.watch = a.other = loop_watch_fd(d.loop, q.ours, LOOP_READ, unwatch_both, &b);
    assert_int_equal(write(p.theirs, "x", 1), 1);
    assert_int_equal(write(q.theirs, "x", 1), 1);
    loop_turn(d.loop, 1000 * MS);
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, 1); /* whoever came first ended both */
    close_pair(p);
    close_pair(q);
    loop_free(d.loop);
}

static void turn_inside(void *ctx, int events)
{
    struct entry *e = ctx;
    char c;
    (void)events;
    note(e->diary, e->letter);
    assert_int_equal(read(e->fd, &c, 1), 1);
    loop_turn(e->diary->loop, 0);
    note(e->diary, '.');
}

static void a_handler_may_turn_the_loop(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct pair p = open_pair(), q = open_pair();
    struct entry a = {.diary = &d, .letter = 'w', .fd = p.ours};
    struct entry b = {.diary = &d, .letter = 'w', .fd = q.ours};
    a.watch = loop_watch_fd(d.loop, p.ours, LOOP_READ, turn_inside, &a);
    b.watch = loop_watch_fd(d.loop, q.ours, LOOP_READ, turn_inside, &b);
    assert_int_equal(write(p.theirs, "x", 1), 1);
    assert_int_equal(write(q.theirs, "x", 1), 1);
    loop_turn(d.loop, 1000 * MS);
    assert_string_equal(d.text, "ww.."); /* the second within the first, and each once */
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, 4);
    close_pair(p);
    close_pair(q);
    loop_free(d.loop);
}

static void every_message_of_a_zmq_socket_is_found(void **state)
{
    struct diary d = {.loop = loop_new()};
    void *context = zmq_ctx_new();
    void *in = zmq_socket(context, ZMQ_PAIR), *out = zmq_socket(context, ZMQ_PAIR);
    struct entry e = {.diary = &d, .letter = 'z'};
    assert_int_equal(zmq_bind(in, "inproc://loop"), 0);
    assert_int_equal(zmq_connect(out, "inproc://loop"), 0);
    e.watch = loop_watch_zmq(d.loop, in, LOOP_READ, note_watch, &e);
    assert_int_equal(zmq_send(out, "1", 1, 0), 1);
    assert_int_equal(zmq_send(out, "2", 1, 0), 1);
    /* One message per turn: the descriptor behind the socket has no new edge for the second. */
    for (size_t i = 1; i <= 2; i++) {
        char c;
        loop_turn(d.loop, 1000 * MS);
        assert_int_equal(d.len, i);
        assert_int_equal(zmq_recv(in, &c, 1, ZMQ_DONTWAIT), 1);
    }
    loop_turn(d.loop, 0);
    assert_int_equal(d.len, 2);
    loop_unwatch(e.watch);
    assert_int_equal(zmq_close(in), 0);
    assert_int_equal(zmq_close(out), 0);
    assert_int_equal(zmq_ctx_term(context), 0);
    loop_free(d.loop);
}

/* ---- running */

static void stop_loop(void *ctx)
{
    struct entry *e = ctx;
    note(e->diary, e->letter);
    loop_stop(e->diary->loop);
}

static void running_ends_with_stop(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct entry e = timer_entry(&d, 's');
    e.timer = loop_timer_new(d.loop, stop_loop, &e);
    loop_timer_after(e.timer, 1 * MS);
    loop_run(d.loop);
    assert_string_equal(d.text, "s");
    loop_timer_free(e.timer);
    loop_free(d.loop);
}

static void ignore_signal(int signal)
{
    (void)signal;
}

static void a_signal_ends_the_wait_and_nothing_else(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct sigaction action = {.sa_handler = ignore_signal}, before;
    struct itimerval soon = {.it_value = {.tv_usec = 10 * MS}};
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    int64_t begin_us = instant_monotonic_us();
    loop_turn(d.loop, 5000 * MS);
    assert_true(instant_monotonic_us() - begin_us < 4000 * MS);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    loop_free(d.loop);
}

static void what_is_left_is_freed_with_the_loop(void **state)
{
    struct diary d = {.loop = loop_new()};
    struct pair p = open_pair();
    struct entry e = {.diary = &d};
    (void)loop_watch_fd(d.loop, p.ours, LOOP_READ, note_watch, &e);
    loop_timer_after(loop_timer_new(d.loop, note_timer, &e), 1 * MS);
    loop_free(d.loop);
    loop_free(NULL);
    loop_timer_free(NULL);
    loop_unwatch(NULL);
    close_pair(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_the_order_of_their_instants),
        cmocka_unit_test(equal_instants_fire_in_the_order_of_arming),
        cmocka_unit_test(a_timer_that_rearms_itself_waits_for_the_next_turn),
        cmocka_unit_test(a_timer_may_free_itself),
        cmocka_unit_test(a_turn_waits_no_longer_than_the_next_timer_and_not_shorter),
        cmocka_unit_test(a_watch_reports_what_is_ready_and_was_asked_for),
        cmocka_unit_test(a_peer_that_hangs_up_wakes_the_reader),
        cmocka_unit_test(a_handler_may_end_its_own_and_other_watches),
        cmocka_unit_test(a_handler_may_turn_the_loop),
        cmocka_unit_test(every_message_of_a_zmq_socket_is_found),
        cmocka_unit_test(running_ends_with_stop),
        cmocka_unit_test(a_signal_ends_the_wait_and_nothing_else),
        cmocka_unit_test(what_is_left_is_freed_with_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
