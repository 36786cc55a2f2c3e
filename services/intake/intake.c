/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.c - the parts, and the way of a request through them.
 *
 * A message is taken apart into records; each is checked on its own and goes to the lane of its
 * customer's bucket, or gets its receipt at once because it cannot be stored. Everything after that
 * is intake_lane.c and intake_batch.c.
 */
#include "services/intake/intake.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/base/zone.h"
#include "common/domain/identifier.h"
#include "common/runtime/event_log.h"
#include "common/runtime/message_check.h"
#include "services/intake/audit_task.h"
#include "services/intake/contact_triage.h"
#include "services/intake/forecast.h"
#include "services/intake/forecast_upkeep.h"
#include "services/intake/intake_admission.h"
#include "services/intake/intake_backlog.h"
#include "services/intake/intake_codes.h"
#include "services/intake/intake_decode.h"
#include "services/intake/intake_disclosure.h"
#include "services/intake/intake_disclosure_batch.h"
#include "services/intake/intake_disk.h"
#include "services/intake/intake_erasure.h"
#include "services/intake/intake_gauge_store.h"
#include "services/intake/intake_http.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_lane.h"
#include "services/intake/intake_rates.h"
#include "services/intake/intake_receipts.h"
#include "services/intake/intake_similar.h"
#include "services/intake/intake_standard_store.h"
#include "services/intake/intake_trace.h"
#include "services/intake/intake_upkeep.h"
#include "services/intake/intake_validate.h"
#include "services/intake/keyring_reload.h"
#include "services/intake/lane_choice.h"
#include "services/intake/standard_reload.h"
#include "services/intake/standard_shelf.h"
#include "services/intake/triage_refresh.h"

/* ---- answers */

/* A message counts with the first of its records, until the last one has its answer. */
static struct intake_load load_of(const struct intake_request *r, size_t references)
{
    return (struct intake_load){1, r->references == references ? r->wire_bytes : 0};
}

static void let_go(struct intake *in, struct intake_record *r)
{
    lane_choice_end(in->lane_choice, r);
    intake_backlog_remove(in->backlog, r->request->sender.source_id, load_of(r->request, 1));
    *in->metrics.pending = (int64_t)intake_backlog_total(in->backlog).records;
    intake_request_release(in->requests, r->request);
}

void intake_answer(struct intake *in, struct intake_record *r)
{
    intake_metrics_note_receipt(&in->metrics, r->status, r->code ? r->code->code : NULL,
                                r->request->arrived_us);
    intake_trace_log(r, r->status);
    r->request->sink.add(r->request->sink.ctx, r->request, r->index, r->receipt);
    let_go(in, r);
}

/* A receipt that was not decided. */
static void answer_at_once(struct intake *in, const struct intake_request *request, size_t index,
                           const Troth__V1__Receipt *receipt)
{
    struct buffer packed = {0};
    message_pack(&receipt->base, &packed);
    intake_metrics_note_receipt(&in->metrics, receipt->status, receipt->code, request->arrived_us);
    request->sink.add(request->sink.ctx, request, index, (struct bytes){packed.data, packed.len});
    buffer_free(&packed);
}

void intake_answer_unread(struct intake *in, struct intake_sink sink, size_t index,
                          const Troth__V1__Receipt *receipt)
{
    const struct intake_request nobody = {.sink = sink};
    answer_at_once(in, &nobody, index, receipt);
}

void intake_answer_receipt(struct intake *in, struct intake_record *r,
                           const Troth__V1__Receipt *receipt)
{
    intake_trace_log(r, receipt->status);
    answer_at_once(in, r->request, r->index, receipt);
    let_go(in, r);
}

static void add_to_replies(void *ctx, const struct intake_request *r, size_t index,
                           struct bytes receipt)
{
    const struct intake *in = ctx;
    (void)index; /* over ZeroMQ receipts are told apart by their keys */
    intake_replies_add(in->replies, r->peer, receipt);
}

static int reply(void *ctx, struct bytes peer, struct bytes body)
{
    const struct intake *in = ctx;
    return in->socket ? bus_reply(in->socket, peer, body) : -1;
}

/* The request as a whole: it is said once, and not kept. */
static void refuse_request(struct intake *in, struct bus_socket *s, const struct bus_message *m,
                           struct err *err)
{
    Troth__V1__IntakeReply answer = TROTH__V1__INTAKE_REPLY__INIT;
    Troth__V1__RequestError error = TROTH__V1__REQUEST_ERROR__INIT;
    error.code = err->code;
    error.text = err->text;
    answer.body_case = TROTH__V1__INTAKE_REPLY__BODY_ERROR;
    answer.error = &error;
    *in->metrics.requests_refused += 1;
    inquiry_answer_now(s, m, (const ProtobufCMessage *)&answer);
}

