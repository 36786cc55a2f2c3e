/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/call_told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name

/* One answer, as a dialer reports it. */
static struct call_told tell(const char *code, int instrument, int value, const char *comment)
{
    char code_text[64], comment_text[64];
    Troth__V1__DialedAnswer answer = TROTH__V1__DIALED_ANSWER__INIT;
    Troth__V1__DialedAnswer *answers[] = {&answer};
    Troth__V1__DialResult result = TROTH__V1__DIAL_RESULT__INIT;
    struct call_told told;
    (void)text_copy(code_text, sizeof(code_text), code ? code : "");
    (void)text_copy(comment_text, sizeof(comment_text), comment ? comment : "");
    answer.code = code ? code_text : NULL;
    answer.comment = comment ? comment_text : NULL;
    answer.instrument = (Troth__V1__SurveyInstrument)instrument;
    answer.has_instrument = instrument > 0;
    answer.has_value = value >= 0;
    answer.value = value;
    result.answers = answers;
    result.n_answers = 1;
    call_told_copy(&result, &told);
    return told;
}

static void an_answer_is_known_by_its_code(void **state)
{
    static const struct {
        const char *name, *code;
        int instrument, value;
        const char *want_code; /* NULL: left out */
        int want_instrument;
    } cases[] = {
        {"only the instrument",     NULL,                            INSTRUMENT(NPS),      3,  "nps",                   INSTRUMENT(NPS)     },
        {"code and instrument",     "csat",                          INSTRUMENT(CSAT),     3,  "csat",                  INSTRUMENT(CSAT)    },
        {"a reserved code decides", "csat",                          INSTRUMENT(NPS),      3,  "csat",                  INSTRUMENT(CSAT)    },
        {"solved is no instrument", "solved",                        INSTRUMENT(OWN),      1,  "solved",                0                   },
        {"another csat",            "csat_garage",                   INSTRUMENT(CSAT),     3,  "csat_garage",           INSTRUMENT(CSAT)    },
        {"a code alone is our own", "arrived",                       0,                    1,  "arrived",               INSTRUMENT(OWN)     },
        {"an item",                 "servqual_5_perception",         0,                    7,  "servqual_5_perception", INSTRUMENT(SERVQUAL)},
        {"own without a code",      NULL,                            INSTRUMENT(OWN),      7,  NULL,                    0                   },
        {"servqual without a code", NULL,                            INSTRUMENT(SERVQUAL), 7,  NULL,                    0                   },
        {"nothing said",            "csat",                          INSTRUMENT(CSAT),     -1, NULL,                    0                   },
        {"a strange code",          "Drop table",                    INSTRUMENT(OWN),      7,  NULL,                    0                   },
        {"a long code",             "abcdefghijklmnopqrstuvwxyz_12", INSTRUMENT(OWN),      7,  NULL,                    0                   },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call_told t = tell(cases[i].code, cases[i].instrument, cases[i].value, NULL);
        bool is_kept = t.answer_count == 1;
        if (is_kept != (cases[i].want_code != NULL) ||
            (is_kept && (strcmp(t.answers[0].code, cases[i].want_code) != 0 ||
                         t.answers[0].instrument != cases[i].want_instrument))) {
            fail_msg("%s", cases[i].name);
        }
        assert_int_equal(call_told_is_empty(&t), !is_kept);
        call_told_free(&t);
    }
}

static void the_last_answer_to_a_question_counts(void **state)
{
    Troth__V1__DialedAnswer answers[40];
    Troth__V1__DialedAnswer *list[40];
    Troth__V1__DialResult result = TROTH__V1__DIAL_RESULT__INIT;
    char codes[40][16], comment[] = "hm";
    struct call_told t;
    (void)state;
    for (int i = 0; i < 40; i++) {
        (void)text_format(codes[i], sizeof(codes[i]), "q%d", i == 1 ? 0 : i);
        troth__v1__dialed_answer__init(&answers[i]);
        answers[i].code = codes[i];
        answers[i].comment = comment;
        answers[i].has_value = true;
        answers[i].value = i;
        list[i] = &answers[i];
    }
    result.answers = list;
    result.n_answers = 40;
    call_told_copy(&result, &t);
    assert_int_equal(t.answer_count, 32); /* no script asks more */
    assert_string_equal(t.answers[0].code, "q0");
    assert_int_equal(t.answers[0].value, 1);
    call_told_free(&t);
    assert_null(t.answers);
}

static void what_is_too_long_is_cut_at_a_character(void **state)
{
    Troth__V1__DialResult result = TROTH__V1__DIAL_RESULT__INIT;
    char *note = xcalloc(1, 40000), phone[] = "+86", language[] = "zh-CN", empty[] = "";
    struct call_told t;
    (void)state;
    while (text_copy(note + strlen(note), 40000 - strlen(note), "等等等等等等等等")) {
    }
    result.note = note;
    result.new_phone = phone;
    result.language = language;
    call_told_copy(&result, &t);
    assert_true(strlen(t.note) <= 32768);
    assert_int_equal(strlen(t.note) % 3, 0);
    assert_string_equal(t.new_phone, "+86");
    assert_string_equal(t.language, "zh-CN");
    call_told_free(&t);
    result.note = result.new_phone = result.language = empty;
    call_told_copy(&result, &t);
    assert_true(call_told_is_empty(&t));
    call_told_free(&t);
    free(note);
}

static void who_refuses_without_a_word_refuses_this_time(void **state)
{
    Troth__V1__DialResult result = TROTH__V1__DIAL_RESULT__INIT;
    struct call_told t;
    (void)state;
    result.outcome = TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED;
    call_told_copy(&result, &t);
    assert_int_equal(t.refusal, TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME);
    assert_false(call_told_is_empty(&t));
    result.refusal = TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING;
    call_told_copy(&result, &t);
    assert_int_equal(t.refusal, TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_known_by_its_code),
        cmocka_unit_test(the_last_answer_to_a_question_counts),
        cmocka_unit_test(what_is_too_long_is_cut_at_a_character),
        cmocka_unit_test(who_refuses_without_a_word_refuses_this_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
