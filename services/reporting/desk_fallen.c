/* SPDX-License-Identifier: Apache-2.0 */
/* desk_fallen.c - whose loyalty index fell most lately, as loyalty tells it in words. */
#include <stdint.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/runtime/message_json.h"
#include "score.pb-c.h"
#include "services/reporting/desk_visit.h"

#define WAIT_US   (4 * DURATION_S)
#define RESEND_US DURATION_S

enum {
    LIMIT_USUAL = 10,
    LIMIT_MAX = 100,
};

static void got_scores(struct desk_visit *v, const ProtobufCMessage *message)
{
    const Troth__V1__ScoreReply *reply = (const Troth__V1__ScoreReply *)message;
    json_t *list;

    if (!reply) {
        desk_visit_fail(v, "unavailable", v->trouble);
        return;
    }
    if (!text_is_empty(reply->code)) {
        desk_visit_fail(v, "unavailable", "loyalty could not tell: ask again");
        return;
    }
    list = json_array();
    for (size_t i = 0; i < reply->n_scores; i++) {
        (void)json_array_append_new(list, message_to_json(&reply->scores[i]->base));
    }
    desk_visit_answer(v, json_pack("{so}", "scores", list));
}

static void ask_scores(struct desk_visit *v, int32_t limit)
{
    Troth__V1__FallenScores body = TROTH__V1__FALLEN_SCORES__INIT;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    char language[17];

    (void)text_copy(language, sizeof(language), v->language);
    body.has_limit = true;
    body.limit = limit;
    request.request_id = desk_visit_id(v);
    request.language = language;
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_FALLEN;
    request.fallen = &body;
    desk_visit_ask(v,
                   &(struct desk_question){.peer = DESK_LOYALTY,
                                           .message = (const ProtobufCMessage *)&request,
                                           .wait_us = WAIT_US,
                                           .resend_us = RESEND_US},
                   got_scores);
}

void desk_fallen(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    const char *text = http_query(request->http, "limit");
    int64_t limit = LIMIT_USUAL;
    struct desk_visit *v;

    if (text && text_to_int64(text, 1, LIMIT_MAX, &limit) < 0) {
        web_answer_error(exchange, "request_invalid", "limit is a number from 1 to 100");
        return;
    }
    v = desk_visit_begin(ctx, request, exchange);
    if (v) {
        ask_scores(v, (int32_t)limit);
    }
}
