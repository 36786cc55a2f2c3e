/* SPDX-License-Identifier: Apache-2.0 */
/* A small service with a database: what it waits for, what it refuses, how it follows the clock. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/runtime/service.h"
#include "common/runtime/service_health.h"
#include "tests/support/service_child.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_database.h"
#include "tests/support/turn_until.h"

/* ---- the service: echoes requests and prints business time at each tick, and what is held back */

static void on_tick(void *ctx)
{
    char text[INSTANT_TEXT_SIZE];
    (void)printf("tick %s%s%s\n", instant_format(service_now_us(ctx), text),
                 service_is_held(ctx, DEMO_HOLDS_PLANS) ? ", no plans" : "",
                 service_is_held(ctx, DEMO_HOLDS_SCORES) ? ", no scores" : "");
    (void)fflush(stdout);
}

static void *echo_start(struct service *s, struct err *err)
{
    (void)err;
    service_on_time(s, on_tick, s);
    return s;
}

static void echo_request(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    (void)ctx;
    (void)bus_reply(s, m->peer, m->body);
}

static const struct service_spec echo = {
    .name = "intake",
    .summary = "for tests",
    .has_database = true,
    .has_events = true,
    .start = echo_start,
    .on_request = echo_request,
};

struct fixture {
    struct temp_folder folder;
    struct bus_keys server_keys, client_keys;
    char key_file[TEMP_PATH_SIZE], requests[TEMP_PATH_SIZE], http[TEMP_PATH_SIZE];
    char settings[4][1024]; /* NAME=VALUE */
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->folder = temp_folder_new();
    (void)temp_folder_name(&f->folder, "", "echo.key", f->key_file);
    (void)temp_folder_name(&f->folder, "ipc://", "requests", f->requests);
    (void)temp_folder_name(&f->folder, "unix:", "http", f->http);
    assert_int_equal(bus_keys_new(&f->server_keys, NULL), 0);
    assert_int_equal(bus_keys_new(&f->client_keys, NULL), 0);
    assert_int_equal(bus_keys_write(f->key_file, &f->server_keys, NULL), 0);
    (void)text_format(f->settings[0], sizeof(f->settings[0]), "database=%s",
                      test_conninfo("troth_intake"));
    (void)text_format(f->settings[1], sizeof(f->settings[1]), "key_file=%s", f->key_file);
    (void)text_format(f->settings[2], sizeof(f->settings[2]), "requests=%s", f->requests);
    (void)text_format(f->settings[3], sizeof(f->settings[3]), "http=%s", f->http);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    test_sql("UPDATE log.clock SET demo_now = NULL, demo_holds = 0");
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

static struct service_child start(const struct fixture *f, const char *option)
{
    const char *arguments[] = {
        "--set",        f->settings[0], "--set",        f->settings[1], "--set",
        f->settings[2], "--set",        f->settings[3], option,         NULL};
    return service_child_begin(&echo, arguments);
}

static void stop(struct service_child *c)
{
    assert_int_equal(kill(c->pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(c), 0);
    service_child_free(c);
}

static void set_schema(const char *what, int number)
{
    test_sql("CREATE OR REPLACE FUNCTION log.schema_%s() RETURNS int4 LANGUAGE sql IMMUTABLE"
             " PARALLEL SAFE RETURN %d",
             what, number);
}

/* ---- start */

static void it_is_ready_once_a_row_was_committed(void **state)
{
    const struct fixture *f = *state;
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "ready service=intake "));
    struct err err = ERR_NONE;
    int64_t end_us = instant_monotonic_us() + 5000000;
    while (service_health_ask(f->http, &err) < 0) {
        assert_true(instant_monotonic_us() < end_us);
    }
    assert_int_equal(test_sql_int("SELECT count(*) FROM log.alive WHERE holder LIKE '%%/%ld/%%'"
                                  " AND at > clock_timestamp() - interval '5 s'",
                                  (long)c.pid),
                     1);
    stop(&c);
}

static void it_waits_for_a_schema_that_is_older(void **state)
{
    const struct fixture *f = *state;
    set_schema("expansion", SCHEMA_EXPANSION - 1);
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "waiting_for_database"));
    assert_non_null(service_child_read(&c, "run the migration"));
    set_schema("expansion", SCHEMA_EXPANSION);
    assert_non_null(service_child_read(&c, "ready "));
    stop(&c);
}

