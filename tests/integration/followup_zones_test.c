/* SPDX-License-Identifier: Apache-2.0 */
/* The machine gets new time zone data, in a folder of our own: Berlin gives up summer time in
 * release 2030b, and one name is gone. What was planned for a local time stays at that time. */
#include "services/followup/followup_zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/followup/followup.h"
#include "services/followup/followup_claims.h"
#include "tests/support/test_database.h"

enum {
    BUCKET = 7,
    MANY = 200 /* more than one transaction takes of a bucket */
};

static struct {
    char folder[32];
    int64_t moved_metric, failures_metric;
    struct loop *loop;
    struct service_settings common;
    struct service service;
    struct followup followup;
} world;

/* ---- zone data */

static void copy_zone(const char *from, const char *to)
{
    char path[128];
    char content[8192];
    FILE *file;
    size_t len;

    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", from);
    file = fopen(path, "re");
    assert_non_null(file);
    len = fread(content, 1, sizeof(content), file);
    assert_in_range(len, 40, sizeof(content) - 1);
    (void)fclose(file);
    (void)snprintf(path, sizeof(path), "%s/%s", world.folder, to);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    (void)fclose(file);
}

static void set_release(const char *version)
{
    char path[64];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/+VERSION", world.folder);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(version, file) >= 0);
    (void)fclose(file);
}

static void remove_file(const char *name)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/%s", world.folder, name);
    (void)unlink(path); /* some are gone already */
}

/* ---- the world */

static bool holds_all(void *ctx)
{
    return lease_held_count(ctx) == LANE_COUNT;
}

static bool holds_none(void *ctx)
{
    return lease_held_count(ctx) == 0;
}

/* As the service does: a lane that was lost on a slow machine comes back. */
static void on_lanes(void *ctx)
{
    const struct followup *f = ctx;

    if (f->zones) {
        followup_zones_wake(f->zones);
    }
}

static void lease_lanes(struct followup *f)
{
    const struct lease_options lanes = {
        .group = "lane/followup", .count = LANE_COUNT, .holder = "test"};
    const struct lease_options slots = {
        .group = "stream/followup", .count = 1, .want = 1, .holder = "test"};

    f->lanes = lease_set_new(world.loop, world.service.db, &lanes, on_lanes, f);
    f->slots = lease_set_new(world.loop, world.service.db, &slots, NULL, NULL);
    test_wait(world.loop, holds_all, f->lanes, "lanes");
    lease_set_give_back(f->slots); /* nothing is claimed in this test */
    test_wait(world.loop, holds_none, f->slots, "no slot");
}

