/* SPDX-License-Identifier: Apache-2.0 */
/* The authenticator itself; that it keeps people out of real sockets is shown in bus_test.c. */
#include "common/runtime/zap.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "common/base/bytes.h"
#include "common/base/instant.h"
#include "common/runtime/bus_profile.h"

#define FRAME_MAX 128

/* A hand-made request and the frames of its answer. */
struct inquiry {
    const char *version, *domain, *mechanism;
    const void *key;
    size_t key_len;
    int extra_frames;
    char answer[6][FRAME_MAX];
    size_t answer_count;
};

static void send_text(void *socket, const char *text, int flags)
{
    assert_int_equal(zmq_send(socket, text, strlen(text), flags), (int)strlen(text));
}

static void ask(void *context, struct inquiry *q)
{
    void *socket = zmq_socket(context, ZMQ_REQ);
    int limit_ms = 5000, more = 1;
    size_t more_len = sizeof(more);
    assert_int_equal(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &limit_ms, sizeof(limit_ms)), 0);
    assert_int_equal(zmq_connect(socket, "inproc://zeromq.zap.01"), 0);
    send_text(socket, q->version, ZMQ_SNDMORE);
    send_text(socket, "42", ZMQ_SNDMORE);
    send_text(socket, q->domain, ZMQ_SNDMORE);
    send_text(socket, "127.0.0.1", ZMQ_SNDMORE);
    send_text(socket, "", ZMQ_SNDMORE);
    send_text(socket, q->mechanism, ZMQ_SNDMORE);
    for (int i = 0; i < q->extra_frames; i++) {
        send_text(socket, "more", ZMQ_SNDMORE);
    }
    assert_int_equal(zmq_send(socket, q->key, q->key_len, 0), (int)q->key_len);
    q->answer_count = 0;
    while (more && q->answer_count < ARRAY_LEN(q->answer)) {
        char *frame = q->answer[q->answer_count++];
        int len = zmq_recv(socket, frame, FRAME_MAX - 1, 0);
        assert_true(len >= 0);
        frame[len] = '\0';
        assert_int_equal(zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_len), 0);
    }
    assert_int_equal(zmq_close(socket), 0);
}

static void only_known_keys_with_the_right_for_the_domain_get_in(void **state)
{
    struct err err = ERR_NONE;
    void *context = bus_profile_context(&err);
    struct principal_table *table = principal_table_new();
    struct principal known[] = {
        {.id = 1, .rights = RIGHT_RECORDS},
        {.id = 2, .rights = RIGHT_EVENTS },
    };
    uint8_t stranger[PRINCIPAL_KEY_LEN];
    memset(known[0].key, 'a', sizeof(known[0].key));
    memset(known[1].key, 'b', sizeof(known[1].key));
    memset(stranger, 'c', sizeof(stranger));
    principal_table_replace(table, known, 2);
    struct zap *z = zap_start(context, table, &err);
    assert_non_null(z);

    const struct {
        const char *name;
        struct inquiry inquiry;
        const char *want_status;
    } cases[] = {
        {"a known key",                             {"1.0", "requests", "CURVE", known[0].key, 32, 0}, "200"},
        {"a known key without the right to events",
         {"1.0", "events", "CURVE", known[0].key, 32, 0},
         "400"                                                                                              },
        {"a known key with the right to events",
         {"1.0", "events", "CURVE", known[1].key, 32, 0},
         "200"                                                                                              },
        {"an unknown key",                          {"1.0", "requests", "CURVE", stranger, 32, 0},     "400"},
        {"a key that is cut short",                 {"1.0", "requests", "CURVE", known[0].key, 31, 0}, "400"},
        {"no key at all",                           {"1.0", "requests", "CURVE", "", 0, 0},            "400"},
        {"another mechanism",                       {"1.0", "requests", "PLAIN", known[0].key, 32, 0}, "400"},
        {"another version",                         {"2.0", "requests", "CURVE", known[0].key, 32, 0}, "400"},
        {"more frames than there are",              {"1.0", "requests", "CURVE", known[0].key, 32, 3}, "400"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct inquiry q = cases[i].inquiry;
        char want_user[2 * PRINCIPAL_KEY_LEN + 1] = "";
        ask(context, &q);
        assert_int_equal(q.answer_count, 6);
        assert_string_equal(q.answer[0], "1.0");
        assert_string_equal(q.answer[1], "42");
        assert_string_equal(q.answer[2], cases[i].want_status);
        if (strcmp(cases[i].want_status, "200") == 0) {
            bytes_to_hex((struct bytes){q.key, q.key_len}, want_user);
        }
        assert_string_equal(q.answer[4], want_user);
        assert_string_equal(q.answer[5], "");
    }
    assert_int_equal(zap_counters(z).accepted, 2);
    assert_int_equal(zap_counters(z).refused, 7);
    zap_stop(z);
    zap_stop(NULL);
    principal_table_free(table);
}

static void the_self_test_passes_quickly_and_counts_nothing(void **state)
{
    struct err err = ERR_NONE;
    void *context = bus_profile_context(&err);
    struct principal_table *table = principal_table_new();
    struct zap *z = zap_start(context, table, &err);
    int64_t begin_us = instant_monotonic_us();
    assert_int_equal(zap_self_test(context, &err), 0);
    assert_true(instant_monotonic_us() - begin_us < 1000000);
    assert_int_equal(zap_counters(z).refused, 0);
    zap_stop(z);
    principal_table_free(table);
}

/* Lets everybody in: what the self-test is there to find. */
static void *run_generous_handler(void *socket)
{
    char frames[7][FRAME_MAX];
    size_t id_len = 0;
    for (size_t i = 0; i < 7; i++) {
        int len = zmq_recv(socket, frames[i], FRAME_MAX, 0);
        id_len = i == 1 && len > 0 ? (size_t)len : id_len;
    }
    send_text(socket, "1.0", ZMQ_SNDMORE);
    assert_int_equal(zmq_send(socket, frames[1], id_len, ZMQ_SNDMORE), (int)id_len);
    send_text(socket, "200", ZMQ_SNDMORE);
    send_text(socket, "OK", ZMQ_SNDMORE);
    send_text(socket, "anybody", ZMQ_SNDMORE);
    send_text(socket, "", 0);
    return NULL;
}

static void the_self_test_finds_a_handler_that_lets_everybody_in(void **state)
{
    struct err err = ERR_NONE;
    void *context = bus_profile_context(&err);
    void *socket = zmq_socket(context, ZMQ_REP);
    assert_int_equal(zmq_bind(socket, "inproc://zeromq.zap.01"), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_generous_handler, socket), 0);
    assert_int_equal(zap_self_test(context, &err), -1);
    assert_string_equal(err.code, "zap_self_test_failed");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(zmq_close(socket), 0);
}

