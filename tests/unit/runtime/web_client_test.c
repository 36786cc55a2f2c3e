/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP against a server in the same loop; mail is tested with a real mail server in tests/system.
 */
#include "common/runtime/web_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/runtime/http.h"
#include "tests/support/temp_folder.h"
#include "tests/support/turn_until.h"

enum {
    LARGE = 70000
};

struct fixture {
    struct temp_folder folder;
    struct loop *loop;
    struct http *http;
    struct web_client *client;
    char root[128]; /* "http://127.0.0.1:port" */
    int requests;
    /* of the answer */
    bool is_done, frees_client;
    int status;
    bool is_certain;
    int64_t retry_after_s;
    char code[40];
    struct text body;
};

/* ---- the other side */

static void echo(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct fixture *f = ctx;
    const char *id = http_header(request, "webhook-id");
    f->requests++;
    text_appendf(&r->body, "%s %s %s ", request->method, id ? id : "-",
                 http_header(request, "Expect") ? "expect" : "");
    text_append_len(&r->body, (const char *)request->body.data, request->body.len);
}

static void busy(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct fixture *f = ctx;
    (void)request;
    f->requests++;
    r->status = 503;
    r->retry_after_s = 7;
}

static void large(void *ctx, const struct http_request *request, struct http_response *r)
{
    (void)ctx;
    (void)request;
    for (int i = 0; i < LARGE; i++) {
        text_append(&r->body, "x");
    }
}

/* Takes each connection, and its request, and hangs up or keeps quiet. */
struct rude {
    struct fixture *fixture;
    int listener, peer;
    bool keeps_quiet;
    struct loop_watch *watch, *peer_watch;
    int connections;
    char root[64];
};

static void on_rude_request(void *ctx, int events)
{
    struct rude *r = ctx;
    char request[4096];
    (void)events;
    (void)recv(r->peer, request, sizeof(request), 0);
    loop_unwatch(r->peer_watch);
    r->peer_watch = NULL;
    if (!r->keeps_quiet) {
        (void)close(r->peer);
        r->peer = -1;
    }
}

static void on_rude_connection(void *ctx, int events)
{
    struct rude *r = ctx;
    (void)events;
    r->connections++;
    r->peer = accept(r->listener, NULL, NULL);
    r->peer_watch = loop_watch_fd(r->fixture->loop, r->peer, LOOP_READ, on_rude_request, r);
}

static struct rude rude_open(struct fixture *f, bool keeps_quiet)
{
    struct rude r = {.fixture = f, .peer = -1, .keeps_quiet = keeps_quiet};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    r.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(r.listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(r.listener, 8), 0);
    assert_int_equal(getsockname(r.listener, (struct sockaddr *)&address, &len), 0);
    (void)text_format(r.root, sizeof(r.root), "http://127.0.0.1:%d", ntohs(address.sin_port));
    return r;
}

static void rude_close(struct rude *r)
{
    loop_unwatch(r->watch);
    loop_unwatch(r->peer_watch);
    (void)close(r->listener);
    if (r->peer >= 0) {
        (void)close(r->peer);
    }
}

/* ---- us */

static void on_done(void *ctx, const struct web_answer *answer)
{
    struct fixture *f = ctx;
    f->is_done = true;
    f->status = answer->status;
    f->is_certain = answer->is_certain;
    f->retry_after_s = answer->retry_after_s;
    (void)text_copy(f->code, sizeof(f->code), answer->err.code);
    text_clear(&f->body);
    text_append_len(&f->body, (const char *)answer->body.data, answer->body.len);
    if (f->frees_client) {
        web_client_free(f->client);
        f->client = NULL;
    }
}

static bool is_done(void *ctx)
{
    return ((struct fixture *)ctx)->is_done;
}

static void ask(struct fixture *f, const char *method, const char *root, const char *path,
                int64_t timeout_us)
{
    static const char *const headers[] = {"webhook-id: F-1-2/1", NULL};
    char url[256];
    (void)text_format(url, sizeof(url), "%s%s", root, path);
    const struct web_request request = {
        .method = method,
        .url = url,
        .headers = headers,
        .body = bytes_of_text("hello"),
        .timeout_us = timeout_us,
    };
    f->is_done = false;
    (void)web_client_send(f->client, &request, on_done, f);
    assert_true(turn_until(f->loop, is_done, f));
}

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = ERR_NONE;
    f->folder = temp_folder_new();
    f->loop = loop_new();
    f->http = http_start(f->loop, "127.0.0.1:0", &err);
    assert_non_null(f->http);
    http_route(f->http, "GET", "/echo", echo, f);
    http_route(f->http, "POST", "/echo", echo, f);
    http_route(f->http, "POST", "/busy", busy, f);
    http_route(f->http, "GET", "/large", large, f);
    f->client = web_client_new(f->loop, &(struct web_client_options){.proxy = NULL}, &err);
    assert_non_null(f->client);
    (void)text_format(f->root, sizeof(f->root), "http://%s", http_endpoint(f->http));
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    web_client_free(f->client);
    http_stop(f->http);
    loop_free(f->loop);
    temp_folder_remove(&f->folder);
    text_free(&f->body);
    free(f);
    return 0;
}

/* ---- cases */