/* ---- records */

static bool is_time_zone(void *ctx, const char *name)
{
    struct intake *in = ctx;
    if (strcmp(in->known_zone, name) == 0) {
        return true;
    }
    struct zone *zone = zone_name_is_valid(name) ? zone_open(name, NULL) : NULL;
    if (!zone) {
        return false;
    }
    zone_free(zone);
    (void)text_copy(in->known_zone, sizeof(in->known_zone), name);
    return true;
}

static struct intake_validation validation(struct intake *in)
{
    return (struct intake_validation){
        .now_us = service_now_us(in->service),
        .machine_now_us = instant_now_us(),
        .clock_skew_us = in->settings->clock_skew_us,
        .key_age_us = in->settings->key_age_us,
        .history_us = in->settings->history_us,
        .is_time_zone = is_time_zone,
        .zone_ctx = in,
    };
}

static void take_record(struct intake *in, struct intake_request *request,
                        const struct intake_delivery *d, size_t i,
                        const struct intake_validation *v)
{
    char key[INTAKE_KEY_MAX + 1];
    struct err err = ERR_NONE;
    struct intake_record *r = NULL;
    Troth__V1__Receipt receipt;
    int64_t retry_after_us = 0;
    const struct bytes wire = d->records[i];
    const size_t index = d->first_index + i;
    const char *not_now = intake_admit_arrival(in, d->principal, d->bytes, &retry_after_us);
    if (not_now) {
        intake_decode_key(wire, key);
        receipt = intake_receipt_retry(key, not_now, retry_after_us);
        answer_at_once(in, request, index, &receipt);
        return;
    }
    r = intake_decode_record(request, wire, &err);
    if (r && intake_admit_record(d->principal, r->message, &err) == 0 &&
        intake_validate(r, v, &err) == 0) {
        CRASH_POINT("intake.record.decoded");
        r->index = index;
        intake_backlog_add(in->backlog, request->sender.source_id, load_of(request, 2));
        intake_lane_add(in->lanes[lane_choice_take(in->lane_choice, r)], r);
        return;
    }
    intake_decode_key(wire, key);
    receipt = intake_receipt_rejected(key, &err);
    answer_at_once(in, request, index, &receipt);
    if (r) {
        intake_trace_log(r, receipt.status);
        intake_request_release(in->requests, request);
    }
}

void intake_take(struct intake *in, const struct intake_delivery *d)
{
    struct intake_validation v = validation(in);
    const struct intake_sender sender = {
        .source_id = d->principal->id,
        .is_historical = d->principal->is_historical,
    };
    struct intake_request *request = intake_request_new(in->requests, d->peer, sender, d->bytes);
    request->sink = d->sink;
    for (size_t i = 0; i < d->count; i++) {
        take_record(in, request, d, i, &v);
    }
    intake_request_release(in->requests, request);
    *in->metrics.pending = (int64_t)intake_backlog_total(in->backlog).records;
    intake_replies_flush(in->replies);
    for (size_t i = 0; i < in->lane_count; i++) {
        intake_lane_wake(in->lanes[i]);
    }
}

void intake_on_request(void *state, struct bus_socket *s, const struct bus_message *m)
{
    struct intake *in = state;
    struct intake_parts parts;
    struct err err = ERR_NONE;
    CRASH_POINT("intake.message.received");
    in->socket = s;
    bool is_read = intake_decode_parts(m->body, &parts, &err) == 0;
    if (is_read && parts.kind == INTAKE_DISCLOSURE) {
        intake_question_take(&intake_disclosure_question, in, s, m, parts.question);
    } else if (is_read && parts.kind == INTAKE_DISCLOSURES) {
        if (intake_disclosure_batch_ask(in, s, m, parts.question, &err) < 0) {
            refuse_request(in, s, m, &err);
        }
    } else if (is_read && parts.kind == INTAKE_SIMILAR) {
        intake_question_take(&intake_similar_question, in, s, m, parts.question);
    } else if (is_read && parts.kind == INTAKE_ERASURE_RECEIPT) {
        intake_question_take(&intake_erasure_question, in, s, m, parts.question);
    } else if (is_read && intake_admit_message(&m->principal, &err) == 0) {
        intake_take(in, &(struct intake_delivery){
                            .principal = &m->principal,
                            .sink = {add_to_replies, in},
                            .peer = m->peer,
                            .records = parts.records,
                            .count = parts.record_count,
                            .bytes = m->body.len,
        });
    } else {
        refuse_request(in, s, m, &err);
    }
}

