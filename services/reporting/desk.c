/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/desk.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "intake.pb-c.h"
#include "score.pb-c.h"
#include "services/reporting/desk_changes.h"
#include "services/reporting/desk_visit.h"

enum {
    QUESTIONS_MAX = 32 /* that wait for one service */
};

/* ---- whom we ask */

static const char *id_of_intake(const ProtobufCMessage *message)
{
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message;

    if (reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURE) {
        return reply->disclosure->request_id;
    }
    /* All of a batch are answered together, and ours have one id. */
    return reply->body_case == TROTH__V1__INTAKE_REPLY__BODY_DISCLOSURES &&
                   reply->disclosures->n_replies > 0
               ? reply->disclosures->replies[0]->request_id
               : NULL;
}

static const char *id_of_followup(const ProtobufCMessage *message)
{
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)message;

    switch (reply->body_case) {
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST:
        return reply->worklist->request_id;
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST_AGENDA:
        return reply->worklist_agenda->request_id;
    case TROTH__V1__DIALER_REPLY__BODY_WORKLIST_RECEIPT:
        return reply->worklist_receipt->request_id;
    case TROTH__V1__DIALER_REPLY__BODY_ERROR:
        return reply->error->request_id;
    case TROTH__V1__DIALER_REPLY__BODY__NOT_SET:
    case TROTH__V1__DIALER_REPLY__BODY_WELCOME:
    case TROTH__V1__DIALER_REPLY__BODY_ORDER:
    case TROTH__V1__DIALER_REPLY__BODY_RESULT_RECEIPT:
    case TROTH__V1__DIALER_REPLY__BODY_QUESTION:
    case _TROTH__V1__DIALER_REPLY__BODY__CASE_IS_INT_SIZE:
    default:
        return NULL;
    }
}

static const char *id_of_loyalty(const ProtobufCMessage *message)
{
    return ((const Troth__V1__ScoreReply *)message)->request_id;
}

static int connect_peer(struct desk *d, enum desk_peer_name name,
                        const struct request_client_options *whom, struct err *err)
{
    struct request_client_options options = *whom;
    struct desk_peer *peer = &d->peers[name];

    if (text_is_empty(options.server_key_file) || text_is_empty(options.endpoints)) {
        return 0;
    }
    options.loop = d->reporting->service->loop;
    options.bus = d->reporting->service->bus;
    options.open_max = QUESTIONS_MAX;
    peer->client = request_client_new(&options, err);
    return peer->client ? 0 : err_prefix(err, "%s", options.service);
}

static int connect_peers(struct desk *d, struct err *err)
{
    const struct reporting_settings *s = d->reporting->settings;
    const struct request_client_options peers[DESK_PEERS] = {
        [DESK_INTAKE] = {.service = "intake",
                         .endpoints = s->intake,
                         .server_key_file = s->intake_key_file,
                         .reply = &troth__v1__intake_reply__descriptor,
                         .id_of = id_of_intake  },
        [DESK_FOLLOWUP] = {.service = "followup",
                         .endpoints = s->followup,
                         .server_key_file = s->followup_key_file,
                         .reply = &troth__v1__dialer_reply__descriptor,
                         .id_of = id_of_followup},
        [DESK_LOYALTY] = {.service = "loyalty",
                         .endpoints = s->loyalty,
                         .server_key_file = s->loyalty_key_file,
                         .reply = &troth__v1__score_reply__descriptor,
                         .id_of = id_of_loyalty },
    };
    static const struct desk_peer words[DESK_PEERS] = {
        [DESK_INTAKE] = {NULL, "reporting has no connection to intake: set intake_key_file",
                         "intake does not answer: ask again"                                                                                       },
        [DESK_FOLLOWUP] = {NULL,
                         "reporting has no connection to the follow-up scheduler: set "
                           "followup_key_file",                                                "the follow-up scheduler does not answer: ask again"},
        [DESK_LOYALTY] = {NULL, "reporting has no connection to loyalty: set loyalty_key_file",
                         "loyalty does not answer: ask again"                                                                                      },
    };

    for (size_t i = 0; i < DESK_PEERS; i++) {
        d->peers[i] = words[i];
        if (connect_peer(d, (enum desk_peer_name)i, &peers[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- life */

static void open_routes(struct desk *d)
{
    /* clang-format off */
    const struct web_route routes[] = {
        {.method = "GET",  .path = "/v1/cases/", .is_prefix = true, .least = WEB_VIEWER, .handler = desk_case},
        {.method = "GET",  .path = "/v1/cases/", .is_prefix = true, .suffix = "/clocks",
         .least = WEB_VIEWER, .handler = desk_clocks},
        {.method = "POST", .path = "/v1/cases/", .is_prefix = true, .suffix = "/texts",
         .least = WEB_AGENT, .handler = desk_texts},
        {.method = "POST", .path = "/v1/customers/find", .least = WEB_AGENT, .handler = desk_find},
        {.method = "GET",  .path = "/v1/customers/", .is_prefix = true, .least = WEB_VIEWER, .handler = desk_customer},
        {.method = "POST", .path = "/v1/customers/", .is_prefix = true, .suffix = "/contact",
         .least = WEB_AGENT, .handler = desk_contact},
        {.method = "POST", .path = "/v1/customers/", .is_prefix = true, .suffix = "/references",
         .least = WEB_AGENT, .handler = desk_references},
        {.method = "GET",  .path = "/v1/fallen", .least = WEB_VIEWER, .handler = desk_fallen},
        {.method = "GET",  .path = "/v1/worklist", .least = WEB_VIEWER, .handler = desk_worklist},
        {.method = "POST", .path = "/v1/worklist/take", .least = WEB_AGENT, .handler = desk_take},
        {.method = "POST", .path = "/v1/worklist/report", .least = WEB_AGENT, .handler = desk_report},
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        struct web_route route = routes[i];

        route.ctx = d;
        web_door_add(d->door, &route);
    }
}

struct desk *desk_new(struct reporting *r, struct web_door *door, struct err *err)
{
    struct desk *d = xcalloc(1, sizeof(*d));

    d->reporting = r;
    d->door = door;
    if (connect_peers(d, err) < 0) {
        desk_free(d);
        return NULL;
    }
    open_routes(d);
    d->changes = desk_changes_new(r, door);
    return d;
}

void desk_free(struct desk *d)
{
    if (d) {
        desk_visit_abandon_all(d);
        desk_changes_free(d->changes);
        for (size_t i = 0; i < DESK_PEERS; i++) {
            request_client_free(d->peers[i].client);
        }
        free(d);
    }
}

void desk_drain(struct desk *d)
{
    if (d) {
        desk_changes_drain(d->changes);
    }
}

size_t desk_open_count(const struct desk *d)
{
    return d ? d->open_count : 0;
}
