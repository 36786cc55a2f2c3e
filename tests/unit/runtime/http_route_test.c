/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler a request gets, which requests are none, and what stands in the head of an answer.
 */
#include "common/runtime/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/http_client.h"
#include "tests/support/turn_until.h"

struct fixture {
    struct loop *loop;
    struct http *http;
};

static void tell(void *ctx, const struct http_request *request, struct http_exchange *exchange)
{
    struct http_response r = {.status = 200};
    const char *q = http_query(request, "q");
    text_appendf(&r.body, "<%s|%s|%s>", (const char *)ctx, request->rest, q ? q : "-");
    http_answer(exchange, &r);
}

static const char page[] = "a page that lasts";

static void show(void *ctx, const struct http_request *request, struct http_response *r)
{
    (void)ctx;
    (void)request;
    r->lasting_body = bytes_of_text(page);
    r->etag = "\"v1\"";
    r->cache_control = "no-cache";
    http_response_header(r, "X-Own", "own");
    http_response_header(r, "X-Bad", "a\r\nX-Injected: b");
}

/* method, path, is_prefix */
static const struct {
    const char *method, *path;
    bool is_prefix;
} routes[] = {
    {"GET",    "/a",       false},
    {"GET",    "/a/",      true },
    {"POST",   "/a/",      true },
    {"GET",    "/a/b/",    true },
    {"GET",    "/c/*",     false},
    {"GET",    "/c/*/d",   false},
    {"DELETE", "/c/*/d",   false},
    {"GET",    "/c/exact", false},
    {"GET",    "/v1/x",    false},
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = ERR_NONE;
    f->loop = loop_new();
    f->http = http_start(f->loop, "127.0.0.1:0", &err);
    assert_non_null(f->http);
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        char *name;
        memcpy(&name, &routes[i].path, sizeof(name));
        http_route_later(f->http, &(struct http_later_route){.method = routes[i].method,
                                                             .path = routes[i].path,
                                                             .is_prefix = routes[i].is_prefix,
                                                             .handler = tell,
                                                             .ctx = name});
    }
    http_route(f->http, "GET", "/page", show, f);
    http_always(f->http, "X-Always", "always");
    http_always(f->http, "X-Own", "general");
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

#define END " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

/* What comes back for a request; part: of the answer, or of what must not be in it behind '!'. */
static void expect(struct fixture *f, const char *request, int status, const char *part)
{
    struct http_client c = http_client_open(http_endpoint(f->http));
    text_append(&c.out, request);
    assert_true(turn_until(f->loop, http_client_is_over, &c));
    const char *answer = text_or_empty(&c.in);
    bool is_found = strstr(answer, part + (*part == '!' ? 1 : 0)) != NULL;
    if (!http_client_has_status(&c, status) || is_found != (*part != '!')) {
        fail_msg("%s: not %d with %s, but %s", request, status, part, answer);
    }
    http_client_close(&c);
}

