/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/event_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "tests/support/test_database.h"

static bool is_all_held(void *ctx)
{
    const struct event_stage *s = ctx;
    return lease_held_count(s->slots) == 1 && lease_held_count(s->lanes) == EVENT_STAGE_LANES;
}

void event_stage_open(struct event_stage *s)
{
    test_sql("TRUNCATE log.lease, log.head, log.event, log.consumer_cursor");
    test_sql("CREATE TABLE public.applied (stream text, bucket int4, seq int8, consumer text,"
             " PRIMARY KEY (stream, bucket, seq))");
    test_sql("GRANT USAGE ON SCHEMA public TO troth_loyalty, troth_intake");
    test_sql("GRANT ALL ON public.applied TO troth_loyalty");
    s->loop = loop_new();
    s->intake = test_pool(s->loop, "troth_intake", 2, 0);
    s->loyalty = test_pool(s->loop, "troth_loyalty", 2, 0);
    s->slots = lease_set_new(
        s->loop, s->intake,
        &(struct lease_options){
            .group = "stream/intake", .count = EVENT_SLOT_COUNT, .want = 1, .holder = "writer"},
        NULL, NULL);
    s->lanes =
        lease_set_new(s->loop, s->loyalty,
                      &(struct lease_options){
                          .group = "lane/loyalty", .count = EVENT_STAGE_LANES, .holder = "reader"},
                      NULL, NULL);
    test_wait(s->loop, is_all_held, s, "the leases are held");
}

void event_stage_close(struct event_stage *s)
{
    lease_set_free(s->slots);
    lease_set_free(s->lanes);
    db_pool_free(s->intake);
    db_pool_free(s->loyalty);
    loop_free(s->loop);
    test_sql("DROP TABLE public.applied");
}

static const struct db_query insert_applied = {
    "test_applied",
    "INSERT INTO public.applied SELECT s, b, q, $4 FROM unnest($1::text[], $2::int4[], $3::int8[])"
    " AS a (s, b, q)",
    DB_NONE};

static void apply(void *ctx, struct event_consumption *c)
{
    struct event_reader *r = ctx;
    struct db_params p = {0};
    struct db_array stream;
    struct db_array bucket;
    struct db_array seq;
    bool is_refused = false;
    db_array_init(&stream, DB_TEXT);
    db_array_init(&bucket, DB_INT4);
    db_array_init(&seq, DB_INT8);
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        const Troth__V1__Event *e = event_consumption_get(c, i);
        is_refused |= r->refuse_version > 0 && e->version == r->refuse_version;
        db_array_add_text(&stream, e->stream);
        db_array_add_int(&bucket, e->bucket);
        db_array_add_int(&seq, e->seq);
    }
    if (is_refused && r->refuse_how == REFUSED_BY_DATABASE) {
        db_array_add_null(&seq); /* NOT NULL says no */
    }
    db_put_array(&p, &stream);
    db_put_array(&p, &bucket);
    db_put_array(&p, &seq);
    db_put_text(&p, r->name);
    db_query(event_consumption_db(c), &insert_applied, &p);
    db_params_free(&p);
    db_array_free(&stream);
    db_array_free(&bucket);
    db_array_free(&seq);
    if (is_refused && r->refuse_how == REFUSED_BY_SERVICE) {
        event_consumption_fail(c, NULL);
    } else {
        event_consumption_commit(c);
    }
}

static void applied(void *ctx, struct event_consumption *c, const struct db_reply *reply)
{
    struct event_reader *r = ctx;
    assert_int_equal(reply->count, 1); /* the fences and the cursors are no sets of ours */
    assert_int_equal(db_affected(reply->rows[0]), event_consumption_count(c));
    for (size_t i = 0; i < event_consumption_count(c); i++) {
        const Troth__V1__Event *e = event_consumption_get(c, i);
        int64_t *last = &r->last[e->stream[strlen("intake.")] - '0'][e->bucket];
        r->disorder += e->seq <= *last;
        *last = e->seq;
    }
    r->applied += (int64_t)event_consumption_count(c);
    r->batches++;
}

static bool may_read(const void *ctx)
{
    const struct event_reader *r = ctx;
    return !r->is_held;
}

void event_reader_open(struct event_reader *r, const struct event_stage *s,
                       const struct lease_set *lanes, size_t batch_max)
{
    static const char *const services[] = {"intake", NULL};
    r->consumer = event_consumer_new(s->loop, s->loyalty,
                                     &(struct event_consumer_options){.consumer = "loyalty",
                                                                      .services = services,
                                                                      .batch_max = batch_max,
                                                                      .poll_us = 20 * DURATION_MS,
                                                                      .lanes = lanes,
                                                                      .apply = apply,
                                                                      .applied = applied,
                                                                      .may_read = may_read,
                                                                      .ctx = r});
}

void event_reader_close(struct event_reader *r)
{
    event_consumer_free(r->consumer);
    r->consumer = NULL;
}

struct goal {
    const struct event_reader *reader;
    int64_t applied;
};

static bool has_applied(void *ctx)
{
    const struct goal *g = ctx;
    return g->reader->applied >= g->applied;
}

void event_reader_wait(const struct event_stage *s, const struct event_reader *r, int64_t count)
{
    struct goal g = {.reader = r, .applied = count};
    test_wait(s->loop, has_applied, &g, "the events are applied");
}

void event_stage_assert_applied_once(int64_t count)
{
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.event"), count);
    assert_int_equal(
        test_sql_int(
            "SELECT count(*) FROM log.event JOIN public.applied USING (stream, bucket, seq)"),
        count);
    assert_int_equal(test_sql_int("SELECT count(*) FROM public.applied"), count);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM (SELECT stream, bucket FROM log.event GROUP BY 1, 2"
                     " HAVING count(*) <> max(seq)) AS with_gap"),
        0);
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM log.head AS h LEFT JOIN log.consumer_cursor AS c"
                     " ON (c.consumer, c.stream, c.bucket, c.seq) ="
                     " ('loyalty', h.stream, h.bucket, h.seq) WHERE c.seq IS NULL"),
        0);
}
