/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/domain/identifier.h"

enum {
    RECORDS_MAX = 20000,
    SOURCES_MAX = 8,
    FLOODER = 1,
    LIGHT = 2
};

static struct {
    struct intake_queue *queue;
    struct intake_request requests[SOURCES_MAX]; /* one of each source */
    struct intake_record records[RECORDS_MAX];   /* 'index': in which order they were added */
    bool is_taken[RECORDS_MAX];
    size_t next[SOURCES_MAX][BUCKET_COUNT]; /* of each source and bucket: no index below it comes */
    size_t count;
} t;

static int setup(void **state)
{
    memset(&t, 0, sizeof(t));
    t.queue = intake_queue_new();
    for (int32_t i = 0; i < SOURCES_MAX; i++) {
        t.requests[i].sender.source_id = i;
    }
    return 0;
}

static int teardown(void **state)
{
    while (intake_queue_take(t.queue, 100)) {
    }
    assert_int_equal(intake_queue_count(t.queue), 0);
    assert_int_equal(intake_queue_sources(t.queue), 0);
    intake_queue_free(t.queue);
    intake_queue_free(NULL);
    return 0;
}

static void add(int32_t source, int bucket, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(t.count < RECORDS_MAX);
        struct intake_record *r = &t.records[t.count];
        *r = (struct intake_record){
            .request = &t.requests[source],
            .bucket = (int16_t)bucket,
            .index = t.count,
            .next = r, /* of whatever list it was in before */
        };
        intake_queue_add(t.queue, r);
        t.count++;
    }
}

/* Over all buckets evenly. */
static void spread(int32_t source, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add(source, (int)(i % BUCKET_COUNT), 1);
    }
}

struct batch {
    size_t count;
    size_t of[SOURCES_MAX]; /* sources */
    int first_bucket, last_bucket;
    size_t turns; /* changes of the bucket from one record to the next */
};

/* Whatever is in it: nothing twice, and a source's records of one bucket in their order. */
static struct batch take(size_t max)
{
    struct batch b = {0};
    int bucket = -1;
    size_t before = intake_queue_count(t.queue);
    for (const struct intake_record *r = intake_queue_take(t.queue, max); r; r = r->next) {
        const int32_t source = r->request->sender.source_id;
        assert_false(t.is_taken[r->index]);
        t.is_taken[r->index] = true;
        assert_true(r->index >= t.next[source][r->bucket]);
        t.next[source][r->bucket] = r->index + 1;
        b.first_bucket = b.count == 0 ? r->bucket : b.first_bucket;
        b.turns += b.count > 0 && r->bucket != bucket;
        bucket = b.last_bucket = r->bucket;
        b.of[source]++;
        b.count++;
    }
    assert_true(b.count <= max);
    assert_int_equal(intake_queue_count(t.queue), before - b.count);
    return b;
}

static void expect(const char *name, int32_t source, size_t got, size_t want)
{
    if (got != want) {
        fail_msg("%s: source %d has %zu, not %zu", name, source, got, want);
    }
}

static void a_batch_is_shared_out(void **state)
{
    static const struct {
        const char *name;
        size_t waiting[4], max, want[4];
    } cases[] = {
        {"nobody",                        {0},                512, {0}               },
        {"one alone has all",             {0, 900},           512, {0, 512}          },
        {"one alone that has less",       {0, 3},             512, {0, 3}            },
        {"two equal halves",              {0, 900, 900},      512, {0, 256, 256}     },
        {"the light one gets all it has", {0, 900, 1},        512, {0, 511, 1}       },
        {"all fit",                       {0, 200, 300},      512, {0, 200, 300}     },
        {"three thirds",                  {0, 900, 900, 900}, 512, {0, 171, 171, 170}},
        {"what two leave is the third's", {0, 900, 10, 20},   512, {0, 482, 10, 20}  },
        {"what one leaves is for two",    {0, 900, 10, 900},  512, {0, 251, 10, 251} },
        {"one record for four",           {50, 50, 50, 50},   1,   {1, 0, 0, 0}      },
        {"fewer records than sources",    {50, 50, 50, 50},   3,   {1, 1, 1, 0}      },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        setup(state);
        for (int32_t s = 0; s < 4; s++) {
            spread(s, cases[i].waiting[s]);
        }
        struct batch b = take(cases[i].max);
        for (int32_t s = 0; s < 4; s++) {
            expect(cases[i].name, s, b.of[s], cases[i].want[s]);
        }
        teardown(state);
    }
}

static void odd_records_go_round(void **state)
{
    size_t had[4] = {0};
    for (int32_t s = 0; s < 4; s++) {
        spread(s, 300);
    }
    for (int i = 0; i < 100; i++) {
        struct batch b = take(3);
        for (int32_t s = 0; s < 4; s++) {
            had[s] += b.of[s];
        }
    }
    for (int32_t s = 0; s < 4; s++) {
        assert_int_equal(had[s], 75);
    }
}

