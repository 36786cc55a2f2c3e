/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty.h - the state of a running loyalty scoring process, and its parts. */
#ifndef TROTH_LOYALTY_LOYALTY_H
#define TROTH_LOYALTY_LOYALTY_H

#include "common/base/arena.h"
#include "common/runtime/event_log.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/lease.h"
#include "common/runtime/service.h"
#include "services/loyalty/loyalty_fold.h"

struct loyalty_settings {
    char *intake_events;
    char *intake_key_file;
    int64_t batch_events;
};
extern const struct setting loyalty_settings[];

struct loyalty {
    struct service *service;
    struct lease_set *slots; /* whom we append events as */
    struct lease_set *lanes; /* whose customers are ours */
    struct event_consumer *consumer;
    struct bus_socket *intake_events; /* NULL: the database alone is looked at */
    /* Of the batch that is being applied. */
    struct event_consumption *consumption;
    struct loyalty_fold *fold;
    struct event_batch *appended;
    size_t appended_set; /* of the last step: the set with the positions of the appended events */
    /* Score requests. */
    struct inquiry_desk *desk;
    struct arena *arena; /* of the request being read */
    int64_t *applied_count, *changed_count, *request_count, *refused_count;
};

/* loyalty_consume.c: events become scores. Returns 0, or -1 with err. */
MUST_CHECK int loyalty_consume_start(struct loyalty *l, struct err *err);
void loyalty_consume_stop(struct loyalty *l);

/* loyalty_request.c: ctx is the struct loyalty. */
void loyalty_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message);

#endif
