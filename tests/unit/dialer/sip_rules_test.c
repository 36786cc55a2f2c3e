/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_rules.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

static void each_status_has_an_outcome(void **state)
{
    static const struct {
        unsigned status;
        int32_t outcome, refusal;
    } cases[] = {
        {0,   OUTCOME(FAILED),         0                                               },
        {302, OUTCOME(FAILED),         0                                               },
        {401, OUTCOME(FAILED),         0                                               },
        {404, OUTCOME(INVALID_NUMBER), 0                                               },
        {408, OUTCOME(NO_ANSWER),      0                                               },
        {410, OUTCOME(INVALID_NUMBER), 0                                               },
        {480, OUTCOME(NO_ANSWER),      0                                               },
        {484, OUTCOME(INVALID_NUMBER), 0                                               },
        {486, OUTCOME(BUSY),           0                                               },
        {487, OUTCOME(NO_ANSWER),      0                                               },
        {488, OUTCOME(FAILED),         0                                               },
        {500, OUTCOME(FAILED),         0                                               },
        {503, OUTCOME(FAILED),         0                                               },
        {600, OUTCOME(BUSY),           0                                               },
        {603, OUTCOME(BUSY),           0                                               },
        {604, OUTCOME(INVALID_NUMBER), 0                                               },
        {607, OUTCOME(REFUSED),        TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING},
        {608, OUTCOME(FAILED),         0                                               },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sip_verdict got = sip_rules_verdict(cases[i].status);
        assert_int_equal(got.outcome, cases[i].outcome);
        assert_int_equal(got.refusal, cases[i].refusal);
    }
}

static void a_call_may_have_rung_unless_it_was_never_sent(void **state)
{
    static const struct {
        unsigned sent_count;
        bool has_response;
        int failure;
        bool want;
    } cases[] = {
        {0,  false, ECONNREFUSED, false},
        {0,  false, ETIMEDOUT,    false}, /* no connection, or no name server */
        {1,  false, ENETUNREACH,  false}, /* the first sending failed */
        {1,  false, ETIMEDOUT,    true }, /* over TCP */
        {11, false, ETIMEDOUT,    true },
        {2,  false, ENETUNREACH,  true }, /* the network went away after the first one */
        {1,  true,  ECONNRESET,   true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(
            sip_rules_may_have_rung(cases[i].sent_count, cases[i].has_response, cases[i].failure),
            cases[i].want);
    }
}

static void numbers_are_written_as_networks_take_them(void **state)
{
    static const struct {
        const char *phone, *want; /* NULL: refused */
    } cases[] = {
        {"+8613800138000",       "+8613800138000"},
        {"+49 (30) 1234-567",    "+49301234567"  },
        {"030/123.45",           "03012345"      },
        {"*21*0900123456",       NULL            },
        {"*21",                  NULL            },
        {"",                     NULL            },
        {"+",                    NULL            },
        {"12+3",                 NULL            },
        {"12#",                  NULL            },
        {"1@evil.example",       NULL            },
        {"1;transport=tcp",      NULL            },
        {"12\r\nRoute: <sip:x>", NULL            },
        {"see remarks",          NULL            },
        {"\xd9\xa1\xd9\xa2",     NULL            },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char number[64] = "untouched";
        int rc = sip_rules_number(cases[i].phone, number, sizeof(number));
        assert_int_equal(rc, cases[i].want ? 0 : -1);
        assert_string_equal(number, cases[i].want ? cases[i].want : "untouched");
    }
    char small[4] = "";
    assert_int_equal(sip_rules_number("1234", small, sizeof(small)), -1);
    char longest[80];
    memset(longest, '1', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(sip_rules_number(longest, longest, sizeof(longest)), -1);
}

static void languages_have_voices(void **state)
{
    static const struct {
        const char *language, *want;
    } cases[] = {
        {"en",      "en" },
        {"en-GB",   "en" },
        {"DE",      "de" },
        {"zh-CN",   "cmn"},
        {"yue",     "yue"},
        {"",        "en" },
        {"e",       "en" },
        {"../etc",  "en" },
        {"en/evil", "en" },
        {"--help",  "en" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char voice[9];
        sip_rules_voice(cases[i].language, voice);
        assert_string_equal(voice, cases[i].want);
    }
}

static void sounds_stay_in_their_folder(void **state)
{
    char path[64] = "";
    const char *const good[3] = {"after_resolution", "zh-CN", "csat"};
    assert_int_equal(sip_rules_sound_path("/s", good, path, sizeof(path)), 0);
    assert_string_equal(path, "/s/after_resolution/zh-CN/csat.wav");
    static const char *const bad[] = {"..", "a/b", "", "a.b", "a b"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *const parts[3] = {"after_resolution", bad[i], "csat"};
        assert_int_equal(sip_rules_sound_path("/s", parts, path, sizeof(path)), -1);
    }
    assert_int_equal(sip_rules_sound_path("/s", good, path, 20), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_an_outcome),
        cmocka_unit_test(a_call_may_have_rung_unless_it_was_never_sent),
        cmocka_unit_test(numbers_are_written_as_networks_take_them),
        cmocka_unit_test(languages_have_voices),
        cmocka_unit_test(sounds_stay_in_their_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