/* Of 0.1.0, which had no number for what was added. */
static void it_waits_for_the_number_that_an_old_schema_does_not_have(void **state)
{
    const struct fixture *f = *state;
    test_sql("ALTER FUNCTION log.schema_expansion() RENAME TO hidden");
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "waiting_for_database"));
    assert_non_null(service_child_read(&c, "has expansion 1"));
    test_sql("ALTER FUNCTION log.hidden() RENAME TO schema_expansion");
    assert_non_null(service_child_read(&c, "ready "));
    stop(&c);
}

/* An upgrade begins with the schema, and programs of the version before run on. */
static void it_runs_on_a_schema_to_which_something_was_added(void **state)
{
    const struct fixture *f = *state;
    set_schema("expansion", SCHEMA_EXPANSION + 1);
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "ready "));
    stop(&c);
    set_schema("expansion", SCHEMA_EXPANSION);
}

static void it_refuses_a_schema_from_which_something_was_taken(void **state)
{
    const struct fixture *f = *state;
    set_schema("version", SCHEMA_VERSION + 1);
    struct service_child c = start(f, NULL);
    assert_int_equal(service_child_finish(&c), 1);
    assert_int_equal(service_child_count(&c, "update the program"), 1);
    service_child_free(&c);
    set_schema("version", SCHEMA_VERSION);
}

static void it_can_be_stopped_while_it_waits(void **state)
{
    struct fixture *f = *state;
    (void)text_format(f->settings[0], sizeof(f->settings[0]), "database=host=%s dbname=x",
                      f->folder.path);
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "waiting_for_database"));
    assert_int_equal(service_child_count(&c, "ready "), 0);
    stop(&c);
}

/* ---- the clock */

static void a_demo_clock_is_refused_without_the_option(void **state)
{
    const struct fixture *f = *state;
    test_sql("UPDATE log.clock SET demo_now = '2026-03-01T08:00:00Z'");
    struct service_child c = start(f, NULL);
    assert_int_equal(service_child_finish(&c), 1);
    assert_int_equal(service_child_count(&c, "clock_not_real"), 1);
    assert_int_equal(service_child_count(&c, "ready "), 0);
    service_child_free(&c);
}

static void a_clock_that_becomes_a_demo_ends_the_service(void **state)
{
    const struct fixture *f = *state;
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "ready "));
    test_sql("UPDATE log.clock SET demo_now = '2026-03-01T08:00:00Z'");
    assert_int_equal(service_child_finish(&c), 1);
    assert_int_equal(service_child_count(&c, "clock_not_real"), 1);
    service_child_free(&c);
}

static void every_step_of_the_demo_clock_is_a_tick(void **state)
{
    const struct fixture *f = *state;
    test_sql("UPDATE log.clock SET demo_now = '2026-03-01T08:00:00Z'");
    struct service_child c = start(f, "--demo-clock");
    assert_non_null(service_child_read(&c, "ready "));
    for (int day = 2; day <= 5; day++) {
        char want[64];
        test_sql("UPDATE log.clock SET demo_now = '2026-03-%02dT08:00:00Z'", day);
        (void)text_format(want, sizeof(want), "tick 2026-03-%02dT08:00:00.000Z\n", day);
        assert_non_null(service_child_read(&c, want));
        assert_int_equal(service_child_count(&c, want), 1);
    }
    assert_int_equal(service_child_count(&c, "clock_drift"), 0);
    assert_int_equal(service_child_count(&c, "clock_skew"), 0);
    stop(&c);
}

static void what_a_demo_holds_back_is_held_until_it_lets_it_go_on(void **state)
{
    static const struct {
        int holds;
        const char *said;
    } cases[] = {
        {DEMO_HOLDS_SCORES,                    "Z, no scores\n"          },
        {DEMO_HOLDS_SCORES | DEMO_HOLDS_PLANS, "Z, no plans, no scores\n"},
        {DEMO_HOLDS_CALLS | DEMO_HOLDS_DAYS,   "Z\n"                     },
        {DEMO_HOLDS_PLANS,                     "Z, no plans\n"           },
        {0,                                    "Z\n"                     },
    };
    const struct fixture *f = *state;
    test_sql("UPDATE log.clock SET demo_now = '2026-03-01T08:00:00Z', demo_holds = 0");
    struct service_child c = start(f, "--demo-clock");
    assert_non_null(service_child_read(&c, "ready "));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char want[64];
        test_sql("UPDATE log.clock SET demo_now = '2026-03-01T08:00:0%zuZ', demo_holds = %d", i + 1,
                 cases[i].holds);
        (void)text_format(want, sizeof(want), "tick 2026-03-01T08:00:0%zu.000%s", i + 1,
                          cases[i].said);
        assert_non_null(service_child_read(&c, want));
    }
    stop(&c);
}

