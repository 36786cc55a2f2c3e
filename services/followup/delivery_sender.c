/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery_sender.c - one conversation with the database at a time: results first, then claims.
 *
 *   claim    a due row's next attempt is put ahead by HOLD, which is longer than any attempt
 *   send     webhook or mail
 *   result   2xx: delivered. 410: dead. else again later, or dead after delivery_give_up
 */
#include "services/followup/delivery_sender.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/mail_text.h"
#include "common/runtime/web_client.h"
#include "common/runtime/webhook_sign.h"
#include "services/followup/delivery_schedule.h"
#include "services/followup/delivery_store.h"
#include "services/followup/followup_talk.h"

enum {
    EACH_MAX = 4,
    ALL_MAX = 64,
    PURGE_MAX = 1000,
    HEADER_SIZE = 256,
    GONE = 410,
};
#define HOLD_US         (5 * DURATION_MIN) /* delivery_timeout is shorter */
#define UPKEEP_EVERY_US (10 * DURATION_MIN)

/* An attempt under way. */
struct sending {
    struct delivery_sender *sender;
    struct delivery_id id;
    int64_t first_us;
    char event_id[HEADER_SIZE];
    struct web_call *web;
    struct sending *prev, *next;
};

struct delivery_sender {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct web_client *client;
    struct sending *under_way;
    int32_t under_way_count;
    struct delivery_result results[ALL_MAX]; /* to be written */
    size_t result_count;
    size_t writing_count;
    int64_t upkeep_us; /* monotonic */
    bool is_wanted;
    int64_t *delivered, *failed, *dead;
};

static void look_soon(struct delivery_sender *s)
{
    if (!s->talk.is_busy) {
        loop_timer_after(s->timer, 0);
    }
}

/* ---- results */

static void add_result(struct sending *one, int status, const char *code, int64_t retry_after_s)
{
    struct delivery_sender *s = one->sender;
    const struct followup_settings *settings = s->followup->settings;
    const struct delivery_schedule schedule = {
        .retry_us = settings->delivery_retry_us,
        .retry_max_us = settings->delivery_retry_max_us,
        .give_up_us = settings->delivery_give_up_us,
    };
    const struct delivery_attempt attempt = {
        .attempts = one->id.attempts,
        .first_us = one->first_us,
        .retry_after_s = retry_after_s,
        .is_gone = status == GONE,
    };
    uint64_t random;
    randombytes_buf(&random, sizeof(random));
    /* There is room: results and what is under way are at most ALL_MAX together. */
    struct delivery_result *r = &s->results[s->result_count++];
    *r = (struct delivery_result){.id = one->id, .status = status};
    (void)text_copy(r->code, sizeof(r->code), code);
    r->next_us =
        code[0] ? delivery_next_attempt_us(&schedule, &attempt, instant_now_us(), random) : -1;
    if (!code[0]) {
        (*s->delivered)++;
    } else {
        (*(r->next_us < 0 ? s->dead : s->failed))++;
        LOG_LINE(r->next_us < 0 ? LOG_ERROR : LOG_INFO,
                 r->next_us < 0 ? "delivery_dead" : "delivery_failed",
                 LOG_INT("subscription", one->id.subscription), LOG_TEXT("id", one->event_id),
                 LOG_INT("attempt", one->id.attempts), LOG_INT("status", status),
                 LOG_TEXT("code", code));
    }
}

static void drop(struct sending *one)
{
    struct delivery_sender *s = one->sender;
    web_call_cancel(one->web);
    DL_DELETE(s->under_way, one);
    s->under_way_count--;
    free(one);
}

static void on_answer(void *ctx, const struct web_answer *a)
{
    struct sending *one = ctx;
    struct delivery_sender *s = one->sender;
    one->web = NULL;
    add_result(one, a->status, a->err.code, a->retry_after_s);
    drop(one);
    s->is_wanted = true;
    look_soon(s);
}

/* ---- sending */

/* NULL: what happened follows from no traced record. */
static const char *trace_header(const struct sending *one, const struct delivery_due *due,
                                char ret[HEADER_SIZE])
{
    char trace[TRACE_CONTEXT_SIZE], id[TRACE_CONTEXT_ID_SIZE];
    if (!delivery_body_trace(due->body, trace)) {
        return NULL;
    }
    if (trace_context_is_sampled(trace)) {
        log_info("delivery_sent", LOG_TEXT("trace", trace_context_id(trace, id)),
                 LOG_INT("subscription", one->id.subscription), LOG_TEXT("id", one->event_id),
                 LOG_INT("attempt", one->id.attempts));
    }
    (void)text_format(ret, HEADER_SIZE, "traceparent: %s", trace);
    return ret;
}