static void a_post_brings_headers_and_body_and_gets_an_answer(void **state)
{
    struct fixture *f = *state;
    ask(f, "POST", f->root, "/echo", 0);
    assert_int_equal(f->status, 200);
    assert_string_equal(f->code, "");
    assert_string_equal(f->body.data, "POST F-1-2/1  hello");
    ask(f, "GET", f->root, "/echo", 0);
    assert_string_equal(f->body.data, "GET F-1-2/1  ");
    assert_int_equal(web_client_busy_count(f->client), 0);
}

static void a_proxy_of_the_environment_is_not_asked(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:9", 1), 0);
    ask(f, "POST", f->root, "/echo", 0);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(f->status, 200);
}

static void a_refusal_comes_with_its_status_and_when_to_come_again(void **state)
{
    struct fixture *f = *state;
    ask(f, "POST", f->root, "/busy", 0);
    assert_int_equal(f->status, 503);
    assert_int_equal(f->retry_after_s, 7);
    assert_false(f->is_certain);
    assert_string_equal(f->code, "web_status");
}

static void what_nobody_takes_is_certainly_not_taken(void **state)
{
    struct fixture *f = *state;
    ask(f, "POST", "http://127.0.0.1:1", "/", 0);
    assert_int_equal(f->status, 0);
    assert_true(f->is_certain);
    assert_string_equal(f->code, "web_unreachable");
    ask(f, "POST", "http://no-such-host.invalid", "/", 0);
    assert_true(f->is_certain);
    assert_string_equal(f->code, "web_unreachable");
}

static void who_hangs_up_may_have_taken_it_and_is_not_asked_twice(void **state)
{
    struct fixture *f = *state;
    struct rude r = rude_open(f, false);
    r.watch = loop_watch_fd(f->loop, r.listener, LOOP_READ, on_rude_connection, &r);
    ask(f, "POST", r.root, "/", 0);
    assert_int_equal(f->status, 0);
    assert_false(f->is_certain);
    assert_string_equal(f->code, "web_failed");
    assert_int_equal(r.connections, 1);
    rude_close(&r);
}

static void who_keeps_quiet_is_not_waited_for_longer_than_allowed(void **state)
{
    struct fixture *f = *state;
    struct rude r = rude_open(f, true);
    r.watch = loop_watch_fd(f->loop, r.listener, LOOP_READ, on_rude_connection, &r);
    ask(f, "POST", r.root, "/", 100 * DURATION_MS);
    assert_false(f->is_certain);
    assert_string_equal(f->code, "web_timeout");
    rude_close(&r);
}

static void an_answer_that_is_too_large_is_cut_off(void **state)
{
    struct fixture *f = *state;
    ask(f, "GET", f->root, "/large", 0);
    assert_string_equal(f->code, "web_too_large");
    assert_true(f->body.len < LARGE);
}

static void a_cancelled_call_says_nothing(void **state)
{
    struct fixture *f = *state;
    char url[256];
    (void)text_format(url, sizeof(url), "%s/echo", f->root);
    struct web_call *call =
        web_client_send(f->client, &(struct web_request){.method = "GET", .url = url}, on_done, f);
    web_call_cancel(call);
    for (int i = 0; i < 20; i++) {
        loop_turn(f->loop, DURATION_MS);
    }
    assert_false(f->is_done);
    assert_int_equal(web_client_busy_count(f->client), 0);
}

static void the_client_may_be_freed_while_it_tells(void **state)
{
    struct fixture *f = *state;
    f->frees_client = true;
    ask(f, "POST", f->root, "/echo", 0);
    assert_null(f->client);
    for (int i = 0; i < 5; i++) {
        loop_turn(f->loop, DURATION_MS);
    }
}

static void urls_and_addresses_are_looked_at_before_they_are_used(void **state)
{
    static const struct {
        const char *text;
        bool is_url, is_address;
    } cases[] = {
        {"https://example.com/hook",       true,  false},
        {"http://127.0.0.1:8080",          true,  false},
        {"ftp://example.com/",             false, false},
        {"file:///etc/passwd",             false, false},
        {"https://user@example.com/",      false, false},
        {"https://example.com/#part",      false, false},
        {"example.com",                    false, false},
        {"",                               false, false},
        {NULL,                             false, false},
        {"team@example.com",               false, true },
        {"a.b+c@x",                        false, true },
        {"@example.com",                   false, false},
        {"team@",                          false, false},
        {"a@b@c",                          false, false},
        {"a b@example.com",                false, false},
        {"a@example.com\r\nRCPT TO:<b@c>", false, false},
        {"<a@example.com>",                false, false},
        {"\xc3\xa9@example.com",           false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(web_url_is_valid(cases[i].text), cases[i].is_url);
        assert_int_equal(web_address_is_valid(cases[i].text), cases[i].is_address);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_post_brings_headers_and_body_and_gets_an_answer),
        CASE(a_proxy_of_the_environment_is_not_asked),
        CASE(a_refusal_comes_with_its_status_and_when_to_come_again),
        CASE(what_nobody_takes_is_certainly_not_taken),
        CASE(who_hangs_up_may_have_taken_it_and_is_not_asked_twice),
        CASE(who_keeps_quiet_is_not_waited_for_longer_than_allowed),
        CASE(an_answer_that_is_too_large_is_cut_off),
        CASE(a_cancelled_call_says_nothing),
        CASE(the_client_may_be_freed_while_it_tells),
        cmocka_unit_test(urls_and_addresses_are_looked_at_before_they_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
