/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small service without a database, each time in a process of its own: a fork of this one, before
 * any thread is there. It writes what happens to it on standard output, after the ready line.
 */
#include "common/runtime/service.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "tests/support/service_child.h"
#include "tests/support/temp_folder.h"

/* ---- the service */

struct small_settings {
    char *word;
    int64_t fixed;
    bool is_stuck;  /* is_drained() says no for ever */
    bool is_broken; /* start() fails */
    char *wait_for; /* a file: start() turns the loop until it is there */
};

static const struct setting small_settings[] = {
    {"word",                          SETTING_TEXT, "first", NULL, NULL, true, offsetof(struct small_settings, word),
     "A word."},
    {"fixed",                        SETTING_COUNT, "1", "0", "9", false, offsetof(struct small_settings, fixed),
     "A number."},
    {"is_stuck",                           SETTING_BOOL, "false", NULL, NULL, false,
     offsetof(struct small_settings, is_stuck), "Never done."},
    {"is_broken", SETTING_BOOL, "false", NULL, NULL, false,
     offsetof(struct small_settings, is_broken), "No start."},
    {"wait_for",                       SETTING_TEXT, "", NULL, NULL, false, offsetof(struct small_settings, wait_for),
     "A file."},
    {.type = SETTING_END                        },
};

static const struct setting small_defaults[] = {
    {.name = "http",         .default_value = "127.0.0.1:0"},
    {.name = "drain_for",                      .default_value = "5s"},
    {.name = NULL},
};

static void say(const char *word)
{
    (void)printf("%s\n", word);
    (void)fflush(stdout);
}

/* SIGHUP is seen by polling the value: the runtime tells nobody. */
struct small {
    struct service *service;
    struct loop_timer *timer;
    char *word;
};

static void look(void *ctx)
{
    struct small *s = ctx;
    const struct small_settings *settings = s->service->settings;
    if (strcmp(s->word, settings->word) != 0) {
        free(s->word);
        s->word = strdup(settings->word);
        say(s->word);
    }
    loop_timer_after(s->timer, 1000);
}

/* What was sent before the file was there has been read then. */
static void turn_until_there(struct loop *loop, const char *path)
{
    bool is_there = false;
    say("starting");
    while (!is_there) {
        is_there = access(path, F_OK) == 0;
        loop_turn(loop, 1000);
    }
}

static void *small_start(struct service *service, struct err *err)
{
    const struct small_settings *settings = service->settings;
    if (settings->wait_for[0]) {
        turn_until_there(service->loop, settings->wait_for);
    }
    if (settings->is_broken) {
        err_set(err, "broken", "broken on purpose");
        return NULL;
    }
    struct small *s = calloc(1, sizeof(*s));
    s->service = service;
    s->word = strdup(settings->word);
    s->timer = loop_timer_new(service->loop, look, s);
    loop_timer_after(s->timer, 0);
    return s;
}

static void small_drain(void *state)
{
    const struct small *s = state;
    say(s->service->is_draining ? "drain" : "drain too early");
}

static bool small_is_drained(const void *state)
{
    const struct small *s = state;
    const struct small_settings *settings = s->service->settings;
    return !settings->is_stuck;
}

static void small_stop(void *state)
{
    struct small *s = state;
    say("stop");
    loop_timer_free(s->timer);
    free(s->word);
    free(s);
}

static void small_keys_read(void *state, const struct bus_keys *pairs, int pair_count)
{
    char text[100];
    const struct small *s = state;
    (void)text_format(text, sizeof(text), "pairs: %d, in use: %s", pair_count,
                      strcmp(pairs[0].secret_key, s->service->keys.secret_key) == 0 ? "first"
                                                                                    : "another");
    say(text);
}

static int good_job(struct service *s, struct err *err)
{
    (void)err;
    int64_t off_us = service_now_us(s) - instant_now_us();
    say(s->http || s->requests || s->events || llabs(off_us) > 1000000 ? "bad" : "good");
    return 0;
}

static int bad_job(struct service *s, struct err *err)
{
    (void)s;
    return err_set(err, "bad", "bad on purpose");
}

static void ignore_request(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    (void)ctx;
    (void)s;
    (void)m;
}

static const struct service_job small_jobs[] = {
    {"good", "Works.", good_job},
    {"bad",  "Fails.", bad_job },
    {NULL,   NULL,     NULL    },
};

