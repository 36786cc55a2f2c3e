/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for their answer, and peers that keep us waiting. */
#include "common/runtime/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/http_client.h"
#include "tests/support/turn_until.h"

enum {
    WAITING_MAX = 4,
    DRIP_MAX = 2000, /* fewer bytes than a head may have */
    MUCH_BYTES = 16 * 1024 * 1024,
};

struct fixture {
    struct loop *loop;
    struct http *http;
    int calls;
    struct http_exchange *waiting[WAITING_MAX];
    size_t waiting_count;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->loop = loop_new();
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    http_stop(f->http);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void echo(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct fixture *f = ctx;
    f->calls++;
    text_appendf(&r->body, "%s %s ", request->method, request->path);
}

static void say_much(void *ctx, const struct http_request *request, struct http_response *r)
{
    (void)ctx;
    (void)request;
    while (r->body.len < MUCH_BYTES) {
        text_append(&r->body, "more than what sockets hold for a peer who does not read it\n");
    }
}

static void converse(struct fixture *f, const char *endpoint, struct http_client *c,
                     const char *request)
{
    *c = http_client_open(endpoint);
    text_append(&c->out, request);
    assert_true(turn_until(f->loop, http_client_is_over, c));
}

#define CLOSE "Host: x\r\nConnection: close\r\n"

/* ---- answers that come later */

static bool admit(void *ctx, const struct http_request *request, struct http_response *r)
{
    const char *name = http_header(request, "X-Name");
    assert_int_equal(request->body.len, 0);
    assert_null(http_header(request, "X-Other"));
    (void)ctx;
    if (name && strcmp(name, "known") == 0) {
        return true;
    }
    r->status = 401;
    r->authenticate = "Bearer";
    r->retry_after_s = 7;
    text_append(&r->body, "who?");
    return false;
}

static void keep(void *ctx, const struct http_request *request, struct http_exchange *exchange)
{
    struct fixture *f = ctx;
    f->calls++;
    if (request->body.len == 4 && memcmp(request->body.data, "\"now", 4) == 0) {
        struct http_response r = {.status = 200};
        text_append(&r.body, "at once");
        http_answer(exchange, &r);
        return;
    }
    assert_true(f->waiting_count < WAITING_MAX);
    f->waiting[f->waiting_count++] = exchange;
}

static void open_slow_door(struct fixture *f, size_t connections_max, int64_t request_us)
{
    const struct http_options options = {
        .endpoint = "127.0.0.1:0",
        .connections_max = connections_max,
        .connection_memory = 16384,
        .bodies_max = 1 << 21,
        .idle_us = 10000000,
        .request_us = request_us,
        .has_json_errors = true,
    };
    struct err err = ERR_NONE;
    f->http = http_start_with(f->loop, &options, &err);
    assert_non_null(f->http);
    http_route_later(f->http, &(struct http_later_route){.method = "POST",
                                                         .path = "/later",
                                                         .content_type = "application/json",
                                                         .admit = admit,
                                                         .handler = keep,
                                                         .ctx = f});
    http_route(f->http, "GET", "/echo", echo, f);
    http_route(f->http, "GET", "/much", say_much, f);
}

#define LEN(number) "Content-Length: " number "\r\n\r\n"
#define JSON_TYPE   "Content-Type: application/json\r\n"
#define KNOWN       "POST /later HTTP/1.1\r\nX-Name: known\r\n"
#define POST_LATER  KNOWN "Host: x\r\n" JSON_TYPE
#define LATER       POST_LATER LEN("2") "{}"

static bool has_waiting(void *ctx)
{
    const struct fixture *f = ctx;
    return f->waiting_count > 0;
}

static struct http_client send_to_wait(struct fixture *f, const char *request)
{
    struct http_client c = http_client_open(http_endpoint(f->http));
    f->waiting_count = 0;
    assert_int_equal(send(c.fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    assert_true(turn_until(f->loop, has_waiting, f));
    return c;
}

static void say(struct http_exchange *exchange, const char *text)
{
    struct http_response r = {.status = 200};
    text_append(&r.body, text);
    http_answer(exchange, &r);
    assert_null(r.body.data);
}

static bool has_done(void *ctx)
{
    struct http_client *c = ctx;
    return http_client_is_over(c) || strstr(text_or_empty(&c->in), "done");
}

static void a_request_may_wait_while_others_are_served(void **state)
{
    struct fixture *f = *state;
    open_slow_door(f, 100, 30000000);
    struct http_client slow = send_to_wait(f, LATER);
    struct http_client quick;
    assert_int_equal(http_busy_count(f->http), 1);
    converse(f, http_endpoint(f->http), &quick, "GET /echo HTTP/1.1\r\n" CLOSE "\r\n");
    assert_true(http_client_has_status(&quick, 200));
    http_client_close(&quick);
    say(f->waiting[0], "done");
    assert_true(turn_until(f->loop, has_done, &slow));
    assert_true(http_client_has_status(&slow, 200));
    assert_int_equal(http_busy_count(f->http), 0);
    /* The connection goes on. */
    text_clear(&slow.in);
    f->waiting_count = 0;
    assert_int_equal(send(slow.fd, LATER, strlen(LATER), MSG_NOSIGNAL), strlen(LATER));
    assert_true(turn_until(f->loop, has_waiting, f));
    say(f->waiting[0], "done");
    assert_true(turn_until(f->loop, has_done, &slow));
    http_client_close(&slow);
}

static void a_request_may_be_answered_in_its_handler(void **state)
{
    struct fixture *f = *state;
    struct http_client c;
    open_slow_door(f, 100, 30000000);
    converse(f, http_endpoint(f->http), &c,
             POST_LATER "Connection: close\r\nContent-Length: 4\r\n\r\n\"now");
    assert_true(http_client_has_status(&c, 200));
    assert_non_null(strstr(c.in.data, "at once"));
    http_client_close(&c);
}

static bool is_quiet(void *ctx)
{
    const struct fixture *f = ctx;
    return http_busy_count(f->http) == 0;
}

static void who_hangs_up_while_it_waits_is_forgotten_with_its_answer(void **state)
{
    struct fixture *f = *state;
    open_slow_door(f, 100, 30000000);
    struct http_client c = send_to_wait(f, LATER);
    http_client_close(&c);
    loop_turn(f->loop, 10000);
    say(f->waiting[0], "nobody hears it");
    assert_true(turn_until(f->loop, is_quiet, f));
}

static void a_door_closes_with_requests_that_wait(void **state)
{
    struct fixture *f = *state;
    open_slow_door(f, 100, 30000000);
    struct http_client c = send_to_wait(f, LATER);
    http_stop(f->http);
    f->http = NULL;
    (void)turn_until(f->loop, http_client_is_over, &c);
    assert_int_equal(c.in.len, 0);
    http_client_close(&c);
}

static void what_is_wrong_with_a_request_is_said_by_its_head_alone(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *request;
        int want_status;
        const char *want;
    } cases[] = {
        {"nobody",              "POST /later HTTP/1.1\r\n" CLOSE LEN("5") "hello",                401,
         "WWW-Authenticate: Bearer\r\n"                                                                                                    },
        {"who waits for leave",
         "POST /later HTTP/1.1\r\n" CLOSE "Expect: 100-continue\r\n" LEN("5"),                    401,
         "Retry-After: 7\r\n"                                                                                                              },
        {"no length",           KNOWN JSON_TYPE CLOSE "\r\n",                                     411, "{\"code\":\"length_missing\""      },
        {"no type",             KNOWN CLOSE LEN("2") "{}",                                        415, "{\"code\":\"content_type_invalid\""},
        {"another type",        KNOWN "Content-Type: application/jsonx\r\n" CLOSE LEN("2") "{}",  415,
         "{\"code\":\"content_type_invalid\""                                                                                              },
        {"compressed",          KNOWN JSON_TYPE "Content-Encoding: gzip\r\n" CLOSE LEN("2") "{}", 415,
         "{\"code\":\"content_type_invalid\""                                                                                              },
        {"far too much",        KNOWN JSON_TYPE CLOSE LEN("100000000") "{}",                      413,
         "{\"code\":\"request_too_large\""                                                                                                 },
        {"another path",        "POST /x HTTP/1.1\r\n" CLOSE LEN("2") "{}",                       404,
         "{\"code\":\"path_unknown\""                                                                                                      },
        {"another method",      "GET /later HTTP/1.1\r\n" CLOSE "\r\n",                           405,
         "{\"code\":\"method_invalid\""                                                                                                    },
    };
    open_slow_door(f, 100, 30000000);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_client c;
        converse(f, http_endpoint(f->http), &c, cases[i].request);
        assert_true(http_client_has_status(&c, cases[i].want_status));
        assert_non_null(strstr(text_or_empty(&c.in), cases[i].want));
        http_client_close(&c);
    }
    assert_int_equal(f->calls, 0);
}

static void after_a_refused_body_the_connection_goes_on(void **state)
{
    struct fixture *f = *state;
    struct http_client c;
    struct text request = {0};
    open_slow_door(f, 100, 30000000);
    text_append(&request, "POST /later HTTP/1.1\r\nHost: x\r\n" LEN("1500000"));
    for (int i = 0; i < 1500000 / 10; i++) {
        text_append(&request, "0123456789");
    }
    text_append(&request, "GET /echo HTTP/1.1\r\n" CLOSE "\r\n");
    converse(f, http_endpoint(f->http), &c, request.data);
    assert_true(http_client_has_status(&c, 401));
    assert_non_null(strstr(c.in.data, "GET /echo"));
    http_client_close(&c);
    text_free(&request);
}

static void a_refused_body_is_not_read_for_ever(void **state)
{
    struct fixture *f = *state;
    open_slow_door(f, 100, 30000000);
    struct http_client c = http_client_open(http_endpoint(f->http));
    text_append(&c.out, "POST /later HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 600; i++) {
        text_append(&c.out, "2710\r\n"); /* 10,000 bytes */
        for (int k = 0; k < 1000; k++) {
            text_append(&c.out, "0123456789");
        }
        text_append(&c.out, "\r\n");
    }
    assert_true(turn_until(f->loop, http_client_is_over, &c));
    http_client_close(&c);
}

/* ---- peers that keep us waiting */

struct drip {
    struct http_client client;
    int64_t bytes;
};

static bool is_drip_over(void *ctx)
{
    struct drip *d = ctx;
    const bool is_begun = d->client.sent == d->client.out.len;
    if (is_begun && d->bytes < DRIP_MAX &&
        send(d->client.fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        d->bytes++;
    }
    return http_client_is_over(&d->client);
}

static void a_request_that_comes_byte_by_byte_is_not_waited_for_for_ever(void **state)
{
    struct fixture *f = *state;
    static const char *const starts[] = {
        "", "POST /later HTTP/1.1\r\nX-A: ", POST_LATER "Content-Length: 1000000\r\n\r\n"};
    open_slow_door(f, 100, 50000);
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct drip d = {.client = http_client_open(http_endpoint(f->http))};
        text_append(&d.client.out, starts[i]);
        assert_true(turn_until(f->loop, is_drip_over, &d));
        http_client_close(&d.client);
    }
    assert_int_equal(f->calls, 0);
    assert_int_equal(http_counters(f->http)->late, ARRAY_LEN(starts));
}

static void a_request_that_is_worked_on_is_not_late(void **state)
{
    struct fixture *f = *state;
    open_slow_door(f, 100, 20000);
    struct http_client c = send_to_wait(f, LATER);
    for (int i = 0; i < 5; i++) {
        loop_turn(f->loop, 10000);
    }
    say(f->waiting[0], "done");
    assert_true(turn_until(f->loop, has_done, &c));
    assert_true(http_client_has_status(&c, 200));
    http_client_close(&c);
}

static void for_a_new_connection_the_longest_silent_one_is_closed(void **state)
{
    struct fixture *f = *state;
    struct http_client idle[12];
    struct http_client c;
    open_slow_door(f, 4, 30000000);
    struct http_client waiting = send_to_wait(f, LATER);
    for (size_t i = 0; i < ARRAY_LEN(idle); i++) {
        idle[i] = http_client_open(http_endpoint(f->http));
        loop_turn(f->loop, 1000);
    }
    converse(f, http_endpoint(f->http), &c, "GET /echo HTTP/1.1\r\n" CLOSE "\r\n");
    assert_true(http_client_has_status(&c, 200));
    http_client_close(&c);
    assert_true(turn_until(f->loop, http_client_is_over, &idle[0]));
    say(f->waiting[0], "done"); /* it was the oldest of all, but it is not silent */
    assert_true(turn_until(f->loop, has_done, &waiting));
    assert_true(http_client_has_status(&waiting, 200));
    http_client_close(&waiting);
    for (size_t i = 0; i < ARRAY_LEN(idle); i++) {
        http_client_close(&idle[i]);
    }
}

static bool has_sent_all(void *ctx)
{
    struct http_client *c = ctx;
    return http_client_is_over(c) || c->sent == c->out.len;
}

static void all_bodies_together_have_a_limit(void **state)
{
    struct fixture *f = *state;
    struct http_client c[3];
    char *body = malloc(1000000);
    memset(body, ' ', 1000000);
    open_slow_door(f, 100, 30000000);
    for (size_t i = 0; i < ARRAY_LEN(c); i++) {
        c[i] = http_client_open(http_endpoint(f->http));
        text_append(&c[i].out, POST_LATER "Connection: close\r\nContent-Length: 1000000\r\n\r\n");
        text_append_len(&c[i].out, body, 999999);
    }
    for (size_t i = 0; i < ARRAY_LEN(c); i++) {
        assert_true(turn_until(f->loop, has_sent_all, &c[i]));
        for (int k = 0; k < 100; k++) {
            loop_turn(f->loop, 0);
        }
    }
    text_append(&c[2].out, " ");
    assert_true(turn_until(f->loop, http_client_is_over, &c[2]));
    assert_true(http_client_has_status(&c[2], 503));
    assert_non_null(strstr(c[2].in.data, "Retry-After: 1\r\n"));
    for (size_t i = 0; i < ARRAY_LEN(c); i++) {
        http_client_close(&c[i]);
    }
    free(body);
}

static bool has_late(void *ctx)
{
    const struct fixture *f = ctx;
    return http_counters(f->http)->late > 0;
}

static void an_answer_that_is_not_read_is_not_kept_for_ever(void **state)
{
    static const char request[] = "GET /much HTTP/1.1\r\nHost: x\r\n\r\n";
    struct fixture *f = *state;
    open_slow_door(f, 100, 50000);
    struct http_client c = http_client_open(http_endpoint(f->http));
    assert_int_equal(send(c.fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    assert_true(turn_until(f->loop, has_late, f));
    assert_true(turn_until(f->loop, is_quiet, f));
    http_client_close(&c);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_request_may_wait_while_others_are_served),
        WITH_FIXTURE(a_request_may_be_answered_in_its_handler),
        WITH_FIXTURE(who_hangs_up_while_it_waits_is_forgotten_with_its_answer),
        WITH_FIXTURE(a_door_closes_with_requests_that_wait),
        WITH_FIXTURE(what_is_wrong_with_a_request_is_said_by_its_head_alone),
        WITH_FIXTURE(after_a_refused_body_the_connection_goes_on),
        WITH_FIXTURE(a_refused_body_is_not_read_for_ever),
        WITH_FIXTURE(a_request_that_comes_byte_by_byte_is_not_waited_for_for_ever),
        WITH_FIXTURE(a_request_that_is_worked_on_is_not_late),
        WITH_FIXTURE(for_a_new_connection_the_longest_silent_one_is_closed),
        WITH_FIXTURE(all_bodies_together_have_a_limit),
        WITH_FIXTURE(an_answer_that_is_not_read_is_not_kept_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
