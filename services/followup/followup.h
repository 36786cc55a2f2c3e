/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup.h - the follow-up scheduler: its parts, and what they share.
 *
 *   followup_on_case_changed   an event of intake        -> a row, planned
 *   followup_claims            due rows                  -> claimed, one line booked for each
 *   followup_numbers           a claim                   -> the customer's number, from intake
 *   followup_orders            a number                  -> an order, committed, then sent
 *   followup_fates             what became of an order   -> the follow-up's next state, answers
 * into the outbox followup_watch             orders without a result   -> questions to dialers, or
 * a fate followup_outbox            answers                   -> intake
 *
 * Each part holds in memory only what it may lose: the next round, here or in another process,
 * finds it in the database.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/runtime/event_log.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/lease.h"
#include "common/runtime/service.h"
#include "services/followup/followup_dialers.h"
#include "services/followup/followup_settings.h"

struct followup_metrics {
    int64_t *planned, *claimed, *ordered, *calls, *listed, *questions, *answers_taken,
        *answers_rejected, *failures;
};

struct followup {
    struct service *service;
    const struct followup_settings *settings; /* may change on reload */
    struct lease_set *lanes;                  /* which buckets are ours */
    struct lease_set *slots;                  /* our event stream */
    struct event_consumer *consumer;
    struct bus_socket *intake;        /* DEALER */
    struct bus_socket *intake_events; /* SUB, NULL without */
    struct bus_socket *requests;      /* the ROUTER; NULL until somebody spoke */
    struct arena *arena;              /* for one message */
    int64_t started_us;               /* the real clock */
    bool is_draining;

    struct followup_dialers *dialers;
    struct followup_planner *planner;
    struct followup_claims *claims;
    struct followup_numbers *numbers;
    struct followup_orders *orders;
    struct followup_fates *fates;
    struct followup_watch *watch;
    struct followup_outbox *outbox;
    struct followup_session *session;
    struct inquiry_desk *worklists;
    struct followup_metrics metrics;
};

/* For service_main(). */
extern const struct service_spec followup_spec;

/* ---- what the parts share */

/* We hold a slot of the event log: facts can be written. */
bool followup_can_write(const struct followup *f);

/* The buckets of our lanes, as int2; free with db_array_free(). */
void followup_list_buckets(const struct followup *f, struct db_array *ret_buckets);
bool followup_owns_bucket(const struct followup *f, int16_t bucket);

/* Queues the fences of all lanes we hold; they come before the statements of a claim. */
void followup_put_fences(const struct followup *f, struct db *db);

/* Queues the events as the last statement before COMMIT; nothing for none. */
void followup_append(const struct followup *f, struct db *db, struct event_batch *events);
/* After that COMMIT: wakes the readers. reply is that of the step that appended. */
void followup_publish(const struct followup *f, const struct event_batch *events,
                      const struct db_reply *reply);

/* The edge where a failed conversation is logged and counted. */
void followup_log_failure(const struct followup *f, const char *event,
                          const struct db_reply *reply);

/* Asked again for each message, and before an order is committed: the key may have been revoked
 * since the dialer's last hello. */
bool followup_may_dial(const struct followup *f, const struct followup_dialer *dialer);

/* Sends a DialerReply to a dialer. Returns 0, or -1 when it could not be handed over. */
struct Troth__V1__DialerReply;
int followup_send_to_dialer(const struct followup *f, const struct followup_dialer *dialer,
                            const struct Troth__V1__DialerReply *message);

#endif
