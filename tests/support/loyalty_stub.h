/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_stub.h - the part of troth-loyalty that turns events into scores, without its process,
 * and events for it. For tests with a database; include it last.
 */
#ifndef TROTH_TESTS_SUPPORT_LOYALTY_STUB_H
#define TROTH_TESTS_SUPPORT_LOYALTY_STUB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty.h"
#include "tests/support/event_writer.h"
#include "tests/support/test_database.h"

#define AT_US (INT64_C(1795248902) * DURATION_S)

enum {
    KEPT = 3,
    LATE = 4,
    BROKEN = 5,
    CSAT = 1,
    NPS = 2,
    CES = 3
};

static struct loop *loop;
static struct service *service;
static struct loyalty loyalty;
static struct event_writer *writer;
static struct loyalty_settings settings;
static int64_t counter;

static inline void use_settings(int64_t batch_events)
{
    settings_free(loyalty_settings, &settings);
    settings = (struct loyalty_settings){.batch_events = 0};
    settings_set_defaults(loyalty_settings, &settings);
    settings.batch_events = batch_events;
}

static inline void start_consumer_with(int64_t batch_events, size_t connections)
{
    struct err err = ERR_NONE;

    use_settings(batch_events);
    service = service_stub_new(loop, "loyalty", &settings);
    db_pool_free(service->db);
    service->db = test_pool(loop, "troth_loyalty", connections, 20 * DURATION_S);
    loyalty = (struct loyalty){.service = service};
    loyalty.applied_count =
        metrics_counter(service->metrics, "troth_test_applied_total", NULL, "Test.");
    loyalty.changed_count =
        metrics_counter(service->metrics, "troth_test_changed_total", NULL, "Test.");
    loyalty.looked_count =
        metrics_counter(service->metrics, "troth_test_looked_total", NULL, "Test.");
    if (loyalty_batch_start(&loyalty, &err) < 0 || loyalty_consume_start(&loyalty, &err) < 0) {
        fail_msg("%s", err.text);
    }
}

static inline void start_consumer(int64_t batch_events)
{
    start_consumer_with(batch_events, 3);
}

static inline void stop_consumer(void)
{
    loyalty_sweep_stop(&loyalty);
    loyalty_consume_stop(&loyalty);
    loyalty_batch_stop(&loyalty);
    service_stub_free(service);
}

static inline int set_up(void **state)
{
    test_sql("TRUNCATE log.lease, log.head, log.event, log.consumer_cursor, intake.customer,"
             " intake.customer_reference, loyalty.model_fit");
    test_sql("SELECT loyalty.start_over()");
    counter = 0;
    loop = loop_new();
    writer = event_writer_new(loop, "intake", "writer");
    return 0;
}

static inline int tear_down(void **state)
{
    event_writer_free(writer);
    loop_free(loop);
    settings_free(loyalty_settings, &settings);
    settings = (struct loyalty_settings){.batch_events = 0};
    return 0;
}

#define BEHIND                                                                                     \
    "SELECT count(*) FROM log.head h LEFT JOIN log.consumer_cursor c ON c.consumer = 'loyalty'"    \
    " AND c.stream = h.stream AND c.bucket = h.bucket"                                             \
    " WHERE h.stream LIKE 'intake.%' AND h.seq > coalesce(c.seq, 0)"

static inline bool is_idle(void *ctx)
{
    return !event_consumer_is_busy(loyalty.consumer);
}

static inline void wait_until_all_is_applied(void)
{
    test_wait_sql(loop, 0, BEHIND);
    test_wait(loop, is_idle, NULL, "the consumer has heard of its last commit");
}

/* ---- events */

static inline Troth__V1__Event next_event(int64_t customer, int64_t version)
{
    return event_writer_event(customer, version, AT_US + ++counter * DURATION_S);
}

/* Made an hour before it was due, which was a second before it ended, if it ended. */
static inline void add_promise(struct event_writer *w, int64_t customer, int64_t promise,
                               int version, int state)
{
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;
    Troth__V1__Event event = next_event(customer, version);
    char branch[] = "north", team[] = "desk", kind[] = "resolution";

    body.has_promise = body.has_promise_version = body.has_to = true;
    body.promise = promise;
    body.promise_version = version;
    body.to = (Troth__V1__PromiseState)state;
    body.has_made_us = body.has_due_us = body.has_done_us = true;
    body.due_us = event.occurred_us - DURATION_S;
    body.made_us = body.due_us - DURATION_H;
    body.done_us = event.occurred_us;
    body.branch = branch;
    body.owner_team = team;
    body.kind = kind;
    event.body_case = TROTH__V1__EVENT__BODY_PROMISE_CHANGED;
    event.promise_changed = &body;
    event_writer_add(w, &event);
}

struct answer {
    int64_t customer, number;
    int instrument, value;
    int64_t service_case; /* 0: none */
    bool is_reversal;
};

static inline void add(struct event_writer *w, const struct answer *a)
{
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event event = next_event(a->customer, 1);

    body.has_answer = body.has_instrument = body.has_value = true;
    body.answer = a->number;
    body.instrument = (Troth__V1__SurveyInstrument)a->instrument;
    body.value = a->value;
    body.has_service_case = a->service_case != 0;
    body.service_case = a->service_case;
    event.has_is_reversal = event.is_reversal = a->is_reversal;
    event.body_case = TROTH__V1__EVENT__BODY_SURVEY_ANSWERED;
    event.survey_answered = &body;
    event_writer_add(w, &event);
}

