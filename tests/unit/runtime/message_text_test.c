/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/runtime/message_json.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "score.pb-c.h"

static void text_format_becomes_the_same_json(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"",                                                                                  "{}"                                        },
        {" # nothing but a remark",                                                           "{}"                                        },
        {"key: \"K-1\"",                                                                      "{\"key\":\"K-1\"}"                         },
        {"key: 'it''s'  # joined",                                                            "{\"key\":\"its\"}"                         },
        {"key: \"a\"\n  \"b\";",                                                              "{\"key\":\"ab\"}"                          },
        {"key: \"\\n\\t\\\"\\\\\\101\\x42\\u4f60\"",                                          "{\"key\":\"\\n\\t\\\"\\\\AB\xe4\xbd\xa0\"}"},
        {"key: \"\\xe4\\xbd\\xa0\\U0001F600\"",                                               "{\"key\":\"\xe4\xbd\xa0\xf0\x9f\x98\x80\"}"},
        {"occurred_us: -5, is_permanent_key: true",
         "{\"occurred_us\":\"-5\",\"is_permanent_key\":true}"                                                                             },
        {"occurred_us: 0x10",                                                                 "{\"occurred_us\":\"16\"}"                  },
        {"occurred_us: 010",                                                                  "{\"occurred_us\":\"8\"}"                   },
        {"contact { kind: CONTACT_KIND_COMPLAINT }",
         "{\"contact\":{\"kind\":\"CONTACT_KIND_COMPLAINT\"}}"                                                                            },
        {"contact: < kind: complaint body: 'x' >",
         "{\"contact\":{\"kind\":\"complaint\",\"body\":\"x\"}}"                                                                          },
        {"contact { kind: 2 }",                                                               "{\"contact\":{\"kind\":2}}"                },
        {"customer_profile { consents { purpose: PURPOSE_SURVEY is_given: f } consents {} }",
         "{\"customer_profile\":{\"consents\":[{\"purpose\":\"PURPOSE_SURVEY\",\"is_given\":false},"
         "{}]}}"                                                                                                                          },
        {"customer_profile { consents: [{is_given: 1}, <>] }",
         "{\"customer_profile\":{\"consents\":[{\"is_given\":true},{}]}}"                                                                 },
        {"customer_profile { consents: [] }",                                                 "{\"customer_profile\":{\"consents\":[]}}"  },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;
        json_t *json = message_text_to_json(&troth__v1__record__descriptor, cases[i].in, &err);
        char *text;

        assert_string_equal(err.text, "");
        assert_non_null(json);
        text = json_dumps(json, JSON_COMPACT);
        assert_string_equal(text, cases[i].out);
        free(text);
        json_decref(json);
    }
}

static void mistakes_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *code, *line, *in;
    } cases[] = {
        {"field_unknown", "line 2:", "key: \"a\"\ncolour: 1"                 },
        {"malformed",     "line 1:", "key \"a\""                             },
        {"malformed",     "line 1:", "key: \"a"                              },
        {"malformed",     "line 1:", "key: \"a\nb\""                         },
        {"malformed",     "line 1:", "key: \"\\q\""                          },
        {"malformed",     "line 1:", "key: \"\\u12\""                        },
        {"malformed",     "line 1:", "key: \"\\777\""                        },
        {"malformed",     "line 1:", "key: \"\\"                             },
        {"not_utf8",      "line 1:", "key: \"\\xff\""                        },
        {"not_utf8",      "line 1:", "key: \"\\000\""                        },
        {"not_utf8",      "line 1:", "key: \"\\ud800\""                      },
        {"wrong_type",    "line 1:", "key: a"                                },
        {"malformed",     "line 1:", "key:"                                  },
        {"malformed",     "line 3:", "key: 'a'\n\nkey: 'b'"                  },
        {"malformed",     "line 2:", "contact {\n kind: }"                   },
        {"malformed",     "line 2:", "contact {\n"                           },
        {"wrong_type",    "line 1:", "contact: 'x'"                          },
        {"malformed",     "line 1:", "}"                                     },
        {"malformed",     "line 1:", "contact { > }"                         },
        {"enum_unknown",  "line 1:", "contact { kind: complain }"            },
        {"enum_unknown",  "line 1:", "contact { kind: -1 }"                  },
        {"wrong_type",    "line 1:", "contact { kind: 'complaint' }"         },
        {"wrong_type",    "line 1:", "is_permanent_key: yes"                 },
        {"wrong_type",    "line 1:", "occurred_us: soon"                     },
        {"wrong_type",    "line 1:", "occurred_us: 0xzz"                     },
        {"wrong_type",    "line 1:", "occurred_us: '5'"                      },
        {"malformed",     "line 1:", "customer_profile { consents: [{} {}] }"},
        {"malformed",     "line 1:", "[ext.name]: 1"                         },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;

        assert_null(message_text_to_json(&troth__v1__record__descriptor, cases[i].in, &err));
        assert_string_equal(err.code, cases[i].code);
        assert_ptr_equal(strstr(err.text, cases[i].line), err.text);
    }
}

static void fractions_have_signs_exponents_and_suffixes(void **state)
{
    struct err err = ERR_NONE;
    json_t *json = message_text_to_json(&troth__v1__score__descriptor,
                                        "index: 1.5e1 csat_mean: 3f nps: -25.0 trust: 1e-1", &err);

    assert_non_null(json);
    assert_true(json_real_value(json_object_get(json, "index")) > 14.9);
    assert_true(json_real_value(json_object_get(json, "csat_mean")) > 2.9);
    assert_true(json_real_value(json_object_get(json, "nps")) < -24.9);
    assert_true(json_real_value(json_object_get(json, "trust")) < 0.11);
    json_decref(json);
    assert_null(message_text_to_json(&troth__v1__score__descriptor, "index: inf", &err));
    assert_string_equal(err.code, "wrong_type");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_format_becomes_the_same_json),
        cmocka_unit_test(mistakes_are_refused_with_their_line),
        cmocka_unit_test(fractions_have_signs_exponents_and_suffixes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
