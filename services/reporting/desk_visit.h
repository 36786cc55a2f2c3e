/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_visit.h - one request at the desk, from its arrival to its answer.
 *
 * A route's handler begins a visit, which then goes from step to step: a reading from the database,
 * a question to another service, a view of personal data that is written down. A step that fails
 * ends the visit with an answer that says so. Each function that ends one frees it: do not touch it
 * afterwards.
 */
#ifndef TROTH_REPORTING_DESK_VISIT_H
#define TROTH_REPORTING_DESK_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/runtime/db.h"
#include "common/runtime/request_client.h"
#include "services/reporting/desk.h"

struct desk_changes;
struct desk_visit;

/* Whom we ask over ZeroMQ. */
enum desk_peer_name {
    DESK_INTAKE,
    DESK_FOLLOWUP,
    DESK_LOYALTY,
    DESK_PEERS
};

struct desk_peer {
    struct request_client *client; /* NULL: no key file is set, so it cannot be asked */
    const char *not_set_up;        /* what is told then */
    const char *no_answer;
};

struct desk {
    struct reporting *reporting;
    struct web_door *door;
    struct desk_peer peers[DESK_PEERS];
    struct desk_changes *changes;
    struct desk_visit *open;
    size_t open_count;
};

typedef void desk_ask_fn(struct desk_visit *v, struct db *db);
typedef void desk_take_fn(struct desk_visit *v, const struct db_reply *reply);
/* reply NULL: there is none, v->trouble says why. Borrowed for the call. */
typedef void desk_got_fn(struct desk_visit *v, const ProtobufCMessage *reply);
typedef void desk_next_fn(struct desk_visit *v);

struct desk_visit {
    struct desk *desk;
    struct http_exchange *exchange;
    struct web_user user;
    const char *language; /* of words: "en" or "zh-Hans" */
    int64_t customer;     /* numbers; 0: none, or not known yet */
    int64_t service_case;
    const char *trouble; /* why another service did not answer */
    void *data;          /* what the route keeps between steps, NULL or ended by free_data */
    void (*free_data)(void *data);
    json_t *json; /* likewise; owned */
    /* of the step */
    struct loop_timer *timer; /* while we wait for a connection */
    struct db *db;            /* while it works for us */
    struct db *talk;          /* while take() runs: for desk_visit_read_on() */
    bool *goes_on;            /* likewise */
    desk_ask_fn *ask;
    desk_take_fn *take;
    desk_got_fn *got;
    desk_next_fn *next_step;
    desk_next_fn *on_unwritten; /* before the visit fails because a view could not be written down;
                                   NULL: nothing */
    char request_id[REQUEST_CLIENT_ID_SIZE];
    struct desk_visit *prev, *next;
};

/* NULL: too many are worked on, and it was answered. */
struct desk_visit *desk_visit_begin(struct desk *d, const struct web_request *request,
                                    struct http_exchange *exchange);

/* ask queues statements (a transaction whole, with its commit); take gets the rows. Once in a step:
 * take may begin the next one. */
void desk_visit_read(struct desk_visit *v, desk_ask_fn *ask, desk_take_fn *take);

/* From within take: more statements, queued by the caller at v->talk, on the same connection. */
void desk_visit_read_on(struct desk_visit *v, desk_take_fn *take);

struct desk_question {
    enum desk_peer_name peer;
    const ProtobufCMessage *message; /* its request_id is v->request_id, made by desk_visit_id() */
    int64_t wait_us;
    int64_t resend_us;
};
/* A new request_id for a message to come; borrowed from the visit. */
char *desk_visit_id(struct desk_visit *v);
/* got is called at once when it cannot be asked. */
void desk_visit_ask(struct desk_visit *v, const struct desk_question *question, desk_got_fn *got);

/* Writes down that the user sees this of v->customer (and v->service_case), then goes on. Otherwise
 * the visit ends. */
void desk_visit_personal(struct desk_visit *v, const char *what, const char *purpose,
                         desk_next_fn *next_step);

/* ---- ends */

void desk_visit_answer(struct desk_visit *v, json_t *json); /* takes the reference */
void desk_visit_answer_message(struct desk_visit *v, const ProtobufCMessage *message);
void desk_visit_fail(struct desk_visit *v, const char *code, const char *text);
/* With another status than the one that goes with the code. */
void desk_visit_fail_as(struct desk_visit *v, int status, const char *code, const char *text);

/* For who is being freed: nobody is answered. */
void desk_visit_abandon_all(struct desk *d);

/* "en" or "zh-Hans": of the query, else of the user. */
const char *desk_language(const struct web_request *request);

/* ---- routes; ctx is the struct desk */

web_handler_fn desk_case;       /* GET /v1/cases/N */
web_handler_fn desk_clocks;     /* GET /v1/cases/N/clocks */
web_handler_fn desk_texts;      /* POST /v1/cases/N/texts */
web_handler_fn desk_customer;   /* GET /v1/customers/N */
web_handler_fn desk_find;       /* POST /v1/customers/find */
web_handler_fn desk_fallen;     /* GET /v1/fallen */
web_handler_fn desk_contact;    /* POST /v1/customers/N/contact */
web_handler_fn desk_references; /* POST /v1/customers/N/references */
web_handler_fn desk_worklist;   /* GET /v1/worklist */
web_handler_fn desk_take;       /* POST /v1/worklist/take */
web_handler_fn desk_report;     /* POST /v1/worklist/report */

#endif