static inline void add_answer(struct event_writer *w, int64_t customer, int64_t answer,
                              int instrument, int value)
{
    add(w, &(struct answer){customer, answer, instrument, value, 0, false});
}

/* day: before AT_US. */
static inline void add_purchase(int64_t customer, int64_t purchase, int days_before,
                                bool is_reversal)
{
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event event = next_event(customer, 1);
    char currency[] = "CNY";

    event.occurred_us = AT_US - days_before * DURATION_DAY;
    event.has_is_reversal = event.is_reversal = is_reversal;
    body.has_purchase = body.has_amount_minor = true;
    body.purchase = purchase;
    body.amount_minor = 10000;
    body.currency = currency;
    event.body_case = TROTH__V1__EVENT__BODY_PURCHASE_MADE;
    event.purchase_made = &body;
    event_writer_add(writer, &event);
}

static inline int64_t customer_number(int64_t i)
{
    return identifier_make(1000 + i, (int16_t)(i * 7 % BUCKET_COUNT));
}

static inline int64_t thing_number(int64_t customer, int64_t i)
{
    return identifier_make(5000 + i, identifier_bucket(customer));
}

/* The same for the same seed; no generator with a state. */
static inline uint64_t chance(uint64_t seed)
{
    return bytes_hash64((struct bytes){.data = (const uint8_t *)&seed, .len = sizeof(seed)});
}

enum {
    PROMISES = 600,
    CUSTOMERS = 40
};

/* Each promise breaks or is kept; some broken ones are kept late or corrected. Two writers share
 * the versions. */
static inline void write_promises(struct event_writer *a, struct event_writer *b)
{
    for (int64_t i = 0; i < PROMISES; i++) {
        int64_t customer = customer_number(i % CUSTOMERS);
        int64_t promise = thing_number(customer, i);
        uint64_t luck = chance((uint64_t)i);
        struct event_writer *first = luck & 8 ? a : b, *second = luck & 16 ? a : b;

        add_promise(first, customer, promise, 1, luck % 2 == 0 ? KEPT : BROKEN);
        if (luck % 2 == 1 && luck & 32) {
            add_promise(second, customer, promise, 2, luck & 64 ? KEPT : LATE);
        }
        if (luck & 128) {
            add_answer(first, customer, promise, luck & 256 ? CSAT : NPS,
                       (int)(1 + luck / 512 % 5));
        }
        if (i % 50 == 49) {
            event_writer_commit(a);
            if (b != a) {
                event_writer_commit(b);
            }
        }
    }
}

static inline void assert_every_promise_counts_once(void)
{
    int64_t kept = 0, late = 0, broken = 0, csat = 0, nps = 0;

    for (int64_t i = 0; i < PROMISES; i++) {
        uint64_t luck = chance((uint64_t)i);
        bool has_second = luck % 2 == 1 && luck & 32;
        kept += luck % 2 == 0 || (has_second && luck & 64);
        late += has_second && !(luck & 64);
        broken += luck % 2 == 1 && !has_second;
        csat += luck & 128 && luck & 256;
        nps += luck & 128 && !(luck & 256);
    }
#define COUNT_OF(measure)                                                                          \
    test_sql_int("SELECT sum(count)::int8 FROM loyalty.score_sum WHERE measure = %d",              \
                 (int)(measure))
    assert_int_equal(COUNT_OF(MEASURE_TRUST), kept + late + broken);
    assert_int_equal(COUNT_OF(MEASURE_LATE), late);
    assert_int_equal(COUNT_OF(MEASURE_BROKEN), broken);
    assert_int_equal(COUNT_OF(MEASURE_SATISFACTION), csat);
    assert_int_equal(COUNT_OF(MEASURE_RECENT), csat);
    assert_int_equal(COUNT_OF(MEASURE_RECOMMENDATION), nps);
    assert_int_equal(test_sql_int("SELECT count(*) FROM (SELECT grouping, sum(kept) AS kept,"
                                  " sum(late) AS late, sum(broken) AS broken"
                                  " FROM loyalty.group_trust GROUP BY grouping) AS g"
                                  " WHERE (kept, late, broken) = (%lld, %lld, %lld)",
                                  (long long)kept, (long long)late, (long long)broken),
                     4);
    /* The sums say what the evidence says. */
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM (SELECT customer_number, count FROM loyalty.score_sum"
                     " WHERE measure = 1 AND count > 0) AS s FULL JOIN (SELECT customer_number,"
                     " count(*) FROM (SELECT DISTINCT ON (customer_number, subject) *"
                     " FROM loyalty.score_evidence WHERE kind = 1"
                     " ORDER BY customer_number, subject, version DESC) AS e"
                     " WHERE value IN (3, 4, 5) GROUP BY customer_number) AS e"
                     " USING (customer_number) WHERE s.count IS DISTINCT FROM e.count"),
        0);
}

/* A number that changes with anything in the table. */
#define FINGERPRINT(columns, table)                                                                \
    test_sql_int("SELECT ('x' || substr(md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), "  \
                 "'')), 1, 15))"                                                                   \
                 "::bit(60)::int8 FROM (SELECT " columns " FROM loyalty." table ") AS t")

#endif