static int set_up(void **state)
{
    struct followup *f = &world.followup;

    memset(&world, 0, sizeof(world));
    (void)snprintf(world.folder, sizeof(world.folder), "/tmp/troth-zones-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    copy_zone("Europe/Berlin", "Berlin");
    copy_zone("Asia/Shanghai", "Shanghai");
    copy_zone("America/New_York", "Gone");
    set_release("2030a");
    assert_int_equal(setenv("TZDIR", world.folder, 1), 0);

    world.loop = loop_new();
    world.common.poll_us = 50 * DURATION_MS;
    world.service = (struct service){.name = "followup",
                                     .common = &world.common,
                                     .loop = world.loop,
                                     .db = test_pool(world.loop, "troth_followup", 3, 0)};
    f->service = &world.service;
    f->metrics =
        (struct followup_metrics){.moved = &world.moved_metric, .failures = &world.failures_metric};
    test_sql("TRUNCATE followup.follow_up, followup.follow_up_step");
    lease_lanes(f);
    f->zone_shelf = zone_shelf_new();
    f->claims = followup_claims_new(f);
    return 0;
}

static int tear_down(void **state)
{
    struct followup *f = &world.followup;

    followup_zones_free(f->zones);
    followup_claims_free(f->claims);
    zone_shelf_free(f->zone_shelf);
    lease_set_free(f->lanes);
    lease_set_free(f->slots);
    db_pool_free(world.service.db);
    loop_free(world.loop);
    assert_int_equal(unsetenv("TZDIR"), 0);
    remove_file("Berlin");
    remove_file("Shanghai");
    remove_file("Gone");
    remove_file("+VERSION");
    assert_int_equal(rmdir(world.folder), 0);
    return 0;
}

/* ---- follow-ups */

/* Planned follow-ups of release 2030a for a local time, deferred by two hours; due as given. Their
 * counters go from 1 above `after` to `last`. */
static void insert_many(int64_t after, int64_t last, const char *local, const char *zone,
                        const char *due)
{
    test_sql("INSERT INTO followup.follow_up (bucket, number, version, customer_number,"
             " case_version, rule, rule_version, trigger, topic, subject, occurrence, purpose,"
             " priority, channel, state, reason, planned_at, due_at, window_end_at, local_due,"
             " zone, zone_version, next_attempt_at, attempts, calls, is_historical)"
             " SELECT %d, n << 8 | %d, 3, 1799, 0, 'birthday', 1, 7, 'birthday', n, '2031', 3, 3,"
             " 1, 1, 'quiet_hours', '2030-01-01Z', d, d + interval '8 h', '%s', '%s', '2030a',"
             " d + interval '2 h', 0, 0, false"
             " FROM generate_series(%lld::int8, %lld) AS n, CAST('%s' AS timestamptz) AS d",
             BUCKET, BUCKET, local, zone, (long long)after + 1, (long long)last, due);
}

static int64_t insert(int64_t counter, const char *local, const char *zone, const char *due)
{
    insert_many(counter - 1, counter, local, zone, due);
    return identifier_make(counter, BUCKET);
}

static void set_state(int64_t number, const char *assignments)
{
    test_sql("UPDATE followup.follow_up SET %s WHERE bucket = %d AND number = %lld", assignments,
             BUCKET, (long long)number);
}

static void assert_row(int64_t number, const char *due, const char *release, int64_t version)
{
    assert_int_equal(
        test_sql_int("SELECT count(*) FROM followup.follow_up WHERE bucket = %d AND number = %lld"
                     " AND due_at = '%s' AND window_end_at = due_at + interval '8 h'"
                     " AND coalesce(next_attempt_at, due_at + interval '2 h')"
                     " = due_at + interval '2 h' AND zone_version = '%s' AND version = %lld",
                     BUCKET, (long long)number, due, release, (long long)version),
        1);
}

static int64_t count_steps(int64_t number)
{
    return test_sql_int("SELECT count(*) FROM followup.follow_up_step WHERE bucket = %d"
                        " AND follow_up_number = %lld",
                        BUCKET, (long long)number);
}

static void release_2030b(void)
{
    copy_zone("Africa/Algiers", "Berlin"); /* the same standard time, no summer time */
    remove_file("Gone");
    set_release("2030b");
}

/* ---- the tests */

static bool is_looking(void *ctx)
{
    return followup_zones_is_busy(ctx);
}

static bool is_idle(void *ctx)
{
    return !followup_zones_is_busy(ctx);
}

static void what_new_zone_data_move_is_moved_and_listed_and_the_rest_stays(void **state)
{
    struct followup *f = &world.followup;
    const int64_t summer = insert(1, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");
    const int64_t winter = insert(2, "2031-01-15 09:00", "Berlin", "2031-01-15T08:00Z");
    const int64_t shanghai = insert(3, "2031-07-01 09:00", "Shanghai", "2031-07-01T01:00Z");
    const int64_t gone = insert(4, "2031-07-01 09:00", "Gone", "2031-07-01T13:00Z");
    const int64_t done = insert(5, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");
    const int64_t plain = insert(6, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");

    set_state(done, "state = 4, reason = 'answered', next_attempt_at = NULL, settled_at = now()");
    set_state(plain, "local_due = NULL, zone = NULL, zone_version = NULL");
    release_2030b();
    f->zones = followup_zones_new(f);
    test_wait_sql(world.loop, 4,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2030b'");
    test_wait(world.loop, is_idle, f->zones, "the look");

    assert_row(summer, "2031-07-01T08:00Z", "2030b", 4);
    assert_row(winter, "2031-01-15T08:00Z", "2030b", 4);
    assert_row(shanghai, "2031-07-01T01:00Z", "2030b", 4);
    assert_row(gone, "2031-07-01T13:00Z", "2030b", 4);
    assert_row(done, "2031-07-01T07:00Z", "2030a", 3);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up WHERE number = %lld"
                                  " AND due_at = '2031-07-01T07:00Z' AND version = 3",
                                  (long long)plain),
                     1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up_step"), 1);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up_step"
                                  " WHERE follow_up_number = %lld AND version = 4"
                                  " AND step = 'moved' AND reason = 'zone 2030a->2030b +1h'"
                                  " AND until_at = '2031-07-01T08:00Z' AND other_number IS NULL",
                                  (long long)summer),
                     1);
    assert_int_equal(world.moved_metric, 1);
}

/* A machine whose data are older takes over: what it says holds there. */
static void older_release_is_another_one_too(void **state)
{
    struct followup *f = &world.followup;
    const int64_t summer = insert(1, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");

    copy_zone("Africa/Cairo", "Berlin");
    set_release("2029z");
    f->zones = followup_zones_new(f);
    test_wait_sql(world.loop, 1,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2029z'");
    assert_row(summer, "2031-07-01T06:00Z", "2029z", 4);
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up_step"
                                  " WHERE reason = 'zone 2030a->2029z -1h'"),
                     1);
}

static void same_release_changes_nothing(void **state)
{
    struct followup *f = &world.followup;
    /* As somebody left it: not what the zone says, and nobody's business here. */
    const int64_t odd = insert(1, "2031-07-01 09:00", "Berlin", "2031-07-01T05:00Z");

    copy_zone("Africa/Algiers", "Berlin");
    f->zones = followup_zones_new(f);
    test_wait(world.loop, is_looking, f->zones, "the look's begin");
    test_wait(world.loop, is_idle, f->zones, "the look's end");
    assert_row(odd, "2031-07-01T05:00Z", "2030a", 3);
    assert_int_equal(count_steps(odd), 0);
}

static void claimed_one_has_its_turn_when_it_is_planned_again(void **state)
{
    struct followup *f = &world.followup;
    const int64_t claimed = insert(1, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");
    const int64_t planned = insert(2, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");

    set_state(claimed, "state = 2, claim_holder = 'other', claim_until = now() + interval '1 h'");
    release_2030b();
    f->zones = followup_zones_new(f);
    test_wait_sql(world.loop, 1,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2030b'");
    test_wait(world.loop, is_idle, f->zones, "the look");
    assert_row(planned, "2031-07-01T08:00Z", "2030b", 4);
    assert_row(claimed, "2031-07-01T07:00Z", "2030a", 3);

    set_state(claimed, "state = 1, claim_holder = NULL, claim_until = NULL, version = 9");
    followup_zones_wake(f->zones);
    test_wait_sql(world.loop, 2,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2030b'");
    assert_row(claimed, "2031-07-01T08:00Z", "2030b", 10);
    assert_int_equal(count_steps(claimed), 1);
}

/* What others hold at that moment is skipped, and taken as soon as they let it go. */
static void row_that_somebody_holds_is_waited_for(void **state)
{
    struct followup *f = &world.followup;
    const int64_t held = insert(1, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");
    const int64_t open = insert(2, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");
    struct test_session *other = test_session_open(NULL);

    test_session_sql(other, "BEGIN");
    test_session_sql(other, "SELECT FROM followup.follow_up WHERE number = %lld FOR UPDATE",
                     (long long)held);
    release_2030b();
    f->zones = followup_zones_new(f);
    test_wait_sql(world.loop, 1,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2030b'");
    assert_row(open, "2031-07-01T08:00Z", "2030b", 4);
    test_session_sql(other, "COMMIT");
    test_wait_sql(world.loop, 2,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2030b'");
    assert_row(held, "2031-07-01T08:00Z", "2030b", 4);
    test_session_close(other);
}

static void many_are_moved_in_several_transactions(void **state)
{
    struct followup *f = &world.followup;

    insert_many(0, MANY, "2031-07-01 09:00", "Berlin", "2031-07-01T07:00Z");
    release_2030b();
    f->zones = followup_zones_new(f);
    test_wait_sql(world.loop, MANY,
                  "SELECT count(*) FROM followup.follow_up WHERE zone_version = '2030b'"
                  " AND due_at = '2031-07-01T08:00Z' AND version = 4");
    test_wait(world.loop, is_idle, f->zones, "the look");
    assert_int_equal(test_sql_int("SELECT count(*) FROM followup.follow_up_step"
                                  " WHERE step = 'moved'"),
                     MANY);
    assert_int_equal(world.moved_metric, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_new_zone_data_move_is_moved_and_listed_and_the_rest_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(older_release_is_another_one_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(same_release_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(claimed_one_has_its_turn_when_it_is_planned_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(row_that_somebody_holds_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_are_moved_in_several_transactions, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