static void a_light_source_is_in_the_next_batch_whatever_waits(void **state)
{
    static const struct {
        const char *name;
        int flooded; /* bucket, -1: all */
        int light;
    } cases[] = {
        {"spread over all",      -1, 255},
        {"the same bucket",      7,  7  },
        {"the bucket before it", 6,  7  },
        {"the bucket behind it", 8,  7  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        setup(state);
        if (cases[i].flooded < 0) {
            spread(FLOODER, 8000);
        } else {
            add(FLOODER, cases[i].flooded, 8000);
        }
        for (int round = 0; round < 5; round++) {
            add(LIGHT, cases[i].light, 1);
            struct batch b = take(512);
            expect(cases[i].name, LIGHT, b.of[LIGHT], 1);
            expect(cases[i].name, FLOODER, b.of[FLOODER], 511);
        }
        teardown(state);
    }
}

/* A batch of one source writes a few buckets, not a few rows of each, and the next goes on there.
 */
static void a_batch_goes_bucket_after_bucket(void **state)
{
    spread(FLOODER, (size_t)10 * BUCKET_COUNT);
    struct batch b = take(105);
    assert_int_equal(b.first_bucket, 0);
    assert_int_equal(b.last_bucket, 10);
    assert_int_equal(b.turns, 10);
    b = take(100);
    assert_int_equal(b.first_bucket, 10); /* it was cut off there */
    assert_int_equal(b.turns, 10);
    spread(LIGHT, BUCKET_COUNT);
    b = take(100); /* 50 each: one is far ahead, the other goes on */
    assert_int_equal(b.first_bucket, 20);
    assert_int_equal(b.turns, 49);
    b = take(100);
    assert_int_equal(b.first_bucket, 25); /* where the first one was cut off */
}

/* Who had all that it sent was not cut off, so what came meanwhile waits for its turn. */
static void the_next_batch_goes_on_where_the_first_was_cut_off(void **state)
{
    spread(FLOODER, (size_t)10 * BUCKET_COUNT);
    add(LIGHT, 3, 1);
    struct batch b = take(106);
    assert_int_equal(b.of[LIGHT], 1);
    add(LIGHT, 4, 1);
    b = take(106);
    assert_int_equal(b.first_bucket, 10);
    assert_int_equal(b.of[LIGHT], 1);
}

static void a_single_record_that_was_left_goes_first(void **state)
{
    spread(FLOODER, 106);
    assert_int_equal(take(105).count, 105);
    add(FLOODER, 4, 1);
    assert_int_equal(take(2).first_bucket, 105);
}

/* Others about other customers of the same source go on beside a flood about one. */
static void a_flood_about_one_customer_holds_up_nobody_else(void **state)
{
    add(FLOODER, 0, 5000);
    add(FLOODER, 200, 1);
    struct batch b = take(512);
    assert_int_equal(b.of[FLOODER], 512);
    size_t behind = t.count - 1;
    assert_false(t.is_taken[behind]);
    b = take(512);
    assert_true(t.is_taken[behind]);
    assert_int_equal(b.of[FLOODER], 512);
}

/* A source is forgotten when it has nothing, and comes back as if it were new. */
static void sources_come_and_go(void **state)
{
    for (int round = 0; round < 50; round++) {
        for (int32_t s = 0; s < SOURCES_MAX; s++) {
            add(s, round, (size_t)s % 3);
        }
        assert_int_equal(intake_queue_sources(t.queue), 5);
        assert_int_equal(take(round % 2 ? 100 : 2).count, round % 2 ? 7 + 5 : 2);
    }
}

static void no_record_is_lost_or_taken_twice(void **state)
{
    uint32_t chance = 20261123;
    size_t taken = 0;
    while (t.count < 8000) {
        for (int i = 0; i < 20; i++) {
            chance = chance * 1664525 + 1013904223;
            const int32_t source = (int32_t)(chance >> 28) % SOURCES_MAX;
            const int bucket = (chance >> 16 & 3) ? (int)(chance >> 20 & 0x3f) : 9;
            add(source, bucket, 1 + (chance >> 8 & 0xf));
        }
        taken += take(1 + (chance >> 12 & 0xff)).count;
    }
    while (intake_queue_count(t.queue) > 0) {
        const struct batch b = take(300);
        assert_true(b.count > 0);
        taken += b.count;
    }
    assert_int_equal(taken, t.count);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_shared_out),
        TEST(odd_records_go_round),
        cmocka_unit_test(a_light_source_is_in_the_next_batch_whatever_waits),
        TEST(a_batch_goes_bucket_after_bucket),
        TEST(the_next_batch_goes_on_where_the_first_was_cut_off),
        TEST(a_single_record_that_was_left_goes_first),
        TEST(a_flood_about_one_customer_holds_up_nobody_else),
        TEST(sources_come_and_go),
        TEST(no_record_is_lost_or_taken_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
