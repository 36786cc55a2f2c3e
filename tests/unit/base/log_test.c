/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/log.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/instant.h"
#include "common/base/text.h"

/* Standard error is a file in memory while a line is written. */
struct capture {
    int file;
    int saved_stderr;
    char text[2 * PIPE_BUF];
};

static void capture_start(struct capture *c)
{
    c->file = memfd_create("log_test", 0);
    c->saved_stderr = dup(STDERR_FILENO);
    assert_true(c->file >= 0 && c->saved_stderr >= 0);
    assert_int_equal(dup2(c->file, STDERR_FILENO), STDERR_FILENO);
}

static void capture_stop(struct capture *c)
{
    ssize_t len;

    assert_int_equal(dup2(c->saved_stderr, STDERR_FILENO), STDERR_FILENO);
    len = pread(c->file, c->text, sizeof(c->text) - 1, 0);
    assert_true(len >= 0);
    c->text[len] = '\0';
    close(c->saved_stderr);
    close(c->file);
}

/* What follows "time=<instant> ". */
static const char *after_time(const struct capture *c)
{
    char instant[25];
    int64_t us;

    assert_true(strlen(c->text) > 30);
    assert_memory_equal(c->text, "time=", 5);
    memcpy(instant, c->text + 5, 24);
    instant[24] = '\0';
    assert_int_equal(instant_parse(instant, &us), 0);
    assert_int_equal(c->text[29], ' ');
    return c->text + 30;
}

static int set_up(void **state)
{
    log_set_level(LOG_INFO);
    log_set_service("intake");
    return 0;
}

static void a_line_has_time_level_service_event_and_fields(void **state)
{
    struct capture c;

    capture_start(&c);
    log_info("batch_committed", LOG_INT("records", 256), LOG_TEXT("lane", "a"));
    capture_stop(&c);
    assert_string_equal(after_time(&c),
                        "level=info service=intake event=batch_committed records=256 lane=a\n");
}

static void a_line_without_fields_is_fine(void **state)
{
    struct capture c;

    capture_start(&c);
    log_warning("stopped", LOG_END);
    capture_stop(&c);
    assert_string_equal(after_time(&c), "level=warning service=intake event=stopped\n");
}

static void values_are_quoted_where_logfmt_needs_it(void **state)
{
    static const struct {
        const char *value;
        const char *want;
    } cases[] = {
        {NULL,               "v="                             },
        {"",                 "v="                             },
        {"plain-1.2:3/x",    "v=plain-1.2:3/x"                },
        {"two words",        "v=\"two words\""                },
        {"a=b",              "v=\"a=b\""                      },
        {"say \"hi\"",       "v=\"say \\\"hi\\\"\""           },
        {"C:\\dir",          "v=\"C:\\\\dir\""                },
        {"a\nb\rc\td",       "v=\"a\\nb\\rc\\td\""            },
        {"\x01\x1b[31m\x7f", "v=\"\\u0001\\u001b[31m\\u007f\""},
        {"客户 é",        "v=\"客户 é\""                },
        {"csi \xc2\x9b"
         "31m",     "v=\"csi \\u009b31m\""           },
        {"nbsp \xc2\xa0",    "v=\"nbsp \xc2\xa0\""            },
        {"😀",             "v=\"😀\""                     },
        {"bad \xff\xc3",     "v=\"bad \\ufffd\\ufffd\""       },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct capture c;
        char want[128];

        capture_start(&c);
        log_error("e", LOG_TEXT("v", cases[i].value), LOG_INT("n", i));
        capture_stop(&c);
        text_format(want, sizeof(want), "level=error service=intake event=e %s n=%zu\n",
                    cases[i].want, i);
        assert_string_equal(after_time(&c), want);
    }
}

static void numbers_cover_all_of_int64(void **state)
{
    struct capture c;

    capture_start(&c);
    log_info("e", LOG_INT("a", INT64_MAX), LOG_INT("b", INT64_MIN), LOG_INT("c", 0));
    capture_stop(&c);
    assert_string_equal(after_time(&c), "level=info service=intake event=e a=9223372036854775807 "
                                        "b=-9223372036854775808 c=0\n");
}

static void an_err_is_three_fields(void **state)
{
    struct capture c;
    struct err err = ERR_NONE;

    err_set_field(&err, "invalid", "a.b", "not so");
    capture_start(&c);
    log_error("batch_failed", LOG_ERR(&err));
    capture_stop(&c);
    assert_string_equal(after_time(&c),
                        "level=error service=intake event=batch_failed code=invalid "
                        "field=a.b text=\"not so\"\n");
}

static void levels_below_the_limit_are_silent(void **state)
{
    static const enum log_level levels[] = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR};

    for (size_t limit = 0; limit < ARRAY_LEN(levels); limit++) {
        for (size_t level = 0; level < ARRAY_LEN(levels); level++) {
            struct capture c;

            log_set_level(levels[limit]);
            capture_start(&c);
            LOG_LINE(levels[level], "e", LOG_END);
            capture_stop(&c);
            assert_int_equal(c.text[0] != '\0', level >= limit);
        }
    }
}