/* What a demo left behind holds back nothing once the clock is real. */
static void on_the_real_clock_nothing_is_held(void **state)
{
    const struct fixture *f = *state;
    test_sql("UPDATE log.clock SET demo_now = NULL, demo_holds = 15");
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "ready "));
    test_sql("DELETE FROM log.alive"); /* what it says next it says after a sample */
    struct loop *loop = loop_new();
    test_wait_sql(loop, 1, "SELECT count(*) FROM log.alive WHERE demo_holds = 0");
    loop_free(loop);
    assert_non_null(service_child_read(&c, "Z\n"));
    assert_int_equal(service_child_count(&c, ", no "), 0);
    stop(&c);
}

static void the_real_clock_ticks_each_second_and_survives_a_cut(void **state)
{
    const struct fixture *f = *state;
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "ready "));
    test_sql("DELETE FROM log.alive");
    test_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
             " WHERE application_name LIKE 'troth-intake%%'");
    const char *first = service_child_read(&c, "tick ");
    assert_non_null(first);
    struct loop *loop = loop_new();
    test_wait_sql(loop, 1, "SELECT count(*) FROM log.alive");
    loop_free(loop);
    assert_int_equal(service_child_count(&c, "clock_drift"), 0);
    stop(&c);
}

/* ---- principals; last, since a bus of our own leaves threads behind, and a fork wants none */

struct client {
    struct bus_socket *socket;
    int answers;
};

static void on_answer(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct client *c = ctx;
    (void)s;
    (void)m;
    c->answers++;
}

static bool is_answered(void *ctx)
{
    struct client *c = ctx;
    (void)bus_send(c->socket, bytes_of_text("hello"));
    return c->answers > 0;
}

static void a_new_source_gets_in_without_a_signal(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_NONE;
    uint8_t key[PRINCIPAL_KEY_LEN];
    char hex[2 * PRINCIPAL_KEY_LEN + 1];
    struct service_child c = start(f, NULL);
    assert_non_null(service_child_read(&c, "ready "));

    struct loop *loop = loop_new();
    struct bus *bus = bus_new(loop, &f->client_keys, NULL, &err);
    struct client client = {.answers = 0};
    client.socket =
        bus_connect_dealer(bus, f->requests, f->server_keys.public_key, on_answer, &client, &err);
    assert_non_null(client.socket);
    loop_turn(loop, 10000);
    assert_non_null(service_child_read(&c, "key_refused"));
    assert_int_equal(client.answers, 0);

    assert_int_equal(bus_key_decode(f->client_keys.public_key, key, &err), 0);
    bytes_to_hex((struct bytes){key, sizeof(key)}, hex);
    test_sql("SELECT intake.source_register('garage', decode('%s', 'hex'), '{records,events}',"
             " false, clock_timestamp())",
             hex);
    assert_non_null(service_child_read(&c, "principals_reloaded"));
    assert_true(turn_until(loop, is_answered, &client));

    bus_free(bus);
    loop_free(loop);
    stop(&c);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(it_is_ready_once_a_row_was_committed),
        WITH_FIXTURE(it_waits_for_a_schema_that_is_older),
        WITH_FIXTURE(it_waits_for_the_number_that_an_old_schema_does_not_have),
        WITH_FIXTURE(it_runs_on_a_schema_to_which_something_was_added),
        WITH_FIXTURE(it_refuses_a_schema_from_which_something_was_taken),
        WITH_FIXTURE(it_can_be_stopped_while_it_waits),
        WITH_FIXTURE(a_demo_clock_is_refused_without_the_option),
        WITH_FIXTURE(a_clock_that_becomes_a_demo_ends_the_service),
        WITH_FIXTURE(every_step_of_the_demo_clock_is_a_tick),
        WITH_FIXTURE(what_a_demo_holds_back_is_held_until_it_lets_it_go_on),
        WITH_FIXTURE(on_the_real_clock_nothing_is_held),
        WITH_FIXTURE(the_real_clock_ticks_each_second_and_survives_a_cut),
        WITH_FIXTURE(a_new_source_gets_in_without_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
