/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/reporting/form_field.h"

static const struct answer_link asked = {
    .key = "F-572-4/1",
    .items = {{.code = "csat", .instrument = 1, .low = 1, .high = 5},
              {.code = "solved", .low = 0, .high = 1}},
    .item_count = 2,
};

static void fields_are_decoded(void **state)
{
    static const struct {
        const char *body, *name, *value; /* NULL: there is none */
    } cases[] = {
        {"t=abc",           "t", "abc"         },
        {"a=1&t=abc&t=def", "t", "abc"         },
        {"t=",              "t", ""            },
        {"tt=1&t=2",        "t", "2"           },
        {"t=a+b%20c%2B%26", "t", "a b c+&"     },
        {"t=%E5%A5%BD",     "t", "\xe5\xa5\xbd"},
        {"t=%e5%a5%bd",     "t", "\xe5\xa5\xbd"},
        {"",                "t", NULL          },
        {"t",               "t", NULL          },
        {"a=1&b=2",         "t", NULL          },
        {"t=%",             "t", NULL          },
        {"t=%4",            "t", NULL          },
        {"t=%4&a=1",        "t", NULL          },
        {"t=%zz",           "t", NULL          },
        {"t=%ff",           "t", NULL          },
        {"t=a%00b",         "t", NULL          },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text out = {.data = NULL};
        bool is_there = form_field(bytes_of_text(cases[i].body), cases[i].name, &out);
        if (is_there != (cases[i].value != NULL) ||
            (is_there && strcmp(text_or_empty(&out), cases[i].value) != 0)) {
            fail_msg("%s: %s", cases[i].body, text_or_empty(&out));
        }
        text_free(&out);
    }
}

static void only_answers_within_their_scale_count(void **state)
{
    static const struct {
        const char *body;
        int csat, solved; /* -1: not answered */
        const char *comment;
    } cases[] = {
        {"q_csat=4&q_solved=0",      4,  0,  ""     },
        {"q_csat=4&q_csat=5",        4,  -1, ""     },
        {"q_csat=0&q_solved=2",      -1, -1, ""     },
        {"q_csat=6",                 -1, -1, ""     },
        {"q_csat=-1",                -1, -1, ""     },
        {"q_csat=4x&q_solved=+1",    -1, -1, ""     },
        {"q_csat=99999999999999999", -1, -1, ""     },
        {"q_nps=9&csat=4",           -1, -1, ""     },
        {"comment=+%0D%0Awell+",     -1, -1, "well "},
        {"comment=%ff&q_solved=1",   -1, 1,  ""     },
        {"",                         -1, -1, ""     },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer_form form;
        answer_form_read(bytes_of_text(cases[i].body), &asked, &form);
        bool is_empty = cases[i].csat < 0 && cases[i].solved < 0 && !cases[i].comment[0];
        assert_int_equal(form.has_value[0] ? form.value[0] : -1, cases[i].csat);
        assert_int_equal(form.has_value[1] ? form.value[1] : -1, cases[i].solved);
        assert_string_equal(form.comment, cases[i].comment);
        assert_int_equal(answer_form_is_empty(&form, &asked), is_empty);
    }
}

static void a_long_comment_is_cut_at_a_character(void **state)
{
    struct text body = {.data = NULL};
    struct answer_form form;
    (void)state;
    text_append(&body, "comment=");
    for (int i = 0; i < ANSWER_COMMENT_SIZE; i++) {
        text_append(&body, "%E5%A5%BD");
    }
    answer_form_read(bytes_of_text(body.data), &asked, &form);
    assert_int_equal(strlen(form.comment), (ANSWER_COMMENT_SIZE - 1) / 3 * 3);
    assert_true(text_is_utf8(bytes_of_text(form.comment)));
    text_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded),
        cmocka_unit_test(only_answers_within_their_scale_count),
        cmocka_unit_test(a_long_comment_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
