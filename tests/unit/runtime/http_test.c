/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that are answered at once; http_exchange_test.c has those that wait. */
#include "common/runtime/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/http_client.h"
#include "tests/support/temp_folder.h"
#include "tests/support/turn_until.h"

struct fixture {
    struct temp_folder folder;
    struct loop *loop;
    struct http *http;
    int calls;
};

static void echo(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct fixture *f = ctx;
    f->calls++;
    text_appendf(&r->body, "%s %s ", request->method, request->path);
    text_append_len(&r->body, (const char *)request->body.data, request->body.len);
}

static void report_length(void *ctx, const struct http_request *request, struct http_response *r)
{
    struct fixture *f = ctx;
    f->calls++;
    r->status = 202;
    r->content_type = "application/json";
    text_appendf(&r->body, "{\"len\": %zu}", request->body.len);
}

static void say_nothing(void *ctx, const struct http_request *request, struct http_response *r)
{
    (void)ctx;
    (void)request;
    r->status = 204;
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
    http_route(f->http, "POST", "/length", report_length, f);
    http_route(f->http, "GET", "/nothing", say_nothing, f);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    http_stop(f->http);
    loop_free(f->loop);
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

static void converse(struct fixture *f, const char *endpoint, struct http_client *c,
                     const char *request)
{
    *c = http_client_open(endpoint);
    text_append(&c->out, request);
    assert_true(turn_until(f->loop, http_client_is_over, c));
}

#define CLOSE "Host: x\r\nConnection: close\r\n"

static void requests_are_answered_by_method_and_path(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *request;
        int want_status;
        const char *want; /* part of the answer */
    } cases[] = {
        {"a route",                   "GET /echo HTTP/1.1\r\n" CLOSE "\r\n",                            200, "\r\n\r\nGET /echo "},
        {"the query is not the path", "GET /echo?a=b HTTP/1.1\r\n" CLOSE "\r\n",                        200,
         "\r\n\r\nGET /echo "                                                                                                    },
        {"a body",                    "POST /echo HTTP/1.1\r\n" CLOSE "Content-Length: 5\r\n\r\nhello", 200,
         "\r\n\r\nPOST /echo hello"                                                                                              },
        {"a body in chunks",
         "POST /echo HTTP/1.1\r\n" CLOSE
         "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",                          200, "POST /echo hello"  },
        {"an empty body",             "POST /length HTTP/1.1\r\n" CLOSE "Content-Length: 0\r\n\r\n",    202,
         "{\"len\": 0}"                                                                                                          },
        {"its own content type",      "POST /length HTTP/1.1\r\n" CLOSE "Content-Length: 0\r\n\r\n",    202,
         "Content-Type: application/json\r\n"                                                                                    },
        {"the usual content type",    "GET /echo HTTP/1.1\r\n" CLOSE "\r\n",                            200,
         "Content-Type: text/plain; charset=utf-8\r\n"                                                                           },
        {"no body at all",            "GET /nothing HTTP/1.1\r\n" CLOSE "\r\n",                         204, "\r\n\r\n"          },
        {"another path",              "GET /other HTTP/1.1\r\n" CLOSE "\r\n",                           404, "not found"         },
        {"a longer path",             "GET /echo/ HTTP/1.1\r\n" CLOSE "\r\n",                           404, "not found"         },
        {"another method",            "DELETE /length HTTP/1.1\r\n" CLOSE "\r\n",                       405, "Allow: POST\r\n"   },
        {"no HTTP",                   "hello\r\n\r\n",                                                  400, ""                  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_client c;
        converse(f, http_endpoint(f->http), &c, cases[i].request);
        if (cases[i].want_status != 400) {
            assert_true(http_client_has_status(&c, cases[i].want_status));
        }
        assert_non_null(strstr(text_or_empty(&c.in), cases[i].want));
        http_client_close(&c);
    }
}

static void head_is_get_without_the_body(void **state)
{
    struct fixture *f = *state;
    struct http_client c;
    converse(f, http_endpoint(f->http), &c, "HEAD /echo HTTP/1.1\r\n" CLOSE "\r\n");
    assert_true(http_client_has_status(&c, 200));
    assert_string_equal(strstr(c.in.data, "\r\n\r\n"), "\r\n\r\n");
    assert_int_equal(f->calls, 1);
    http_client_close(&c);
}

static void a_body_may_have_one_mebibyte_and_no_byte_more(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        size_t len;
        bool is_chunked;
        int want_status;
    } cases[] = {
        {"the longest",              1048576, false, 202},
        {"the longest, in chunks",   1048576, true,  202},
        {"one byte more",            1048577, false, 413},
        {"one byte more, in chunks", 1048577, true,  413},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_client c = http_client_open(http_endpoint(f->http));
        char *body = malloc(cases[i].len);
        memset(body, 'x', cases[i].len);
        text_append(&c.out, "POST /length HTTP/1.1\r\n" CLOSE);
        text_appendf(&c.out,
                     cases[i].is_chunked ? "Transfer-Encoding: chunked\r\n\r\n%zx\r\n"
                                         : "Content-Length: %zu\r\n\r\n",
                     cases[i].len);
        text_append_len(&c.out, body, cases[i].len);
        text_append(&c.out, cases[i].is_chunked ? "\r\n0\r\n\r\n" : "");
        assert_true(turn_until(f->loop, http_client_is_over, &c));
        assert_true(http_client_has_status(&c, cases[i].want_status));
        free(body);
        http_client_close(&c);
    }
    assert_int_equal(f->calls, 2);
}