static void level_names_are_read(void **state)
{
    static const struct {
        const char *text;
        int want_rc;
        enum log_level want;
    } cases[] = {
        {"debug",   0,  LOG_DEBUG  },
        {"info",    0,  LOG_INFO   },
        {"warning", 0,  LOG_WARNING},
        {"error",   0,  LOG_ERROR  },
        {"Info",    -1, LOG_INFO   },
        {"warn",    -1, LOG_INFO   },
        {"",        -1, LOG_INFO   },
        {NULL,      -1, LOG_INFO   },
        {"info ",   -1, LOG_INFO   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum log_level level = LOG_INFO;

        assert_int_equal(log_level_parse(cases[i].text, &level), cases[i].want_rc);
        assert_int_equal(level, cases[i].want);
    }
}

/* Whatever the cut hits - plain text, quotes, an escape, a Chinese character - the line stays one
 * readable line. */
static void a_line_that_is_too_long_is_cut_and_says_so(void **state)
{
    static const struct {
        const char *piece;
        const char *want_end;
    } cases[] = {
        {"x",   " cut=1\n"  },
        {"x y", "\" cut=1\n"},
        {"\n",  "\" cut=1\n"},
        {"客", "\" cut=1\n"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct capture c;
        char value[3 * PIPE_BUF] = "";
        size_t piece = strlen(cases[i].piece);
        size_t end = strlen(cases[i].want_end);

        for (size_t at = 0; at + piece < sizeof(value) / 2; at += piece) {
            memcpy(value + at, cases[i].piece, piece + 1);
        }
        capture_start(&c);
        log_info("e", LOG_INT("n", 1), LOG_TEXT("v", value), LOG_INT("never", 2));
        capture_stop(&c);
        assert_true(strlen(c.text) <= PIPE_BUF);
        assert_string_equal(c.text + strlen(c.text) - end, cases[i].want_end);
        assert_null(strstr(c.text, "never"));
        assert_ptr_equal(strchr(c.text, '\n'), c.text + strlen(c.text) - 1);
    }
}

/* The lengths around the edge of the buffer, one by one. */
static void every_length_near_the_limit_gives_one_whole_line(void **state)
{
    char value[PIPE_BUF + 1];

    for (size_t len = PIPE_BUF - 120; len < PIPE_BUF; len++) {
        struct capture c;

        memset(value, ' ', len);
        value[len] = '\0';
        capture_start(&c);
        log_info("e", LOG_TEXT("v", value), LOG_INT("n", 7));
        capture_stop(&c);
        assert_true(strlen(c.text) <= PIPE_BUF);
        assert_ptr_equal(strchr(c.text, '\n'), c.text + strlen(c.text) - 1);
        if (!strstr(c.text, " n=7\n")) {
            assert_non_null(strstr(c.text, " cut=1\n"));
        }
    }
}

static void a_closed_standard_error_is_no_reason_to_stop(void **state)
{
    int saved = dup(STDERR_FILENO);

    close(STDERR_FILENO);
    log_error("e", LOG_END);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    close(saved);
}

static void die_by_fatal(void)
{
    struct err err = ERR_NONE;

    err_set(&err, "no_key", "key file is missing");
    fatal("start_failed", &err);
}

static void die_by_bug(void)
{
    bug_at("x.c", 12, "cannot be");
}

/* Returns what waitpid() says about a child that runs die(). */
static int run_child(void (*die)(void), struct capture *c)
{
    const struct rlimit no_core = {0, 0};
    int status = 0;
    pid_t pid;

    capture_start(c);
    pid = fork();
    if (pid == 0) {
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL); /* cmocka and sanitizers have their own handlers */
        close(STDOUT_FILENO);           /* a fork has a copy of what the test printed */
        die();
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    capture_stop(c);
    return status;
}

static void a_wrong_world_ends_with_status_1(void **state)
{
    struct capture c;
    int status = run_child(die_by_fatal, &c);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(c.text, "level=error service=intake event=start_failed code=no_key "
                                   "field= text=\"key file is missing\"\n"));
}

static void a_bug_aborts_and_names_its_line(void **state)
{
    struct capture c;
    int status = run_child(die_by_bug, &c);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(c.text, "event=bug file=x.c line=12 what=\"cannot be\"\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_has_time_level_service_event_and_fields, set_up),
        cmocka_unit_test_setup(a_line_without_fields_is_fine, set_up),
        cmocka_unit_test_setup(values_are_quoted_where_logfmt_needs_it, set_up),
        cmocka_unit_test_setup(numbers_cover_all_of_int64, set_up),
        cmocka_unit_test_setup(an_err_is_three_fields, set_up),
        cmocka_unit_test_setup(levels_below_the_limit_are_silent, set_up),
        cmocka_unit_test_setup(level_names_are_read, set_up),
        cmocka_unit_test_setup(a_line_that_is_too_long_is_cut_and_says_so, set_up),
        cmocka_unit_test_setup(every_length_near_the_limit_gives_one_whole_line, set_up),
        cmocka_unit_test_setup(a_closed_standard_error_is_no_reason_to_stop, set_up),
        cmocka_unit_test_setup(a_wrong_world_ends_with_status_1, set_up),
        cmocka_unit_test_setup(a_bug_aborts_and_names_its_line, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
