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

/* "first_response 4h garage, resolution 1d" */
static void describe(const struct standard_decision *d, struct text *ret)
{
    for (size_t i = 0; i < d->promise_count; i++) {
        const struct standard_promise *p = &d->promises[i];
        char target[DURATION_TEXT_SIZE];

        text_appendf(ret, "%s%s %s %s", i > 0 ? ", " : "", p->kind,
                     duration_format(p->target_us, target), calendar_name(p->calendar));
    }
}

static void the_sample_decides_every_contact(void **state)
{
    static const char *const failed[] = {"周日", "高速上刹车失灵了！"};
    static const char *const harmless[] = {"刹车片多少钱"};
#define SAFETY "first_response 1h 24x7, next_update 4h 24x7, resolution 1d 24x7"
#define USUAL  "first_response 4h garage, next_update 16h garage, resolution 1d garage"
    static const struct {
        struct standard_request request;
        const char *want_rule;
        int want_priority;
        const char *want_promises;
    } cases[] = {
        {{.kind = "complaint", .category = "safety", .channel = "counter"},
         "complaint_safety",                                                                    1,
         SAFETY                                                                                                              },
        {{.kind = "enquiry", .texts = failed, .text_count = 2},              "safety_by_words", 1, SAFETY                    },
        {{.kind = "enquiry", .texts = harmless, .text_count = 1},
         "enquiry",                                                                             3,
         "first_response 8h garage"                                                                                          },
        {{.kind = "request", .category = "breakdown", .branch = "north"},
         "request_breakdown",                                                                   1,
         "first_response 30m 24x7, next_update 2h 24x7, resolution 8h 24x7"                                                  },
        {{.kind = "complaint", .channel = "counter", .branch = "harbour"},
         "complaint_at_counter",                                                                2,
         "first_response 30m harbour, next_update 8h harbour, resolution 16h harbour"                                        },
        {{.kind = "complaint", .tier = "gold"},
         "complaint_gold",                                                                      1,
         "first_response 2h garage, next_update 8h garage, resolution 16h garage"                                            },
        {{.kind = "complaint", .category = "noise", .tier = "silver"},       "complaint",       2, USUAL                     },
        {{.kind = "complaint", .category = "", .channel = "", .branch = ""}, "complaint",       2, USUAL                     },
        {{.kind = "request", .category = "safety"},
         "request",                                                                             3,
         "first_response 8h garage, next_update 1d garage, resolution 1d16h garage"                                          },
        {{.kind = "praise"},                                                 "praise",          4, ""                        },
        {{.kind = NULL},                                                     "everything_else", 3, "first_response 8h garage"},
        {{.kind = "", .category = "safety"},                                 "everything_else", 3, "first_response 8h garage"},
        {{.kind = "Complaint", .category = "safety"},
         "everything_else",                                                                     3,
         "first_response 8h garage"                                                                                          },
        {{.kind = "*", .category = "*"},                                     "everything_else", 3, "first_response 8h garage"},
    };
    struct standard *s = load_sample();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard_decision got;
        struct text promises = {.data = NULL};

        memset(&got, 0xff, sizeof(got));
        standard_decide(s, &cases[i].request, &got);
        describe(&got, &promises);
        assert_string_equal(got.rule, cases[i].want_rule);
        assert_int_equal(got.priority, cases[i].want_priority);
        assert_false(text_is_empty(got.owner_team));
        assert_string_equal(text_or_empty(&promises), cases[i].want_promises);
        assert_true(got.ladder->step_count >= 4);
        assert_true(got.ladder->renegotiator_count > 0);
        text_free(&promises);
    }
    assert_true(standard_needs_tier(s));
    assert_true(standard_needs_texts(s));
    standard_free(s);
}

static void the_sample_knows_what_texts_are_about(void **state)
{
    static const struct {
        const char *texts[2];
        const char *want;
    } cases[] = {
        {{"在高速上刹车失灵", "需要拖车"}, "safety"   },
        {{"我的车抛锚了"},                       "breakdown"},
        {{"I need a TOW."},                            "breakdown"},
        {{"two"},                                      NULL       },
        {{NULL, "换刹车片多少钱？"},           "price"    },
        {{""},                                         NULL       },
    };
    struct standard *s = load_sample();
    struct standard *plain = load(RULES(REST), &(struct err){.code = ""});

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = standard_category_by_words(s, cases[i].texts, 2);

        if ((got == NULL) != (cases[i].want == NULL) || (got && strcmp(got, cases[i].want) != 0)) {
            fail_msg("%s: %s", cases[i].texts[0], got ? got : "nothing");
        }
        assert_null(standard_category_by_words(plain, cases[i].texts, 2));
    }
    assert_true(standard_is_thanks(s, &(const char *){"好的，谢谢！"}, 1));
    assert_false(standard_is_thanks(s, &(const char *){"还是不行"}, 1));
    standard_free(s);
    standard_free(plain);
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

