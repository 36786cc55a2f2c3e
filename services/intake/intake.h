/* SPDX-License-Identifier: Apache-2.0 */
/* intake.h - the state of one intake process, one pointer for each of its parts. */
#ifndef TROTH_INTAKE_INTAKE_H
#define TROTH_INTAKE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/standard.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/service.h"
#include "services/intake/intake_metrics.h"
#include "services/intake/intake_numbers.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_replies.h"
#include "services/intake/intake_settings.h"
#include "services/intake/keyring.h"

#define INTAKE_LANES_MAX 16

struct intake_backlog;
struct intake_lane;
struct lane_choice;
struct forecast;
struct forecast_upkeep;
struct contact_triage;
struct triage_refresh;
struct standard_shelf;
struct standard_reload;
struct keyring_reload;
struct intake_upkeep;
struct audit_task;
struct gauge_watch;

struct intake {
    struct service *service;
    const struct intake_settings *settings;
    struct intake_metrics metrics;
    struct standard_shelf *shelf;    /* all versions of the standard; owns them */
    const struct standard *standard; /* of the shelf: the one in force */
    struct standard_reload *reload;  /* puts a changed one in force */
    struct forecast *forecast;       /* replaced by forecast_upkeep */
    struct contact_triage *triage;   /* its models are replaced by triage_refresh */
    struct triage_refresh *triage_refresh;
    int32_t standard_id;
    struct keyring *keyring;               /* stays where it is; its keys are replaced by... */
    struct keyring_reload *keyring_reload; /* ...this */
    struct intake_request_pool *requests;
    struct intake_replies *replies;
    struct intake_http *http; /* NULL: this door is closed */
    struct intake_rates *rates;
    struct intake_backlog *backlog; /* records without an answer */
    struct intake_disk *disk;
    struct lease_set *slots;      /* the stream we write: stream/intake/N */
    bool had_slot;                /* once: another one means that we were away */
    struct lease_set *step_lanes; /* whose promises' steps we take: lane/intake/N */
    struct intake_lane *lanes[INTAKE_LANES_MAX];
    size_t lane_count;
    struct lane_choice *lane_choice;
    struct inquiry_desk *desk;       /* disclosures */
    struct inquiry_desk *batch_desk; /* of them in batches */
    struct intake_upkeep *upkeep;
    struct forecast_upkeep *forecast_upkeep;
    struct audit_task *audit;      /* the tamper-evident record */
    struct lease_set *watch_lease; /* one of all intakes asks what gauge_watch asks */
    struct gauge_watch *watch;
    struct intake_numbers disclosure_numbers;
    struct bus_socket *socket; /* that the last request came from */
    char known_zone[65];       /* the last time zone that was found to exist */
};

/* The parts of struct service_spec. */
void *intake_start(struct service *s, struct err *err);
void intake_on_request(void *state, struct bus_socket *s, const struct bus_message *m);
void intake_reload(void *state);
void intake_drain(void *state);
bool intake_is_drained(const void *state);
void intake_stop(void *state);

/* What a door hands on: records as they stand on the wire, whose they are, and where their receipts
 * go. All is borrowed for the call. */
struct intake_delivery {
    const struct principal *principal; /* admitted */
    struct intake_sink sink;
    struct bytes peer;
    const struct bytes *records;
    size_t count;
    size_t first_index; /* of the first record, for the sink */
    size_t bytes;       /* what counts as waiting until the last one has its answer */
};
/* Each record gets its receipt through the sink: now, or after its COMMIT. */
void intake_take(struct intake *in, const struct intake_delivery *d);

/* Answers a record and lets go of it; r->receipt is set. intake_replies_flush() sends. */
void intake_answer(struct intake *in, struct intake_record *r);
/* The receipt of a record that could not even be handed on. */
void intake_answer_unread(struct intake *in, struct intake_sink sink, size_t index,
                          const Troth__V1__Receipt *receipt);
/* As intake_answer(), with a receipt that was not decided. */
void intake_answer_receipt(struct intake *in, struct intake_record *r,
                           const Troth__V1__Receipt *receipt);

/* A lane has nothing left to do: the last one to say so while we stop lets go of the stream. */
void intake_note_idle(struct intake *in);

#endif