static int send_webhook(struct sending *one, const struct delivery_due *due, struct err *err)
{
    struct webhook_secrets secrets;
    struct text signature = {0};
    char id[HEADER_SIZE], timestamp[HEADER_SIZE], trace[HEADER_SIZE];
    int64_t now_us = instant_now_us();
    const struct bytes body = bytes_of_text(due->body);
    if (webhook_secrets_parse(due->secret, &secrets, err) < 0) {
        return -1;
    }
    text_append(&signature, "webhook-signature: ");
    webhook_sign(&secrets, one->event_id, now_us, body, &signature);
    webhook_secrets_wipe(&secrets);
    (void)text_format(id, sizeof(id), "webhook-id: %s", one->event_id);
    (void)text_format(timestamp, sizeof(timestamp), "webhook-timestamp: %lld",
                      (long long)(now_us / DURATION_S));
    const char *const headers[] = {"Content-Type: application/json", id,  timestamp, signature.data,
                                   trace_header(one, due, trace),    NULL};
    const struct web_request request = {
        .method = "POST",
        .url = due->url,
        .headers = headers,
        .body = body,
        .timeout_us = one->sender->followup->settings->delivery_timeout_us,
    };
    one->web = web_client_send(one->sender->client, &request, on_answer, one);
    text_free(&signature);
    return 0;
}

static int send_mail(struct sending *one, const struct delivery_due *due, struct err *err)
{
    const struct followup_settings *settings = one->sender->followup->settings;
    char subject[HEADER_SIZE], id[HEADER_SIZE];
    struct buffer content = {.data = NULL};
    if (text_is_empty(settings->mail_server)) {
        return err_set(err, "mail_server_missing", "mail_server is not set");
    }
    (void)text_format(subject, sizeof(subject), "Troth: %s", due->kind);
    (void)text_format(id, sizeof(id), "%s.%d%s", one->event_id, (int)due->id.subscription,
                      strchr(settings->mail_from, '@') ? strchr(settings->mail_from, '@')
                                                       : "@localhost");
    const struct mail_text mail = {
        .from = settings->mail_from,
        .to = due->mail,
        .subject = subject,
        .message_id = id,
        .plain = due->body,
        .at_us = instant_now_us(),
    };
    mail_text_write(&mail, &content);
    const struct web_mail message = {
        .url = settings->mail_server,
        .needs_tls = settings->mail_starttls,
        .from = settings->mail_from,
        .to = due->mail,
        .content = {content.data, content.len},
        .timeout_us = settings->delivery_timeout_us,
    };
    one->web = web_client_mail(one->sender->client, &message, on_answer, one);
    buffer_free(&content);
    return 0;
}

static void begin(struct delivery_sender *s, const struct delivery_due *due)
{
    struct err err = ERR_NONE;
    struct sending *one = xcalloc(1, sizeof(*one));
    one->sender = s;
    one->id = due->id;
    one->first_us = due->first_us;
    (void)text_format(one->event_id, sizeof(one->event_id), "%s-%d-%lld", due->id.stream,
                      (int)due->id.bucket, (long long)due->id.seq);
    DL_APPEND(s->under_way, one);
    s->under_way_count++;
    int rc = text_is_empty(due->url) ? send_mail(one, due, &err) : send_webhook(one, due, &err);
    if (rc < 0) {
        add_result(one, 0, err.code, 0);
        drop(one);
    }
}

/* ---- conversations */

static void look_again(struct delivery_sender *s)
{
    bool is_soon = s->is_wanted || s->result_count > 0;
    loop_timer_after(s->timer, is_soon ? 0 : s->followup->service->common->poll_us);
}

static void on_claimed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct delivery_sender *s = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(s->followup, "deliveries_failed", reply);
        s->is_wanted = false;
    } else {
        const struct db_rows *rows = reply->rows[0];
        for (size_t i = 0; i < db_row_count(rows); i++) {
            struct delivery_due due;
            delivery_store_get_due(rows, i, &due);
            begin(s, &due);
        }
    }
    followup_talk_end(&s->talk);
    look_again(s);
}

/* How many are under way for the subscription of this one, and whether it is the first of them. */
static int32_t count_same(const struct delivery_sender *s, const struct sending *one,
                          bool *ret_is_first)
{
    int32_t count = 0;
    for (const struct sending *other = s->under_way; other; other = other->next) {
        if (other->id.subscription == one->id.subscription) {
            if (count++ == 0) {
                *ret_is_first = other == one;
            }
        }
    }
    return count;
}

