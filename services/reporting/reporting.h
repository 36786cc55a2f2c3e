/* SPDX-License-Identifier: Apache-2.0 */
/* reporting.h - the state of a running reporting process, and its parts. */
#ifndef TROTH_REPORTING_REPORTING_H
#define TROTH_REPORTING_REPORTING_H

#include "common/base/arena.h"
#include "common/runtime/event_log.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/lease.h"
#include "common/runtime/service.h"
#include "services/reporting/figure_fold.h"

struct reporting_settings {
    char *time_zone;
    char *intake_events;
    char *intake_key_file;
    char *followup_events;
    char *followup_key_file;
    char *loyalty_events;
    char *loyalty_key_file;
    int64_t batch_events;
    char *intake;
    char *answer_secret_file;
    char *webhook_secret_file;
    char *dialers;
};
extern const struct setting reporting_settings[];

#define REPORTING_DOORBELLS 3

struct reporting {
    struct service *service;
    const struct reporting_settings *settings;
    struct lease_set *lanes; /* whose customers are ours to fold */
    struct event_consumer *consumer;
    struct bus_socket
        *doorbells[REPORTING_DOORBELLS]; /* NULL where the database alone is looked at */
    /* Of the batch that is being applied. */
    struct event_consumption *consumption;
    struct figure_fold *fold;
    /* Report requests. */
    struct inquiry_desk *desk;
    struct arena *arena; /* of the request being read */
    int64_t *applied_count, *request_count, *refused_count;
    /* What the world outside sees; NULL where it is not set up. */
    struct answer_page *answers;
    struct dialer_callback *callbacks;
};

/* reporting_consume.c: events become figures. Returns 0, or -1 with err. */
MUST_CHECK int reporting_consume_start(struct reporting *r, struct err *err);
void reporting_consume_stop(struct reporting *r);

/* reporting_request.c: ctx is the struct reporting. */
void reporting_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message);

#endif