/* ---- life */

static void on_slot(void *ctx)
{
    struct intake *in = ctx;
    if (lease_held_count(in->slots) > 0) {
        if (in->had_slot) { /* for a while we were gone to the others */
            keyring_reload_again(in->keyring_reload);
        }
        in->had_slot = true;
    }
    for (size_t i = 0; i < in->lane_count; i++) {
        intake_lane_wake(in->lanes[i]);
    }
}

static void on_time(void *ctx)
{
    struct intake *in = ctx;
    for (size_t i = 0; i < in->lane_count && !in->service->is_draining; i++) {
        intake_lane_want_steps(in->lanes[i]);
    }
    intake_upkeep_tick(in->upkeep);
    forecast_upkeep_tick(in->forecast_upkeep);
}

static int load_standard(struct intake *in, struct err *err)
{
    if (text_is_empty(in->settings->standard)) {
        return err_set_field(err, "setting_invalid", "standard",
                             "standard must name the file with the service standard");
    }
    struct standard *s = standard_load(in->settings->standard, err);
    if (!s || intake_standard_register(in->service->db, s, service_now_us(in->service),
                                       &in->standard_id, err) < 0) {
        standard_free(s);
        return -1;
    }
    in->shelf = standard_shelf_new();
    standard_shelf_add(in->shelf, in->standard_id, s);
    in->standard = s;
    return intake_standard_load(in->service->db, in->shelf, in->metrics.standards_unreadable, err);
}

static int load_keyring(struct intake *in, struct err *err)
{
    if (text_is_empty(in->settings->master_key_file)) {
        return err_set_field(err, "setting_invalid", "master_key_file",
                             "master_key_file must name the file that `troth key master` made");
    }
    in->keyring = keyring_load(in->settings->master_key_file, err);
    return in->keyring
               ? intake_keyring_register(in->service->db, in->keyring, in->service->holder, err)
               : -1;
}

static int load_triage(struct intake *in, struct err *err)
{
    in->triage = contact_triage_new();
    in->triage_refresh = triage_refresh_new(in->service->loop, in->service->db, in->triage);
    return triage_refresh_load(in->triage_refresh, err);
}

static void make_parts(struct intake *in)
{
    struct service *s = in->service;
    in->requests = intake_request_pool_new();
    in->rates = intake_rates_new();
    in->backlog = intake_backlog_new();
    in->disk = intake_disk_new(&(struct intake_disk_options){
        .loop = s->loop,
        .path = in->settings->disk_watch,
        .min_percent = &in->settings->disk_free_min,
        .free_gauge = in->metrics.disk_free,
        .low_gauge = in->metrics.disk_low,
    });
    in->replies = intake_replies_new(&(struct intake_replies_options){
        .loop = s->loop,
        .send = reply,
        .ctx = in,
        .waiting_max = &in->settings->replies_max,
        .wait_us = &in->settings->reply_wait_us,
        .sent_counter = in->metrics.receipts_sent,
        .dropped_counter = in->metrics.receipts_dropped,
        .waiting_gauge = in->metrics.receipts_waiting,
    });
    in->reload = standard_reload_new(in);
    in->keyring_reload = keyring_reload_new(in);
    in->upkeep = intake_upkeep_new(in);
    in->forecast = forecast_new();
    in->forecast_upkeep = forecast_upkeep_new(in);
    in->desk = inquiry_desk_new(s->db, INTAKE_DISCLOSURES_MAX, in);
    in->batch_desk = inquiry_desk_new(s->db, INTAKE_DISCLOSURE_BATCHES_MAX, in);
    inquiry_desk_measure(in->desk, in->metrics.disclosure);
    inquiry_desk_measure(in->batch_desk, in->metrics.disclosure);
    in->slots = lease_set_new(s->loop, s->db,
                              &(struct lease_options){
                                  .group = "stream/intake",
                                  .count = EVENT_SLOT_COUNT,
                                  .want = 1,
                                  .holder = s->holder,
                                  .length_us = s->common->lease_us,
                              },
                              on_slot, in);
    in->step_lanes = lease_set_new(s->loop, s->db,
                                   &(struct lease_options){
                                       .group = "lane/intake",
                                       .count = LANE_COUNT,
                                       .holder = s->holder,
                                       .length_us = s->common->lease_us,
                                   },
                                   NULL, NULL);
    in->watch_lease = lease_set_new(s->loop, s->db,
                                    &(struct lease_options){
                                        .group = "watch/intake",
                                        .count = 1,
                                        .holder = s->holder,
                                        .length_us = s->common->lease_us,
                                    },
                                    NULL, NULL);
    size_t count = (size_t)in->settings->lanes;
    for (size_t i = 0; i < count; i++) {
        in->lanes[i] = intake_lane_new(in, i);
    }
    in->lane_count = count;
    in->lane_choice = lane_choice_new(count);
}