static void tier_priority_by_hand_and_words_are_conditions_too(void **state)
{
    static const char text[] = RULES(
        "{ name = \"both\"; tier = \"gold\"; words = (\"刹车\"); priority = 1; owner_team = \"t\"; "
        "},\n"
        "{ name = \"tier\"; tier = \"gold\"; priority = 1; owner_team = \"t\"; },\n"
        "{ name = \"hand\"; asked_priority = 2; priority = 2; owner_team = \"t\"; },\n"
        "{ name = \"words\"; words = (\"刹车\", \"Brake\"); priority = 2; owner_team = \"t\"; },\n"
        "{ name = \"more\"; words = [\"车\"]; kind = \"request\"; priority = 2; owner_team = "
        "\"t\"; },\n" REST);
    static const char *const brake[] = {"你好", NULL, "brake!"};
    static const char *const zh[] = {"刹车坏了"};
    static const char *const car[] = {"车坏了"};
    static const struct {
        struct standard_request request;
        const char *want_rule;
    } cases[] = {
        {{.tier = "gold", .texts = zh, .text_count = 1},       "both" },
        {{.tier = "gold", .texts = brake, .text_count = 3},    "tier" },
        {{.tier = "silver", .texts = zh, .text_count = 1},     "words"},
        {{.asked_priority = 2, .texts = zh, .text_count = 1},  "hand" },
        {{.asked_priority = 1, .texts = zh, .text_count = 1},  "words"},
        {{.texts = brake, .text_count = 3},                    "words"},
        {{.texts = brake, .text_count = 1},                    "rest" },
        {{.texts = car, .text_count = 1, .kind = "request"},   "more" },
        {{.texts = car, .text_count = 1},                      "rest" },
        {{.kind = "request"},                                  "rest" },
 /* The texts are sealed: what was found then is taken from the rule that matched. */
        {{.known_rule = "words"},                              "words"},
        {{.known_rule = "words", .tier = "gold"},              "tier" },
        {{.known_rule = "both", .tier = "gold"},               "both" },
        {{.known_rule = "more", .kind = "request"},            "more" },
        {{.known_rule = "more"},                               "rest" },
        {{.known_rule = "rest", .texts = zh, .text_count = 1}, "rest" },
        {{.known_rule = "gone", .texts = zh, .text_count = 1}, "rest" },
        {{.known_rule = "", .texts = zh, .text_count = 1},     "words"},
    };
    struct err err = ERR_NONE;
    struct standard *s = load(text, &err);

    assert_non_null(s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard_decision got;

        standard_decide(s, &cases[i].request, &got);
        if (strcmp(got.rule, cases[i].want_rule) != 0) {
            fail_msg("case %zu: %s", i, got.rule);
        }
    }
    assert_true(standard_needs_tier(s));
    assert_true(standard_needs_texts(s));
    standard_free(s);
    s = load(RULES(REST), &err);
    assert_false(standard_needs_tier(s));
    assert_false(standard_needs_texts(s));
    standard_free(s);
    s = load(RULES("{ name = \"a\"; kind = \"praise\"; priority = 1; owner_team = \"t\"; }, " REST),
             &err);
    assert_false(standard_needs_tier(s));
    standard_free(s);
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

static void a_kind_of_contact_has_the_name_that_rules_use(void **state)
{
    static const char *const want[] = {"", "enquiry", "complaint", "request", "praise", ""};

    for (int i = 0; i < (int)ARRAY_LEN(want); i++) {
        assert_string_equal(standard_contact_kind(i), want[i]);
    }
    assert_string_equal(standard_contact_kind(-1), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_decides_every_contact),
        cmocka_unit_test(the_sample_knows_what_texts_are_about),
        cmocka_unit_test(every_condition_must_hold_and_the_first_rule_wins),
        cmocka_unit_test(tier_priority_by_hand_and_words_are_conditions_too),
        cmocka_unit_test(what_is_no_text_file_is_refused),
        cmocka_unit_test(the_hash_is_that_of_the_bytes),
        cmocka_unit_test(a_kind_of_contact_has_the_name_that_rules_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