static void put_busy(const struct delivery_sender *s, struct db_array *ids, struct db_array *counts)
{
    db_array_init(ids, DB_INT4);
    db_array_init(counts, DB_INT4);
    for (const struct sending *one = s->under_way; one; one = one->next) {
        bool is_first = false;
        int32_t count = count_same(s, one, &is_first);
        if (is_first) {
            db_array_add_int(ids, one->id.subscription);
            db_array_add_int(counts, count);
        }
    }
}

/* A subscription may have ended while one of its events became a delivery. */
static void put_upkeep(struct delivery_sender *s, struct db *db, int64_t now_us)
{
    if (instant_monotonic_us() >= s->upkeep_us) {
        s->upkeep_us = instant_monotonic_us() + UPKEEP_EVERY_US;
        delivery_store_put_ended(db, now_us);
        delivery_store_put_settle(db);
        delivery_store_put_purge(db, now_us - s->followup->settings->delivery_keep_us, PURGE_MAX);
    }
}

static void put_claim(struct delivery_sender *s, struct db *db)
{
    struct db_array buckets, ids, counts;
    followup_list_buckets(s->followup, &buckets);
    put_busy(s, &ids, &counts);
    const struct delivery_claim claim = {
        .buckets = &buckets,
        .busy = &ids,
        .counts = &counts,
        .each_max = EACH_MAX,
        .all_max = ALL_MAX - s->under_way_count - (int32_t)s->result_count,
        .now_us = instant_now_us(),
        .hold_us = HOLD_US,
    };
    s->is_wanted = false;
    db_begin(db);
    delivery_store_put_claim(db, &claim);
    put_upkeep(s, db, claim.now_us);
    db_commit(db);
    db_array_free(&buckets);
    db_array_free(&ids);
    db_array_free(&counts);
    db_run(db, on_claimed, s);
}

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct delivery_sender *s = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        /* Lost is only that they were tried: they are tried again. */
        followup_log_failure(s->followup, "delivery_results_failed", reply);
    }
    s->result_count -= s->writing_count;
    memmove(s->results, s->results + s->writing_count, s->result_count * sizeof(s->results[0]));
    s->writing_count = 0;
    followup_talk_end(&s->talk);
    look_again(s);
}

static void put_results(struct delivery_sender *s, struct db *db)
{
    int64_t now_us = instant_now_us();
    s->writing_count = s->result_count;
    db_begin(db);
    delivery_store_put_results(db, s->results, s->writing_count, now_us);
    db_commit(db);
    db_run(db, on_written, s);
}

static void start(void *ctx, struct db *db)
{
    struct delivery_sender *s = ctx;
    if (s->result_count > 0) {
        put_results(s, db);
    } else {
        put_claim(s, db);
    }
}

static void look(void *ctx)
{
    struct delivery_sender *s = ctx;
    const struct followup *f = s->followup;
    bool may_claim =
        !f->is_draining && lease_held_count(f->lanes) > 0 && s->under_way_count < ALL_MAX;
    if (s->talk.is_busy) {
        return;
    }
    if (s->result_count > 0 || may_claim) {
        followup_talk_begin(&s->talk, start, s);
    } else {
        s->is_wanted = false;
        look_again(s);
    }
}

/* ---- life */

struct delivery_sender *delivery_sender_new(struct followup *f, struct err *err)
{
    const struct web_client_options options = {
        .ca_file = f->settings->ca_file,
        .proxy = f->settings->proxy,
    };
    struct metrics *m = f->service->metrics;
    struct web_client *client = web_client_new(f->service->loop, &options, err);
    if (!client) {
        return NULL;
    }
    struct delivery_sender *s = xcalloc(1, sizeof(*s));
    s->followup = f;
    s->talk.pool = f->service->db;
    s->client = client;
    s->delivered = metrics_counter(m, "troth_followup_delivery_attempts_total",
                                   "result=\"delivered\"", "Attempts to tell a subscription.");
    s->failed = metrics_counter(m, "troth_followup_delivery_attempts_total", "result=\"failed\"",
                                "Attempts to tell a subscription.");
    s->dead = metrics_counter(m, "troth_followup_delivery_attempts_total", "result=\"dead\"",
                              "Attempts to tell a subscription.");
    s->timer = loop_timer_new(f->service->loop, look, s);
    loop_timer_after(s->timer, 0);
    return s;
}

void delivery_sender_free(struct delivery_sender *s)
{
    if (s) {
        followup_talk_close(&s->talk);
        for (struct sending *one = s->under_way, *next; one; one = next) {
            next = one->next;
            drop(one);
        }
        web_client_free(s->client);
        loop_timer_free(s->timer);
        free(s);
    }
}

void delivery_sender_wake(struct delivery_sender *s)
{
    s->is_wanted = true;
    look_soon(s);
}

bool delivery_sender_is_busy(const struct delivery_sender *s)
{
    return s->talk.is_busy || s->result_count > 0;
}