static int open_http(struct intake *in, struct err *err)
{
    if (text_is_empty(in->settings->records_http)) {
        return 0;
    }
    in->http = intake_http_new(in, err);
    return in->http ? 0 : -1;
}

static bool is_watching(const void *ctx)
{
    const struct intake *in = ctx;
    return lease_holds(in->watch_lease, 0);
}

static void fill_metrics(void *ctx)
{
    const struct intake *in = ctx;
    const int64_t oldest_us = intake_request_oldest_us(in->requests);
    *in->metrics.oldest_open = oldest_us ? instant_monotonic_us() - oldest_us : 0;
    *in->metrics.standard = in->standard_id;
}

void *intake_start(struct service *s, struct err *err)
{
    struct intake *in = xcalloc(1, sizeof(*in));
    in->service = s;
    in->settings = s->settings;
    intake_metrics_register(s->metrics, &in->metrics);
    if (load_keyring(in, err) < 0 || load_standard(in, err) < 0 || load_triage(in, err) < 0) {
        intake_stop(in);
        return NULL;
    }
    make_parts(in);
    in->audit = audit_task_new(in, err);
    if (!in->audit || open_http(in, err) < 0) {
        intake_stop(in);
        return NULL;
    }
    in->watch = gauge_watch_new(s, intake_gauge_questions, is_watching, in);
    metrics_before_print(s->metrics, fill_metrics, in);
    if (s->clock) {
        service_on_time(s, on_time, in);
    }
    log_info("standard_in_force", LOG_TEXT("hash", standard_hash(in->standard)),
             LOG_INT("id", in->standard_id));
    return in;
}

static bool are_lanes_idle(const struct intake *in)
{
    for (size_t i = 0; i < in->lane_count; i++) {
        if (!intake_lane_is_idle(in->lanes[i])) {
            return false;
        }
    }
    return true;
}

void intake_note_idle(struct intake *in)
{
    if (in->service->is_draining && are_lanes_idle(in)) {
        lease_set_give_back(in->slots);
    }
}

void intake_reload(void *state)
{
    struct intake *in = state;
    standard_reload_begin(in->reload);
    keyring_reload_begin(in->keyring_reload);
    audit_task_reload(in->audit);
}

void intake_drain(void *state)
{
    struct intake *in = state;
    if (in->service->requests) {
        bus_set_reading(in->service->requests, false);
    }
    lease_set_give_back(in->step_lanes);
    lease_set_give_back(in->watch_lease);
    audit_task_drain(in->audit);
    intake_note_idle(in);
}

bool intake_is_drained(const void *state)
{
    const struct intake *in = state;
    return are_lanes_idle(in) && intake_replies_waiting(in->replies) == 0 &&
           inquiry_desk_open_count(in->desk) == 0 && inquiry_desk_open_count(in->batch_desk) == 0 &&
           intake_http_is_idle(in->http) && intake_upkeep_is_idle(in->upkeep) &&
           forecast_upkeep_is_idle(in->forecast_upkeep) && audit_task_is_idle(in->audit);
}

void intake_stop(void *state)
{
    struct intake *in = state;
    metrics_withdraw(in->service->metrics, in);
    gauge_watch_free(in->watch);
    for (size_t i = 0; i < in->lane_count; i++) {
        intake_lane_free(in->lanes[i]);
    }
    intake_http_free(in->http);
    lane_choice_free(in->lane_choice);
    lease_set_free(in->slots);
    lease_set_free(in->step_lanes);
    lease_set_free(in->watch_lease);
    inquiry_desk_free(in->desk);
    inquiry_desk_free(in->batch_desk);
    intake_upkeep_free(in->upkeep);
    forecast_upkeep_free(in->forecast_upkeep);
    audit_task_free(in->audit);
    intake_replies_free(in->replies);
    intake_request_pool_free(in->requests);
    intake_rates_free(in->rates);
    intake_backlog_free(in->backlog);
    intake_disk_free(in->disk);
    forecast_free(in->forecast);
    triage_refresh_free(in->triage_refresh);
    contact_triage_free(in->triage);
    standard_reload_free(in->reload);
    keyring_reload_free(in->keyring_reload);
    standard_shelf_free(in->shelf);
    keyring_free(in->keyring);
    free(in);
}