static const struct service_spec small = {
    .name = "small",
    .summary = "for tests",
    .settings = small_settings,
    .settings_size = sizeof(struct small_settings),
    .common_defaults = small_defaults,
    .start = small_start,
    .keys_read = small_keys_read,
    .drain = small_drain,
    .is_drained = small_is_drained,
    .stop = small_stop,
    .jobs = small_jobs,
};

/* ---- its process */

struct fixture {
    struct temp_folder folder;
    char key_file[TEMP_PATH_SIZE], config[TEMP_PATH_SIZE], http[TEMP_PATH_SIZE];
    char set_key[2 * TEMP_PATH_SIZE], set_http[2 * TEMP_PATH_SIZE];
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct bus_keys keys;
    f->folder = temp_folder_new();
    (void)temp_folder_name(&f->folder, "", "small.key", f->key_file);
    (void)temp_folder_name(&f->folder, "", "small.conf", f->config);
    (void)temp_folder_name(&f->folder, "unix:", "http", f->http);
    (void)text_format(f->set_key, sizeof(f->set_key), "key_file=%s", f->key_file);
    (void)text_format(f->set_http, sizeof(f->set_http), "http=%s", f->http);
    assert_int_equal(bus_keys_new(&keys, NULL), 0);
    assert_int_equal(bus_keys_write(f->key_file, &keys, NULL), 0);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- serving */

static void it_says_when_it_is_ready_and_drains_before_it_stops(void **state)
{
    const struct fixture *f = *state;
    struct service_child c =
        service_child_begin(&small, LIST("--set", f->set_key, "--set", f->set_http));
    char want[2 * TEMP_PATH_SIZE];
    (void)text_format(want, sizeof(want), "ready service=small pid=%ld requests= events= http=%s\n",
                      (long)c.pid, f->http);
    assert_non_null(service_child_read(&c, want));
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    const char *drain = strstr(c.text.data, "\ndrain\n");
    assert_non_null(drain);
    assert_non_null(strstr(drain, "\nstop\n"));
    service_child_free(&c);
}

static void a_second_signal_ends_it_at_once(void **state)
{
    const struct fixture *f = *state;
    struct service_child c = service_child_begin(
        &small, LIST("--set", f->set_key, "--set", "is_stuck=true", "--set", "drain_for=10m"));
    assert_non_null(service_child_read(&c, "ready "));
    assert_int_equal(kill(c.pid, SIGINT), 0);
    assert_non_null(service_child_read(&c, "\ndrain\n"));
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    assert_int_equal(service_child_count(&c, "\nstop\n"), 0);
    service_child_free(&c);
}

static void draining_ends_after_its_time(void **state)
{
    const struct fixture *f = *state;
    struct service_child c = service_child_begin(
        &small, LIST("--set", f->set_key, "--set", "is_stuck=true", "--set", "drain_for=50ms"));
    assert_non_null(service_child_read(&c, "ready "));
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    assert_int_equal(service_child_count(&c, "drain_gave_up"), 1);
    assert_int_equal(service_child_count(&c, "\nstop\n"), 1);
    service_child_free(&c);
}

static void a_sighup_that_comes_during_the_start_is_not_forgotten(void **state)
{
    const struct fixture *f = *state;
    char go[TEMP_PATH_SIZE], wait_for[2 * TEMP_PATH_SIZE];
    (void)temp_folder_name(&f->folder, "", "go", go);
    (void)text_format(wait_for, sizeof(wait_for), "wait_for=%s", go);
    temp_folder_write(f->config, "word = \"second\";\n", 0600);
    struct service_child c = service_child_begin(
        &small, LIST("--config", f->config, "--set", f->set_key, "--set", wait_for));
    assert_non_null(service_child_read(&c, "starting\n"));
    temp_folder_write(f->config, "word = \"third\";\n", 0600);
    assert_int_equal(kill(c.pid, SIGHUP), 0);
    temp_folder_write(go, "", 0600);
    assert_non_null(service_child_read(&c, "\nthird\n"));
    assert_int_equal(service_child_count(&c, "settings_reloaded"), 1);
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    service_child_free(&c);
}

static void sighup_takes_new_values_where_that_is_possible(void **state)
{
    const struct fixture *f = *state;
    temp_folder_write(f->config, "word = \"second\";\n", 0600);
    struct service_child c =
        service_child_begin(&small, LIST("--config", f->config, "--set", f->set_key));
    assert_non_null(service_child_read(&c, "ready "));
    temp_folder_write(f->config, "word = \"third\";\nfixed = 2;\n", 0600);
    assert_int_equal(kill(c.pid, SIGHUP), 0);
    assert_non_null(service_child_read(&c, "\nthird\n"));
    assert_int_equal(service_child_count(&c, "need_restart=1"), 1);
    temp_folder_write(f->config, "word = \"fourth\";\nfixed = 10;\n", 0600);
    assert_int_equal(kill(c.pid, SIGHUP), 0);
    assert_non_null(service_child_read(&c, "reload_failed"));
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    assert_int_equal(service_child_count(&c, "fourth"), 0);
    service_child_free(&c);
}

/* Also beside settings that are wrong: keys are another file. */
static void sighup_takes_a_key_file_that_is_whole(void **state)
{
    const struct fixture *f = *state;
    struct bus_keys old, new;
    char both[512], half[512];
    assert_int_equal(bus_keys_read(f->key_file, &old, NULL), 0);
    assert_int_equal(bus_keys_new(&new, NULL), 0);
    (void)text_format(both, sizeof(both),
                      "public-key = %s\nsecret-key = %s\npublic-key = %s\nsecret-key = %s\n",
                      new.public_key, new.secret_key, old.public_key, old.secret_key);
    (void)text_format(half, sizeof(half), "%spublic-key = %s\n", both, old.public_key);
    temp_folder_write(f->config, "word = \"second\";\n", 0600);
    struct service_child c =
        service_child_begin(&small, LIST("--config", f->config, "--set", f->set_key));
    assert_non_null(service_child_read(&c, "ready "));

    temp_folder_write(f->key_file, half, 0600);
    assert_int_equal(kill(c.pid, SIGHUP), 0);
    assert_non_null(service_child_read(&c, "reload_failed"));
    temp_folder_write(f->config, "fixed = 10;\n", 0600);
    temp_folder_write(f->key_file, both, 0600);
    assert_int_equal(kill(c.pid, SIGHUP), 0);
    assert_non_null(service_child_read(&c, "pairs: 2, in use: first"));
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    assert_int_equal(service_child_count(&c, "key_replaced"), 1);
    assert_int_equal(service_child_count(&c, "pairs: "), 1);
    assert_int_equal(service_child_count(&c, "reload_failed"), 2);
    service_child_free(&c);
}

static int healthcheck(const struct fixture *f)
{
    struct service_child c =
        service_child_begin(&small, LIST("--healthcheck", "--set", f->set_http));
    int code = service_child_finish(&c);
    service_child_free(&c);
    return code;
}

static void the_health_check_asks_the_running_process(void **state)
{
    const struct fixture *f = *state;
    assert_int_equal(healthcheck(f), 1);
    struct service_child c =
        service_child_begin(&small, LIST("--set", f->set_key, "--set", f->set_http, "--set",
                                         "is_stuck=true", "--set", "drain_for=10m"));
    assert_non_null(service_child_read(&c, "ready "));
    assert_int_equal(healthcheck(f), 0);
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_non_null(service_child_read(&c, "\ndrain\n"));
    assert_int_equal(healthcheck(f), 1);
    assert_int_equal(kill(c.pid, SIGTERM), 0);
    assert_int_equal(service_child_finish(&c), 0);
    service_child_free(&c);
}

/* ---- not serving */

static void wrong_usage_and_settings_end_with_2_and_a_reason(void **state)
{
    const struct fixture *f = *state;
    temp_folder_write(f->config, "\nfixed = 99;\n", 0600);
    const struct {
        const char *arguments[8];
        const char *want;
    } cases[] = {
        {{"--misspelt"},                                     "--misspelt: the option is unknown"     },
        {{"--set"},                                          "--set: the option is unknown or lacks" },
        {{"extra"},                                          "extra is not an option"                },
        {{"--job", "misspelt"},                              "there is no job misspelt"              },
        {{"--set", "misspelt=1"},                            "there is no setting named misspelt"    },
        {{"--set", "fixed=10"},                              "fixed must be a whole number from 0 to"},
        {{"--config", f->config},                            ":2: fixed must be a whole number"      },
        {{"--config", "/nowhere/a.conf"},                    "/nowhere/a.conf cannot be read"        },
        {{"--set", "log_level=loud", "--set", f->set_key},   "log_level must be debug, info"         },
        {{"--set", "fixed=2"},                               "key_file must name a file"             },
        {{"--check-config"},                                 "key_file must name a file"             },
        {{"--check-config", "--set", "key_file=/nowhere/x"}, "/nowhere/x: No such file"              },
        {{"--healthcheck", "--set", "http="},                "--healthcheck needs the setting http"  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct service_child c = service_child_begin(&small, cases[i].arguments);
        assert_int_equal(service_child_finish(&c), 2);
        assert_non_null(strstr(text_or_empty(&c.text), cases[i].want));
        service_child_free(&c);
    }
}

static void what_can_be_asked_ends_with_0(void **state)
{
    const struct fixture *f = *state;
    const struct {
        const char *arguments[8];
        const char *want;
    } cases[] = {
        {{"--version"},                           "troth-small " TROTH_VERSION "\n"                    },
        {{"--help"},                              "troth-small - for tests\n"                          },
        {{"--help"},                              "\n  word (a text; default \"first\"; "              },
        {{"--help"},                              "\n  drain_for (a duration from 0 to 10m; default 5s"},
        {{"--help"},                              "\n  good                Works.\n"                   },
        {{"--check-config", "--set", f->set_key}, "troth-small: the settings are good\n"               },
        {{"--print-config", "--set", "word=x"},   "\nword = \"x\";\n"                                  },
        {{"--print-config"},                      "\nhttp = \"127.0.0.1:0\";\n"                        },
        {{"--job", "good", "--set", f->set_key},  "good\n"                                             },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct service_child c = service_child_begin(&small, cases[i].arguments);
        assert_int_equal(service_child_finish(&c), 0);
        assert_non_null(strstr(text_or_empty(&c.text), cases[i].want));
        service_child_free(&c);
    }
}

static void what_cannot_start_ends_with_1_and_is_logged_once(void **state)
{
    const struct fixture *f = *state;
    struct service_spec with_requests = small, with_wrong_requests = small;
    static const struct setting requests[] = {
        {.name = "requests", .default_value = "ipc:///nowhere/at/all"},
        {.name = NULL                 }
    };
    with_requests.on_request = ignore_request;
    with_wrong_requests.on_request = ignore_request;
    with_wrong_requests.common_defaults = requests;
    const struct {
        const struct service_spec *spec;
        const char *arguments[8];
        int want_code;
        const char *want;
    } cases[] = {
        {&small,               {"--set", f->set_key, "--set", "is_broken=true"},       1, "code=broken"        },
        {&small,               {"--set", f->set_key, "--set", "http=unix:/nowhere/x"}, 1, "code=bind_failed"   },
        {&small,               {"--set", "key_file=/nowhere/x"},                       1, "code=key_unreadable"},
        {&small,               {"--set", f->set_key, "--job", "bad"},                  1, "event=job_failed"   },
        {&with_requests,       {"--set", f->set_key},                                  2, "requests must name" },
        {&with_wrong_requests, {"--set", f->set_key},                                  1, "event=start_failed" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct service_child c = service_child_begin(cases[i].spec, cases[i].arguments);
        assert_int_equal(service_child_finish(&c), cases[i].want_code);
        assert_int_equal(service_child_count(&c, cases[i].want), 1);
        assert_int_equal(service_child_count(&c, "ready "), 0);
        service_child_free(&c);
    }
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(it_says_when_it_is_ready_and_drains_before_it_stops),
        WITH_FIXTURE(a_second_signal_ends_it_at_once),
        WITH_FIXTURE(draining_ends_after_its_time),
        WITH_FIXTURE(a_sighup_that_comes_during_the_start_is_not_forgotten),
        WITH_FIXTURE(sighup_takes_new_values_where_that_is_possible),
        WITH_FIXTURE(sighup_takes_a_key_file_that_is_whole),
        WITH_FIXTURE(the_health_check_asks_the_running_process),
        WITH_FIXTURE(wrong_usage_and_settings_end_with_2_and_a_reason),
        WITH_FIXTURE(what_can_be_asked_ends_with_0),
        WITH_FIXTURE(what_cannot_start_ends_with_1_and_is_logged_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
