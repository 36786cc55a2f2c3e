/* SPDX-License-Identifier: Apache-2.0 */
/* Real sockets: a service that answers score requests, or leaves them, in one loop with its client.
 */
#include "common/runtime/request_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "score.pb-c.h"
#include "tests/support/temp_folder.h"
#include "tests/support/turn_until.h"

enum {
    OPEN_MAX = 3
};

struct fixture {
    struct temp_folder folder;
    char endpoint[TEMP_PATH_SIZE];
    char key_file[TEMP_PATH_SIZE];
    struct loop *loop;
    struct principal_table *principals;
    struct bus_keys server_keys, client_keys;
    struct bus *server_bus, *client_bus;
    struct bus_socket *router;
    struct request_client *client;
    struct arena *arena;
    int requests; /* that arrived */
    int ignored;  /* so many of the first ones are not answered */
    const char *wrong_id;
    int answers, silences;
    char last_id[REQUEST_CLIENT_ID_SIZE];
    bool asks_again;
};

static bool ask(struct fixture *f, int64_t wait_us, int64_t resend_us);

static void on_request(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct fixture *f = ctx;
    struct err err = ERR_NONE;
    struct buffer b = {0};
    Troth__V1__ScoreReply reply = TROTH__V1__SCORE_REPLY__INIT;
    char id[REQUEST_CLIENT_ID_SIZE];
    const Troth__V1__ScoreRequest *r = (const Troth__V1__ScoreRequest *)message_unpack(
        &troth__v1__score_request__descriptor, m->body, f->arena, &err);
    assert_non_null(r);
    f->requests++;
    if (f->requests > f->ignored) {
        (void)text_copy(id, sizeof(id), f->wrong_id ? f->wrong_id : r->request_id);
        reply.request_id = id;
        message_pack(&reply.base, &b);
        (void)bus_reply(s, m->peer, (struct bytes){.data = b.data, .len = b.len});
        buffer_free(&b);
    }
    arena_reset(f->arena);
}

static const char *id_of(const ProtobufCMessage *m)
{
    return ((const Troth__V1__ScoreReply *)m)->request_id;
}

static void on_done(void *ctx, const ProtobufCMessage *reply)
{
    struct fixture *f = ctx;
    if (!reply) {
        f->silences++;
        return;
    }
    f->answers++;
    (void)text_copy(f->last_id, sizeof(f->last_id), id_of(reply));
    if (f->asks_again) {
        f->asks_again = false;
        assert_true(ask(f, 10 * DURATION_S, 0));
    }
}

static bool ask(struct fixture *f, int64_t wait_us, int64_t resend_us)
{
    char id[REQUEST_CLIENT_ID_SIZE];
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    request_client_make_id(id);
    request.request_id = id;
    return request_client_ask(f->client, &(struct request_question){.message = &request.base,
                                                                    .id = id,
                                                                    .wait_us = wait_us,
                                                                    .resend_us = resend_us,
                                                                    .done = on_done,
                                                                    .ctx = f});
}

static void open_server(struct fixture *f)
{
    struct err err = ERR_NONE;
    f->router = bus_bind_router(f->server_bus, f->endpoint, on_request, f, &err);
    assert_string_equal(err.text, "");
}

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = ERR_NONE;
    struct principal known = {.id = 7, .name = "reporting", .rights = RIGHT_SCORES};
    f->folder = temp_folder_new();
    f->arena = arena_new(65536);
    (void)temp_folder_name(&f->folder, "ipc://", "requests", f->endpoint);
    (void)temp_folder_name(&f->folder, "", "server.key", f->key_file);
    f->loop = loop_new();
    f->principals = principal_table_new();
    assert_int_equal(bus_keys_new(&f->server_keys, &err), 0);
    assert_int_equal(bus_keys_new(&f->client_keys, &err), 0);
    assert_int_equal(bus_keys_write(f->key_file, &f->server_keys, &err), 0);
    assert_int_equal(bus_key_decode(f->client_keys.public_key, known.key, NULL), 0);
    principal_table_replace(f->principals, &known, 1);
    f->server_bus = bus_new(f->loop, &f->server_keys, f->principals, &err);
    f->client_bus = bus_new(f->loop, &f->client_keys, NULL, &err);
    f->client = request_client_new(
        &(struct request_client_options){.loop = f->loop,
                                         .bus = f->client_bus,
                                         .service = "loyalty",
                                         .endpoints = f->endpoint,
                                         .server_key_file = f->key_file,
                                         .reply = &troth__v1__score_reply__descriptor,
                                         .id_of = id_of,
                                         .open_max = OPEN_MAX},
        &err);
    assert_string_equal(err.text, "");
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    request_client_free(f->client);
    bus_free(f->client_bus);
    bus_free(f->server_bus);
    principal_table_free(f->principals);
    loop_free(f->loop);
    arena_free(f->arena);
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

