/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/text.h"

#define SAMPLE "deploy/config/standards.conf"

/* A catch-all, so that a case needs only the rule it is about. */
#define REST         "{ name = \"rest\"; priority = 3; owner_team = \"care\"; }"
#define RULES(rules) "rules = (\n" rules "\n);\n"

/* Loads text from a file of its own; the file is gone when this returns. */
static struct standard *load_bytes(const char *data, size_t len, struct err *err)
{
    char path[] = "/tmp/standard_test.XXXXXX";
    int file = mkstemp(path);
    struct standard *s;

    assert_true(file >= 0);
    assert_int_equal(write(file, data, len), len);
    close(file);
    s = standard_load(path, err);
    unlink(path);
    return s;
}

static struct standard *load(const char *text, struct err *err)
{
    return load_bytes(text, strlen(text), err);
}

static struct standard *load_sample(void)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_load(SAMPLE, &err);

    if (!s) {
        fail_msg("%s: %s", err.field, err.text);
    }
    return s;
}

static void the_sample_decides_every_contact(void **state)
{
    static const struct {
        struct standard_request request;
        const char *want_rule;
        int want_priority;
        size_t want_promises;
        int64_t want_first_response_us;
        int64_t want_resolution_us;
    } cases[] = {
        {{"complaint", "safety", "phone", "B1"},
         "complaint_safety",                                          1,
         2,                                                                 DURATION_H,
         DURATION_DAY                                                                                          },
        {{"complaint", "safety", "counter", "B1"},
         "complaint_safety",                                          1,
         2,                                                                 DURATION_H,
         DURATION_DAY                                                                                          },
        {{"request", "breakdown", NULL, NULL},
         "request_breakdown",                                         1,
         2,                                                                 30 * DURATION_MIN,
         8 * DURATION_H                                                                                        },
        {{"complaint", NULL, "counter", NULL},
         "complaint_at_counter",                                      2,
         2,                                                                 30 * DURATION_MIN,
         2 * DURATION_DAY                                                                                      },
        {{"complaint", "noise", "web", "B2"},      "complaint",       2, 2, 4 * DURATION_H,    3 * DURATION_DAY},
        {{"complaint", "", "", ""},                "complaint",       2, 2, 4 * DURATION_H,    3 * DURATION_DAY},
        {{"request", "safety", NULL, NULL},        "request",         3, 2, 8 * DURATION_H,    5 * DURATION_DAY},
        {{"enquiry", NULL, NULL, NULL},            "enquiry",         3, 1, DURATION_DAY,      0               },
        {{"praise", NULL, NULL, NULL},             "praise",          4, 0, 0,                 0               },
        {{NULL, NULL, NULL, NULL},                 "everything_else", 3, 1, DURATION_DAY,      0               },
        {{"", "safety", "counter", NULL},          "everything_else", 3, 1, DURATION_DAY,      0               },
        {{"Complaint", "safety", NULL, NULL},      "everything_else", 3, 1, DURATION_DAY,      0               },
        {{"*", "*", "*", "*"},                     "everything_else", 3, 1, DURATION_DAY,      0               },
    };
    struct standard *s = load_sample();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard_decision got;

        memset(&got, 0xff, sizeof(got));
        standard_decide(s, &cases[i].request, &got);
        assert_string_equal(got.rule, cases[i].want_rule);
        assert_int_equal(got.priority, cases[i].want_priority);
        assert_false(text_is_empty(got.owner_team));
        assert_int_equal(got.promise_count, cases[i].want_promises);
        if (got.promise_count > 0) {
            assert_string_equal(got.promises[0].kind, "first_response");
            assert_true(got.promises[0].target_us == cases[i].want_first_response_us);
        }
        if (got.promise_count > 1) {
            assert_string_equal(got.promises[1].kind, "resolution");
            assert_true(got.promises[1].target_us == cases[i].want_resolution_us);
        }
    }
    standard_free(s);
}

static void every_condition_must_hold_and_the_first_rule_wins(void **state)
{
    static const char text[] = RULES(
        "{ name = \"all\"; kind = \"request\"; category = \"油漆\"; channel = \"web\"; branch = "
        "\"B 1\";"
        "  priority = 1; owner_team = \"paint\"; },\n"
        "{ name = \"category\"; category = \"油漆\"; kind = \"*\"; priority = 2; owner_team = "
        "\"paint\"; },\n"
        "{ name = \"branch\"; branch = \"B 1\"; priority = 4; owner_team = \"b1\"; },\n" REST);
    static const struct {
        struct standard_request request;
        const char *want_rule;
    } cases[] = {
        {{"request", "油漆", "web", "B 1"}, "all"     },
        {{"request", "油漆", "web", "B 2"}, "category"},
        {{"enquiry", "油漆", "web", "B 1"}, "category"},
        {{NULL, "油漆", NULL, NULL},        "category"},
        {{"request", "tyres", "web", "B 1"},  "branch"  },
        {{"request", NULL, "web", "b 1"},     "rest"    },
        {{"request", "油漆 ", "web", NULL}, "rest"    },
    };
    struct err err = ERR_NONE;
    struct standard *s = load(text, &err);

    assert_non_null(s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard_decision got;

        standard_decide(s, &cases[i].request, &got);
        assert_string_equal(got.rule, cases[i].want_rule);
    }
    standard_free(s);
}

