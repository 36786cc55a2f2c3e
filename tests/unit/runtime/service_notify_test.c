/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/service_notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "tests/support/temp_folder.h"

#define MS INT64_C(1000)

/* A supervisor, and what tells it. */
struct watch {
    struct temp_folder folder;
    struct loop *loop;
    struct service_notify *notify;
    int fd;
    char heard[64];
};

static void forget_environment(void)
{
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
}

/* name: as in NOTIFY_SOCKET. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    return fd;
}

static int open_watch(void **state)
{
    static struct watch w;
    char path[TEMP_PATH_SIZE];
    forget_environment();
    w = (struct watch){.folder = temp_folder_new(), .loop = loop_new()};
    w.fd = listen_at(temp_folder_name(&w.folder, "", "notify", path));
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    *state = &w;
    return 0;
}

static int close_watch(void **state)
{
    struct watch *w = *state;
    service_notify_free(w->notify);
    loop_free(w->loop);
    (void)close(w->fd);
    temp_folder_remove(&w->folder);
    forget_environment();
    return 0;
}

/* The next datagram; "" when there is none. */
static const char *hear(struct watch *w)
{
    ssize_t n = recv(w->fd, w->heard, sizeof(w->heard) - 1, 0);
    w->heard[n > 0 ? n : 0] = '\0';
    return w->heard;
}

static void ready_and_stopping_are_told_once(void **state)
{
    struct watch *w = *state;
    w->notify = service_notify_new(w->loop);
    assert_string_equal(hear(w), "");
    service_notify_ready(w->notify);
    assert_string_equal(hear(w), "READY=1");
    loop_turn(w->loop, 0);
    service_notify_stopping(w->notify);
    assert_string_equal(hear(w), "STOPPING=1");
    assert_string_equal(hear(w), "");
}

static void a_name_without_a_file_is_found(void **state)
{
    struct watch *w = *state;
    char name[64];
    (void)text_format(name, sizeof(name), "@troth-test-%ld", (long)getpid());
    (void)close(w->fd);
    w->fd = listen_at(name);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    w->notify = service_notify_new(w->loop);
    service_notify_ready(w->notify);
    assert_string_equal(hear(w), "READY=1");
}

static size_t signs_of_life(struct watch *w)
{
    size_t count = 0;
    while (*hear(w)) {
        count += strcmp(w->heard, "WATCHDOG=1") == 0;
    }
    return count;
}

static void turn_for(struct watch *w, int64_t us)
{
    int64_t end_us = instant_monotonic_us() + us;
    while (instant_monotonic_us() < end_us) {
        loop_turn(w->loop, 5 * MS);
    }
}

static void a_loop_that_turns_gives_signs_of_life_and_one_that_hangs_none(void **state)
{
    struct watch *w = *state;
    char pid[32];
    (void)text_format(pid, sizeof(pid), "%ld", (long)getpid());
    assert_int_equal(setenv("WATCHDOG_USEC", "300000", 1), 0);
    assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
    w->notify = service_notify_new(w->loop);
    turn_for(w, 40 * MS);
    assert_string_equal(hear(w), ""); /* nobody is watched before it serves */
    service_notify_ready(w->notify);
    assert_string_equal(hear(w), "READY=1");
    /* One at once, and one each 100 ms: three in the first period, on a busy machine in the second
     * one. */
    int64_t end_us = instant_monotonic_us() + 600 * MS;
    size_t count = 0;
    while (count < 3 && instant_monotonic_us() < end_us) {
        turn_for(w, 5 * MS);
        count += signs_of_life(w);
    }
    assert_int_equal(count, 3);
    end_us = instant_monotonic_us() + 150 * MS;
    while (instant_monotonic_us() < end_us) {
    }
    assert_int_equal(signs_of_life(w), 0);
}

static void who_is_not_watched_gives_no_signs_of_life(void **state)
{
    static const struct {
        const char *usec, *pid;
    } rows[] = {
        {"30000",                   "1" }, /* the watched one is our parent */
        {"30000",                   "us"},
        {"0",                       NULL},
        {"-30000",                  NULL},
        {"soon",                    NULL},
        {"",                        NULL},
        {"99999999999999999999999", NULL},
    };
    struct watch *w = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(setenv("WATCHDOG_USEC", rows[i].usec, 1), 0);
        assert_int_equal(
            rows[i].pid ? setenv("WATCHDOG_PID", rows[i].pid, 1) : unsetenv("WATCHDOG_PID"), 0);
        w->notify = service_notify_new(w->loop);
        service_notify_ready(w->notify);
        turn_for(w, 20 * MS);
        assert_int_equal(signs_of_life(w), 0);
        service_notify_free(w->notify);
        w->notify = NULL;
    }
}

static void a_socket_that_nobody_can_use_harms_nobody(void **state)
{
    static const char *const names[] = {
        "/nonexistent/socket",
        "relative",
        "@",
        "/",
        ("/a-path-that-is-longer-than-any-unix-socket-may-have-as-its-name-and-then-some-more-of-"
         "it-"
         "until-it-does-not-fit"),
    };
    struct watch *w = *state;
    log_set_level(LOG_ERROR);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        w->notify = service_notify_new(w->loop);
        service_notify_ready(w->notify);
        service_notify_stopping(w->notify);
        service_notify_free(w->notify);
        w->notify = NULL;
    }
    service_notify_stopping(NULL);
    assert_string_equal(hear(w), "");
}

static void without_a_supervisor_nothing_is_told(void **state)
{
    struct watch *w = *state;
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "30000", 1), 0);
    w->notify = service_notify_new(w->loop);
    service_notify_ready(w->notify);
    turn_for(w, 20 * MS);
    assert_string_equal(hear(w), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_watch, close_watch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ready_and_stopping_are_told_once),
        TEST(a_name_without_a_file_is_found),
        TEST(a_loop_that_turns_gives_signs_of_life_and_one_that_hangs_none),
        TEST(who_is_not_watched_gives_no_signs_of_life),
        TEST(a_socket_that_nobody_can_use_harms_nobody),
        TEST(without_a_supervisor_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
