/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup.h - the follow-up scheduler: its parts, and what they share.
 *
 *   followup_planner           an event of a customer    -> a row, planned
 *   plan_round                 a day                     -> rows, planned
 *   followup_claims            due rows                  -> claimed, one line booked for each
 *   followup_numbers           a claim                   -> the customer's number, from intake
 *   followup_orders            a number                  -> an order, committed, then sent
 *   followup_fates             what became of an order   -> the follow-up's next state, answers
 * into the outbox followup_watch             orders without a result   -> questions to dialers, or
 * a fate followup_outbox            answers                   -> intake
 *   worklist_desk              a person who asks         -> a claim, or what is listed, leased
 *   worklist_leases            leases that ran out       -> a fate
 *
 * Each part holds in memory only what it may lose: the next round, here or in another process,
 * finds it in the database.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/zone_shelf.h"
#include "common/runtime/event_log.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/lease.h"
#include "common/runtime/seal_box.h"
#include "common/runtime/service.h"
#include "services/followup/followup_dialers.h"
#include "services/followup/followup_metrics.h"
#include "services/followup/followup_settings.h"
#include "services/followup/questionnaire_shelf.h"
#include "services/followup/rule_shelf.h"

struct gauge_watch;

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

    const struct rulebook *rules; /* in force; the shelf's */
    int32_t rule_version;
    struct text_shelf *rule_shelf;
    const struct questionnaire *questionnaire; /* in force; the shelf's. NULL: none */
    struct text_shelf *questionnaire_shelf;
    struct seal_box seal_box;      /* to our own key */
    struct zone_shelf *zone_shelf; /* for all parts */
    struct followup_zones *zones;
    struct followup_dialers *dialers;
    struct followup_planner *planner;
    struct plan_round *rounds;
    struct followup_claims *claims;
    struct followup_numbers *numbers;
    struct followup_orders *orders;
    struct followup_fates *fates;
    struct followup_watch *watch;
    struct followup_outbox *outbox;
    struct followup_session *session;
    struct inquiry_desk *worklists;
    struct worklist_desk *desk;
    struct worklist_leases *leases;
    struct delivery *deliveries;
    struct followup_metrics metrics;
    struct lease_set *watch_lease; /* one of all schedulers asks what watch_gauges asks */
    struct gauge_watch *watch_gauges;
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

/* Counts what was missed in a transaction that is committed, and warns about it, if anything was.
 */
void followup_count_missed(const struct followup *f, int64_t window_passed,
                           int64_t nothing_permitted);

/* Asked again for each message, and before an order is committed: the key may have been revoked
 * since the dialer's last hello. */
bool followup_may_dial(const struct followup *f, const struct followup_dialer *dialer);

/* Now, for whose lines may be booked. */
struct followup_dialers_when followup_when(const struct followup *f);

/* Sends a DialerReply to a dialer. Returns 0, or -1 when it could not be handed over. */
struct Troth__V1__DialerReply;
int followup_send_to_dialer(const struct followup *f, const struct followup_dialer *dialer,
                            const struct Troth__V1__DialerReply *message);

#endif