static bool has_ended(void *ctx)
{
    struct fixture *f = ctx;
    return f->answers + f->silences > 0 && request_client_open_count(f->client) == 0;
}

static void a_question_gets_its_answer_also_when_nobody_is_there_yet(void **state)
{
    struct fixture *f = *state;
    assert_true(ask(f, 20 * DURATION_S, 0));
    assert_int_equal(f->answers, 0);
    loop_turn(f->loop, 0);
    open_server(f);
    assert_true(turn_until(f->loop, has_ended, f));
    assert_int_equal(f->answers, 1);
    assert_int_equal(f->requests, 1);
}

static void done_may_ask_the_next_question(void **state)
{
    struct fixture *f = *state;
    f->asks_again = true;
    open_server(f);
    assert_true(ask(f, 20 * DURATION_S, 0));
    assert_true(turn_until(f->loop, has_ended, f));
    assert_int_equal(f->answers, 2);
}

static void a_lost_request_is_sent_again_under_the_same_id(void **state)
{
    struct fixture *f = *state;
    f->ignored = 2;
    open_server(f);
    assert_true(ask(f, 20 * DURATION_S, 30 * DURATION_MS));
    assert_true(turn_until(f->loop, has_ended, f));
    assert_int_equal(f->answers, 1);
    assert_true(f->requests >= 3);
}

static void who_may_not_be_asked_twice_is_asked_once_and_given_up(void **state)
{
    struct fixture *f = *state;
    f->ignored = 100;
    open_server(f);
    assert_true(ask(f, 300 * DURATION_MS, 0));
    assert_true(turn_until(f->loop, has_ended, f));
    assert_int_equal(f->silences, 1);
    assert_true(f->requests <= 1);
}

static void the_answer_to_another_question_is_none(void **state)
{
    struct fixture *f = *state;
    f->wrong_id = "somebody-else";
    open_server(f);
    assert_true(ask(f, 300 * DURATION_MS, 50 * DURATION_MS));
    assert_true(turn_until(f->loop, has_ended, f));
    assert_int_equal(f->answers, 0);
    assert_int_equal(f->silences, 1);
}

static void no_more_wait_than_may(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < OPEN_MAX; i++) {
        assert_true(ask(f, 20 * DURATION_S, 0));
    }
    assert_false(ask(f, 20 * DURATION_S, 0));
    request_client_forget(f->client, NULL);
    assert_int_equal(request_client_open_count(f->client), OPEN_MAX);
    request_client_forget(f->client, f);
    assert_int_equal(request_client_open_count(f->client), 0);
    assert_true(ask(f, 20 * DURATION_S, 0));
    assert_int_equal(f->answers + f->silences, 0);
}

static void a_key_file_that_is_missing_is_told(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    assert_null(request_client_new(
        &(struct request_client_options){.loop = f->loop,
                                         .bus = f->client_bus,
                                         .service = "loyalty",
                                         .endpoints = f->endpoint,
                                         .server_key_file = "/nowhere/x.pub",
                                         .reply = &troth__v1__score_reply__descriptor,
                                         .id_of = id_of,
                                         .open_max = 1},
        &err));
    assert_true(err.code[0] != '\0');
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        CASE(a_question_gets_its_answer_also_when_nobody_is_there_yet),
        CASE(done_may_ask_the_next_question),
        CASE(a_lost_request_is_sent_again_under_the_same_id),
        CASE(who_may_not_be_asked_twice_is_asked_once_and_given_up),
        CASE(the_answer_to_another_question_is_none),
        CASE(no_more_wait_than_may),
        CASE(a_key_file_that_is_missing_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