static bool has_two_answers(void *ctx)
{
    struct http_client *c = ctx;
    (void)http_client_is_over(ctx);
    const char *first = strstr(text_or_empty(&c->in), "GET /echo ");
    return first && strstr(first + 1, "GET /echo ");
}

static void a_connection_serves_several_requests(void **state)
{
    struct fixture *f = *state;
    struct http_client c = http_client_open(http_endpoint(f->http));
    text_append(&c.out,
                "GET /echo HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(turn_until(f->loop, has_two_answers, &c));
    http_client_close(&c);
}

static void a_client_that_leaves_in_the_middle_harms_nobody(void **state)
{
    struct fixture *f = *state;
    struct http_client c = http_client_open(http_endpoint(f->http));
    assert_int_equal(send(c.fd, "POST /echo HTTP/1.1\r\nContent-Le", 31, MSG_NOSIGNAL), 31);
    loop_turn(f->loop, 10000);
    http_client_close(&c);
    converse(f, http_endpoint(f->http), &c, "GET /echo HTTP/1.1\r\n" CLOSE "\r\n");
    assert_true(http_client_has_status(&c, 200));
    http_client_close(&c);
}

static void a_unix_socket_serves_and_is_removed(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    char endpoint[TEMP_PATH_SIZE];
    struct http_client c;
    (void)temp_folder_name(&f->folder, "unix:", "http", endpoint);
    struct http *h = http_start(f->loop, endpoint, &err);
    assert_non_null(h);
    assert_string_equal(http_endpoint(h), endpoint);
    http_route(h, "GET", "/echo", echo, f);
    converse(f, endpoint, &c, "GET /echo HTTP/1.1\r\n" CLOSE "\r\n");
    assert_true(http_client_has_status(&c, 200));
    http_client_close(&c);
    assert_int_equal(access(endpoint + strlen("unix:"), F_OK), 0);
    http_stop(h);
    assert_int_equal(access(endpoint + strlen("unix:"), F_OK), -1);
    http_stop(NULL);
}

static void endpoints_that_cannot_be_served_say_why(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *endpoint, *want_code;
    } cases[] = {
        {"",                     "endpoint_invalid"},
        {"8080",                 "endpoint_invalid"},
        {":8080",                "endpoint_invalid"},
        {"127.0.0.1:",           "endpoint_invalid"},
        {"127.0.0.1:65536",      "endpoint_invalid"},
        {"127.0.0.1:http",       "endpoint_invalid"},
        {"unix:",                "endpoint_invalid"},
        {"unix:/nowhere/at/all", "bind_failed"     },
    };
    struct err err = ERR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_null(http_start(f->loop, cases[i].endpoint, &err));
        assert_string_equal(err.code, cases[i].want_code);
    }
    assert_null(http_start(f->loop, http_endpoint(f->http), &err)); /* taken */
    assert_string_equal(err.code, "bind_failed");
}

static void the_port_in_use_is_reported(void **state)
{
    struct fixture *f = *state;
    assert_ptr_equal(strstr(http_endpoint(f->http), "127.0.0.1:"), http_endpoint(f->http));
    assert_string_not_equal(http_endpoint(f->http), "127.0.0.1:0");
}

/* The number of the next descriptor. */
static rlim_t next_fd(void)
{
    int fd = dup(STDERR_FILENO);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    return (rlim_t)fd;
}

static bool is_without_descriptor(void *ctx)
{
    int fd = dup(STDERR_FILENO);
    if (fd >= 0) {
        (void)close(fd);
    }
    return fd < 0;
}

/* Strangers take what descriptors there are; when they have left, whoever waited is let in. */
static void descriptors_that_ran_out_are_no_reason_to_stop_listening(void **state)
{
    enum {
        STRANGERS = 8,
        ROOM = 3
    };
    struct fixture *f = *state;
    struct http_client strangers[STRANGERS];
    struct http_client late = http_client_open(http_endpoint(f->http));
    struct rlimit usual, tight;
    http_client_close(&late);
    for (size_t i = 0; i < STRANGERS; i++) {
        strangers[i] = http_client_open(http_endpoint(f->http));
    }
    late = http_client_open(http_endpoint(f->http));
    text_append(&late.out, "GET /echo HTTP/1.1\r\n" CLOSE "\r\n");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    tight = usual;
    tight.rlim_cur = next_fd() + ROOM;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    assert_true(turn_until(f->loop, is_without_descriptor, NULL));
    for (size_t i = 0; i < STRANGERS; i++) {
        http_client_close(&strangers[i]);
    }
    assert_true(turn_until(f->loop, http_client_is_over, &late));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_true(http_client_has_status(&late, 200));
    http_client_close(&late);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(requests_are_answered_by_method_and_path),
        WITH_FIXTURE(head_is_get_without_the_body),
        WITH_FIXTURE(a_body_may_have_one_mebibyte_and_no_byte_more),
        WITH_FIXTURE(a_connection_serves_several_requests),
        WITH_FIXTURE(a_client_that_leaves_in_the_middle_harms_nobody),
        WITH_FIXTURE(a_unix_socket_serves_and_is_removed),
        WITH_FIXTURE(endpoints_that_cannot_be_served_say_why),
        WITH_FIXTURE(the_port_in_use_is_reported),
        WITH_FIXTURE(descriptors_that_ran_out_are_no_reason_to_stop_listening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
