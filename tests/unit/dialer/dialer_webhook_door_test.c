/* SPDX-License-Identifier: Apache-2.0 */
/* The door alone: the HTTP server and the journal are played. */
#include "services/dialer/dialer_webhook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"

#define KEY "F-1-0/1"

static struct http_later_route route; /* the door's */
static char timestamp[32];
static struct text signature;
static int answered; /* the last status; 0: none */
static int state;    /* of the order */

struct http_exchange {
    int unused;
};

void http_route_later(struct http *h, const struct http_later_route *r)
{
    (void)h;
    route = *r;
}

const char *http_header(const struct http_request *request, const char *name)
{
    (void)request;
    return strcmp(name, "webhook-id") == 0          ? "cb-1"
           : strcmp(name, "webhook-timestamp") == 0 ? timestamp
                                                    : signature.data;
}

void http_answer(struct http_exchange *exchange, struct http_response *response)
{
    (void)exchange;
    answered = response->status;
    text_free(&response->body);
}

static int state_of(void *ctx, const char *key)
{
    (void)ctx;
    assert_string_equal(key, KEY);
    return state;
}

/* As the desk does: it counts at once, and is on the disk later. */
static void finished(void *ctx, const char *key, const struct dialer_result *result)
{
    (void)ctx;
    (void)key;
    (void)result;
    state = DIALER_FINISHED;
}

/* Returns the status of the answer; 0: none yet. */
static int call_back(const struct dialer_webhook *w)
{
    static struct http_exchange exchange;
    const struct bytes body =
        bytes_of_text("{\"key\":\"" KEY "\",\"outcome\":\"busy\",\"answers\":[]}");
    const struct http_request request = {.method = "POST", .path = "/", .body = body};
    int64_t now_us = instant_now_us();
    (void)text_format(timestamp, sizeof(timestamp), "%lld", (long long)(now_us / DURATION_S));
    text_clear(&signature);
    webhook_sign(&w->secrets, "cb-1", now_us, body, &signature);
    answered = 0;
    route.handler(route.ctx, &request, &exchange);
    return answered;
}

static int set_up(void **ret)
{
    static struct dialer_webhook w;
    char secret[WEBHOOK_SECRET_TEXT_SIZE];
    w = (struct dialer_webhook){
        .context = {.metrics = metrics_new(), .finished = finished, .state = state_of}
    };
    webhook_secret_new(secret);
    assert_int_equal(webhook_secrets_parse(secret, &w.secrets, NULL), 0);
    dialer_webhook_open_door(&w);
    state = DIALER_PLACED;
    *ret = &w;
    return 0;
}

static int tear_down(void **ret)
{
    struct dialer_webhook *w = *ret;
    metrics_free(w->context.metrics);
    free(w->waiting);
    text_free(&signature);
    return 0;
}

static void a_callback_is_acknowledged_once_it_is_on_the_disk(void **ret)
{
    struct dialer_webhook *w = *ret;
    assert_int_equal(call_back(w), 0);
    assert_int_equal(call_back(w), 0);
    dialer_webhook_answer_waiting(w);
    assert_int_equal(answered, 200);
    assert_int_equal(call_back(w), 200);
}

static void an_outcome_that_came_another_way_must_be_on_the_disk_too(void **ret)
{
    struct dialer_webhook *w = *ret;
    const struct dialer_result result = {.outcome = 1};
    dialer_webhook_finish(w, KEY, &result); /* as the answer to the order, or to a question */

    assert_int_equal(call_back(w), 0);
    dialer_webhook_answer_waiting(w);
    assert_int_equal(answered, 200);
}

static void what_is_no_news_is_not_waited_for(void **ret)
{
    struct dialer_webhook *w = *ret;
    const struct dialer_result result = {.outcome = 1};
    state = DIALER_FINISHED; /* long ago */
    dialer_webhook_finish(w, KEY, &result);
    assert_int_equal(call_back(w), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_callback_is_acknowledged_once_it_is_on_the_disk, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_outcome_that_came_another_way_must_be_on_the_disk_too,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_news_is_not_waited_for, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