#define SETTINGS(name)        "name = \"" name "\"; kind = \"request\"; priority = 1; owner_team = \"b\"; "
#define NAMED                 SETTINGS("a")
#define NAMED_C               SETTINGS("c")
#define WITH(settings)        RULES("{ " NAMED settings " },\n" REST)
#define PROMISES(list)        WITH("promises = ( " list " );")
#define PROMISE(kind, target) "{ kind = \"" kind "\"; target = \"" target "\"; }"

/* A case reads best as the file and, below, what is said about it. */
/* clang-format off */
static void a_doubtful_file_is_refused_with_line_and_setting(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *field;
        const char *reason; /* part of the text */
    } cases[] = {
        {"",
         1, "rules", "has no rules"},
        {"# nothing\n",
         1, "rules", "has no rules"},
        {"rules = ();",
         1, "rules", "at least one rule"},
        {"rules = 5;",
         1, "rules", "must be a list"},
        {"rules = [1, 2];",
         1, "rules", "must be a list"},
        {"rules = ( 5 );",
         1, "rules[0]", "must be a group"},
        {"rule = ( );",
         1, "rule", "no such setting"},
        {RULES(REST) "extra = 1;",
         4, "extra", "no such setting"},
        {RULES(REST) "rules = ();",
         4, "", "duplicate"},
        {"rules = (\n{ name = ;",
         2, "", "syntax"},
        {"rules = (",
         1, "", "syntax"},
        {"\n @include \"other.conf\"\n" RULES(REST),
         2, "", "@include"},

        {RULES("{ priority = 1; owner_team = \"b\"; }"),
         2, "rules[0]", "needs 'name'"},
        {RULES("{ name = \"a\"; owner_team = \"b\"; }"),
         2, "rules[0]", "needs 'priority'"},
        {RULES("{ name = \"a\"; priority = 1; }"),
         2, "rules[0]", "needs 'owner_team'"},
        {RULES("{ name = \"\"; priority = 1; }"),
         2, "rules[0].name", "1 to 64 bytes"},
        {RULES("{ name = \"A\"; }"),
         2, "rules[0].name", "lower-case"},
        {RULES("{ name = \"客\"; }"),
         2, "rules[0].name", "lower-case"},
        {RULES("{ name = 7; }"),
         2, "rules[0].name", "text in quotes"},
        {RULES("{ name = \"a\"; name = \"b\"; }"),
         2, "", "duplicate"},
        {RULES("{ owner_team = \"two words\"; }"),
         2, "rules[0].owner_team", "lower-case"},
        {RULES("{ categori = \"x\"; }"),
         2, "rules[0].categori", "no such setting"},
        {RULES("{ priority = 0; }"),
         2, "rules[0].priority", "1 (urgent) to 4 (low)"},
        {RULES("{ priority = 5; }"),
         2, "rules[0].priority", "1 (urgent) to 4 (low)"},
        {RULES("{ priority = -1; }"),
         2, "rules[0].priority", "1 (urgent) to 4 (low)"},
        {RULES("{ priority = 1.0; }"),
         2, "rules[0].priority", "whole number"},
        {RULES("{ priority = \"1\"; }"),
         2, "rules[0].priority", "whole number"},
        {RULES("{ priority = 4294967297L; }"),
         2, "rules[0].priority", "whole number"},
        {RULES("{ kind = \"compliant\"; }"),
         2, "rules[0].kind", "must be complaint"},
        {RULES("{ kind = true; }"),
         2, "rules[0].kind", "text in quotes"},
        {RULES("{ branch = \"\"; }"),
         2, "rules[0].branch", "1 to 128 bytes"},

        {WITH("promises = { };"),
         2, "rules[0].promises", "must be a list"},
        {PROMISES("1"),
         2, "rules[0].promises[0]", "must be a group"},
        {PROMISES("{ }"),
         2, "rules[0].promises[0]", "needs kind and target"},
        {PROMISES("{ kind = \"resolution\"; }"),
         2, "rules[0].promises[0]", "needs kind and target"},
        {PROMISES("{ target = \"4h\"; }"),
         2, "rules[0].promises[0]", "needs kind and target"},
        {PROMISES("{ until = \"4h\"; }"),
         2, "rules[0].promises[0].until", "no such setting"},
        {PROMISES("{ kind = 1; }"),
         2, "rules[0].promises[0].kind", "text in quotes"},
        {PROMISES("{ target = 4; }"),
         2, "rules[0].promises[0].target", "text in quotes"},
        {PROMISES(PROMISE("callback", "4h")),
         2, "rules[0].promises[0].kind", "first_response or resolution"},
        {PROMISES(PROMISE("resolution", "4")),
         2, "rules[0].promises[0].target", "duration"},
        {PROMISES(PROMISE("resolution", "")),
         2, "rules[0].promises[0].target", "bytes"},
        {PROMISES(PROMISE("resolution", "-4h")),
         2, "rules[0].promises[0].target", "duration"},
        {PROMISES(PROMISE("resolution", "0h")),
         2, "rules[0].promises[0].target", "more than 0"},
        {PROMISES(PROMISE("resolution", "3651d")),
         2, "rules[0].promises[0].target", "at most 3650d"},
        {PROMISES(PROMISE("resolution", "4h") ",\n" PROMISE("resolution", "5h")),
         3, "rules[0].promises[1]", "twice"},
        {PROMISES("{}, {}, {}, {}, {}"),
         2, "rules[0].promises", "at most 4"},

        {RULES("{ " NAMED "}"),
         1, "rules", "must match everything"},
        {RULES(REST ",\n" REST),
         3, "rules[1]", "already named"},
        {RULES(REST ",\n{ " NAMED "}"),
         3, "rules[1]", "never reached"},
        {RULES("{ " NAMED "},\n{ " NAMED_C "branch = \"B\"; },\n" REST),
         3, "rules[1]", "never reached"},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        char line[16];

        text_format(line, sizeof(line), ":%u: ", cases[i].line);
        assert_null(load(cases[i].text, &err));
        if (strcmp(err.code, "standard_invalid") != 0 || strcmp(err.field, cases[i].field) != 0 ||
            strncmp(err.text, "/tmp/standard_test.", 19) != 0 || !strstr(err.text, line) ||
            !strstr(err.text, cases[i].reason)) {
            fail_msg("%s\n%s, %s: %s", cases[i].text, err.code, err.field, err.text);
        }
    }
}

