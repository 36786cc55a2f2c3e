/* SPDX-License-Identifier: Apache-2.0 */
/* improvement_announce.c - tells intake what is better now; and who has seen a warning. */
#include <inttypes.h>

#include "common/base/text.h"
#include "services/reporting/improvement_store.h"
#include "services/reporting/improvement_visit.h"
#include "services/reporting/report_day.h"
#include "services/reporting/warning_store.h"

/* ---- announce */

static void on_marked(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)db;
    if (improvement_visit_is_ok(ctx, reply)) {
        improvement_visit_show(ctx);
    }
}

static void mark_announced(void *ctx, struct db *db)
{
    struct improvement_visit *v = ctx;

    v->db = db;
    db_begin(db);
    improvement_store_announced(db, v->action.id, improvement_visit_now_us(v));
    db_commit(db);
    db_run(db, on_marked, v);
}

static void on_sent(void *ctx, const struct record_tally *tally)
{
    struct improvement_visit *v = ctx;

    if (tally->failed > 0) {
        improvement_visit_refuse(v, "not_permitted",
                                 "intake did not take it: has our key the right records?");
    } else {
        improvement_visit_submit(v, mark_announced);
    }
}

/* Under a key of its id: intake takes it once, with the words that came first. Who dies before that
 * is marked sends it again, at another instant: key_reused then says that intake has it. */
static void send_record(struct improvement_visit *v)
{
    Troth__V1__Improvement body = TROTH__V1__IMPROVEMENT__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    struct improvement *a = &v->action;
    struct answer_record made = {.offset = 0};
    struct buffer packed = {0};

    (void)text_format(made.key, sizeof(made.key), "improvement/%" PRId64, a->id);
    body.improvement_ref = made.key;
    body.category = text_is_empty(a->category) ? NULL : a->category;
    body.product = text_is_empty(a->product) ? NULL : a->product;
    body.branch = text_is_empty(a->branch) ? NULL : a->branch;
    body.words = text_is_empty(v->words) ? NULL : v->words;
    record.key = made.key;
    record.has_occurred_us = record.has_is_permanent_key = record.is_permanent_key = true;
    record.occurred_us = improvement_visit_now_us(v);
    record.body_case = TROTH__V1__RECORD__BODY_IMPROVEMENT;
    record.improvement = &body;
    made.len = troth__v1__record__get_packed_size(&record);
    (void)troth__v1__record__pack(&record, buffer_extend(&packed, made.len));
    record_desk_send(v->desk->records, &made, 1, &packed, on_sent, v);
    buffer_free(&packed);
}

static void on_read_to_announce(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    (void)db;
    if (!improvement_visit_take_action(v, reply)) {
        return;
    }
    if (v->action.announced_us != IMPROVEMENT_NO_TIME) {
        improvement_visit_answer(v, improvement_write(&v->action, v->language));
    } else if (text_is_empty(v->action.category) && text_is_empty(v->action.product)) {
        improvement_visit_refuse(v, "request_invalid",
                                 "it needs a category or product: who should be told?");
    } else {
        improvement_visit_release(v);
        send_record(v);
    }
}

static void announce(void *ctx, struct db *db)
{
    struct improvement_visit *v = ctx;

    v->db = db;
    improvement_store_ask_one(db, v->id);
    db_run(db, on_read_to_announce, v);
}

/* Whether intake takes it is not known yet: so who comes second is not told that it did. */
static bool is_under_way(const struct improvement_visit *v)
{
    for (const struct improvement_visit *o = v->desk->open; o; o = o->next) {
        if (o != v && o->is_announcing && o->id == v->id) {
            return true;
        }
    }
    return false;
}

void improvement_on_announce(void *ctx, const struct web_request *request,
                             struct http_exchange *exchange)
{
    struct improvement_visit *v = improvement_visit_begin(ctx, request, exchange);

    if (!v || !improvement_visit_take_id(v, request->rest)) {
        return;
    }
    if (is_under_way(v)) {
        improvement_visit_refuse(v, "changed_meanwhile", "it is being announced just now");
        return;
    }
    v->is_announcing = true;
    const json_t *words = json_object_get(v->json, "words");
    if (!v->desk->records) {
        improvement_visit_refuse(v, "unavailable",
                                 "intake_key_file is not set: nothing can be told");
    } else if (words &&
               (!json_is_string(words) || json_string_length(words) >= IMPROVEMENT_WORDS_SIZE)) {
        improvement_visit_refuse(v, "request_invalid", "words: a text of at most 500 bytes");
    } else {
        (void)text_copy(v->words, sizeof(v->words), words ? json_string_value(words) : "");
        improvement_visit_submit(v, announce);
    }
}

/* ---- warnings */

static void on_seen(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    (void)db;
    if (!improvement_visit_is_ok(v, reply)) {
        return;
    }
    if (db_get_int(reply->rows[0], 0, 0) == 0) {
        improvement_visit_refuse(v, "warning_unknown", "there is no such warning");
    } else {
        improvement_visit_answer(v, json_object());
    }
}

static void mark_seen(void *ctx, struct db *db)
{
    struct improvement_visit *v = ctx;
    const struct warning_named named = {
        .day = v->day, .value = v->value, .dimension = v->dimension, .measure = v->measure};

    v->db = db;
    db_begin(db);
    warning_store_put_seen(db, &named, v->user, improvement_visit_now_us(v));
    db_commit(db);
    db_run(db, on_seen, v);
}

static const char *text_of(const struct improvement_visit *v, const char *name)
{
    const char *text = json_string_value(json_object_get(v->json, name));

    return text ? text : "";
}

void improvement_on_warning_seen(void *ctx, const struct web_request *request,
                                 struct http_exchange *exchange)
{
    struct improvement_visit *v = improvement_visit_begin(ctx, request, exchange);
    int64_t day;

    if (!v) {
        return;
    }
    const struct figure_measure_row *measure = figure_measure_by_name(text_of(v, "measure"));
    v->dimension = figure_dimension_by_name(text_of(v, "dimension"));
    if (!measure || v->dimension == DIMENSION_COUNT ||
        report_day_parse(text_of(v, "day"), &day) < 0) {
        improvement_visit_refuse(v, "request_invalid",
                                 "day, dimension, value and measure as in the warning");
        return;
    }
    v->measure = measure->measure;
    (void)text_copy(v->day, sizeof(v->day), text_of(v, "day"));
    (void)text_copy(v->value, sizeof(v->value), text_of(v, "value"));
    improvement_visit_submit(v, mark_seen);
}