static void the_self_test_fails_when_nobody_answers(void **state)
{
    struct err err = ERR_NONE;
    void *context = bus_profile_context(&err);
    assert_int_equal(zap_self_test(context, &err), -1);
    assert_string_equal(err.code, "zap_self_test_failed");
}

static void a_second_handler_in_one_context_is_refused(void **state)
{
    struct err err = ERR_NONE;
    void *context = bus_profile_context(&err);
    struct principal_table *table = principal_table_new();
    struct zap *z = zap_start(context, table, &err);
    assert_null(zap_start(context, table, &err));
    assert_string_equal(err.code, "zap_failed");
    zap_stop(z);
    principal_table_free(table);
}

/* The thread cannot go on: its context is taken away. In a process of its own, for that must end.
 */
static void a_handler_that_fails_takes_the_process_along(void **state)
{
    pid_t child = fork();
    if (child == 0) {
        struct err err = ERR_NONE;
        void *context = bus_profile_context(&err);
        struct principal_table *table = principal_table_new();
        if (!zap_start(context, table, &err) || zmq_ctx_shutdown(context) < 0) {
            _exit(2);
        }
        for (;;) {
            (void)pause();
        }
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
}

static void a_handler_that_turns_is_alive(void **state)
{
    struct err err = ERR_NONE;
    void *context = bus_profile_context(&err);
    struct principal_table *table = principal_table_new();
    struct zap *z = zap_start(context, table, &err);
    int questions = 0;
    /* Asked much faster than it turns, it seems dead; asked slowly it never does. */
    while (zap_is_alive(z)) {
        assert_true(questions++ < 1000000);
    }
    struct inquiry q = {"1.0", "requests", "CURVE", "", 0, 0};
    ask(context, &q); /* it turns for every question */
    assert_true(zap_is_alive(z));
    zap_stop(z);
    principal_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_known_keys_with_the_right_for_the_domain_get_in),
        cmocka_unit_test(the_self_test_passes_quickly_and_counts_nothing),
        cmocka_unit_test(the_self_test_finds_a_handler_that_lets_everybody_in),
        cmocka_unit_test(the_self_test_fails_when_nobody_answers),
        cmocka_unit_test(a_handler_that_fails_takes_the_process_along),
        cmocka_unit_test(a_handler_that_turns_is_alive),
        cmocka_unit_test(a_second_handler_in_one_context_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