static void what_is_no_text_file_is_refused(void **state)
{
    static const struct {
        const char *name;
        const char *data;
        size_t len;
        const char *reason;
    } cases[] = {
        {"NUL",     "rules\0",     6, "not UTF-8"},
        {"latin 1", "# caf\xe9\n", 7, "not UTF-8"},
    };
    struct err err = ERR_NONE;
    const size_t large_size = (size_t)2 << 20;
    char *large = malloc(large_size);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_null(load_bytes(cases[i].data, cases[i].len, &err));
        assert_string_equal(err.code, "standard_unreadable");
        assert_non_null(strstr(err.text, cases[i].reason));
    }
    assert_non_null(large);
    memset(large, '\n', large_size);
    assert_null(load_bytes(large, large_size, &err));
    assert_non_null(strstr(err.text, "larger than"));
    free(large);

    assert_null(standard_load("/nonexistent/standard.conf", &err));
    assert_string_equal(err.code, "standard_unreadable");
    assert_non_null(strstr(err.text, "/nonexistent/standard.conf: No such file"));
    assert_null(standard_load("/", &err));
    assert_string_equal(err.code, "standard_unreadable");
    assert_null(standard_load("/nonexistent", NULL));
}

static void the_hash_is_that_of_the_bytes(void **state)
{
    static const char text[] = RULES(REST);
    struct err err = ERR_NONE;
    struct standard *s = load(text, &err);
    struct standard *again = load(text, &err);
    struct standard *other = load("# a comment\n" RULES(REST), &err);
    uint8_t digest[BYTES_DIGEST_LEN];
    char want[2 * BYTES_DIGEST_LEN + 1];

    bytes_digest(bytes_of_text(text), digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, want);
    assert_string_equal(standard_hash(s), want);
    assert_string_equal(standard_text(s), text);
    assert_string_equal(standard_hash(again), want);
    assert_string_not_equal(standard_hash(other), want);
    standard_free(s);
    standard_free(again);
    standard_free(other);
    standard_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_decides_every_contact),
        cmocka_unit_test(every_condition_must_hold_and_the_first_rule_wins),
        cmocka_unit_test(a_doubtful_file_is_refused_with_line_and_setting),
        cmocka_unit_test(what_is_no_text_file_is_refused),
        cmocka_unit_test(the_hash_is_that_of_the_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