static void the_most_exact_route_is_taken(void **state)
{
    static const struct {
        const char *request;
        int status;
        const char *part;
    } cases[] = {
        {"GET /a" END "\r\n",                           200, "</a||->"             },
        {"GET /a/" END "\r\n",                          200, "</a/||->"            },
        {"GET /a/x/y?q=1" END "\r\n",                   200, "</a/|x/y|1>"         },
        {"POST /a/x" END "Content-Length: 0\r\n\r\n",   200, "</a/|x|->"           },
        {"GET /a/b/x" END "\r\n",                       200, "</a/b/|x|->"         },
        {"POST /a/b/x" END "Content-Length: 0\r\n\r\n", 405, "Allow: GET, HEAD\r\n"},
        {"PUT /a/x" END "Content-Length: 0\r\n\r\n",    405, "POST"                },
        {"GET /c/1" END "\r\n",                         200, "</c/*|1|->"          },
        {"GET /c/exact" END "\r\n",                     200, "</c/exact||->"       },
        {"GET /c/1/d" END "\r\n",                       200, "</c/*/d|1/d|->"      },
        {"DELETE /c/1/d" END "\r\n",                    200, "</c/*/d|1/d|->"      },
        {"GET /c/" END "\r\n",                          404, "not found"           },
        {"GET /c//d" END "\r\n",                        404, "not found"           },
        {"GET /c/1/e" END "\r\n",                       404, "not found"           },
        {"GET /c/1/d/" END "\r\n",                      404, "not found"           },
        {"GET /ab" END "\r\n",                          404, "not found"           },
        {"GET /v1/y" END "\r\n",                        404, "\"path_unknown\""    },
        {"GET /c/%E5%A5%BD%20x" END "\r\n",             200, "|\xe5\xa5\xbd x|"    },
        {"GET /c/a%252fb" END "\r\n",                   200, "|a%2fb|"             },
        {"GET /c/x?q=a+b%26c" END "\r\n",               200, "|a b&c>"             },
        {"HEAD /c/1" END "\r\n",                        200, "!<"                  },
        {"TRACE /a" END "\r\n",                         405, "Allow: GET, HEAD"    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        expect(*state, cases[i].request, cases[i].status, cases[i].part);
    }
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    static const char *const requests[] = {
        "GET /c/../a" END "\r\n",
        "GET /c/." END "\r\n",
        "GET /c/%2e%2e" END "\r\n",
        "GET /c/a%2fb" END "\r\n",
        "GET /c/a%5Cb" END "\r\n",
        "GET /c/a%00b" END "\r\n",
        "GET /c/%0a" END "\r\n",
        "GET /c/%ff" END "\r\n",
        "GET /c/%4" END "\r\n",
        "GET /c/a?q=%00" END "\r\n",
        "GET /c/a?q=%c0%80" END "\r\n",
        "GET http://x/a" END "\r\n",
        "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /a" END "Host: y\r\n\r\n",
        "GET /a" END "X Y: z\r\n\r\n",
        "POST /a/x" END "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "POST /a/x" END "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a/x" END "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /a/x" END "Content-Length : 2\r\n\r\n{}",
    };
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        expect(*state, requests[i], 400, "Connection: close");
    }
}

static void what_the_client_has_is_not_sent_again(void **state)
{
    static const struct {
        const char *header;
        int status;
        const char *part;
    } cases[] = {
        {"",                                    200, "a page that lasts"},
        {"If-None-Match: \"v1\"\r\n",           304, "!a page"          },
        {"If-None-Match: \"v0\", W/\"v1\"\r\n", 304, "ETag: \"v1\"\r\n" },
        {"If-None-Match: *\r\n",                304, "!\r\nContent-Type"},
        {"If-None-Match: \"v11\"\r\n",          200, "a page that lasts"},
        {"If-None-Match: v1\r\n",               200, "a page that lasts"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char request[256];
        (void)text_format(request, sizeof(request), "GET /page" END "%s\r\n", cases[i].header);
        expect(*state, request, cases[i].status, cases[i].part);
    }
}

static void headers_of_the_server_yield_to_those_of_an_answer(void **state)
{
    static const char *const parts[] = {
        "X-Always: always\r\n", "X-Own: own\r\n", "!X-Own: general",
        "!X-Injected",          "!X-Bad",         "Cache-Control: no-cache\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        expect(*state, "GET /page" END "\r\n", 200, parts[i]);
    }
    expect(*state, "GET /nothing" END "\r\n", 404, "X-Always: always\r\n");
    expect(*state, "GET /a" END "\r\n", 200, "X-Own: general\r\n");
}

static void the_address_of_the_peer_has_no_port(void **state)
{
    char text[HTTP_PEER_SIZE];
    (void)state;
    assert_string_equal(http_peer(&(struct http_request){.exchange = NULL}, text), "unix");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_most_exact_route_is_taken, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(what_could_be_read_in_two_ways_is_refused, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(what_the_client_has_is_not_sent_again, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(headers_of_the_server_yield_to_those_of_an_answer,
                                        open_fixture, close_fixture),
        cmocka_unit_test(the_address_of_the_peer_has_no_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
