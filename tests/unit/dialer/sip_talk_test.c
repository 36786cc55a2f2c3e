/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

/* What happens to a conversation, one letter each: 's' what was to be said has been, '.' silence, a
 * digit and '#' are keys. What is done then: 'o' opening, 'r' reason, 'a'-'c' item, 'z' closing,
 * 'l' listen, '-' nothing, 'x' hang up. */
static char letter_of(struct sip_next next)
{
    switch (next.what) {
    case SIP_DO_SAY:
        if (next.say == SIP_SAY_OPENING) {
            return 'o';
        }
        if (next.say == SIP_SAY_CLOSING) {
            return 'z';
        }
        if (next.say < SIP_SAY_ITEM) {
            return 'r';
        }
        return "abcdefghijklmnop"[next.say - SIP_SAY_ITEM];
    case SIP_DO_LISTEN:
        return next.wait_ms > 0 ? 'l' : '!';
    case SIP_DO_HANG_UP:
        return 'x';
    case SIP_DO_NOTHING:
    default:
        return '-';
    }
}

/* Items: 'c' CSAT, 'n' NPS, 'w' asked when CSAT is 1 or 2; 'r' is a reason. */
static void make_order(const char *parts, struct dialer_order *order)
{
    memset(order, 0, sizeof(*order));
    for (const char *p = parts; *p; p++) {
        struct dialer_item *item = &order->items[order->item_count];
        if (*p == 'r') {
            order->reason_count++;
            continue;
        }
        order->item_count++;
        item->code[0] = *p;
        item->low = *p == 'c' ? 1 : 0;
        item->high = *p == 'c' ? 5 : *p == 'n' ? 10 : 1;
        if (*p == 'w') {
            item->only_if[0] = 'c';
            item->only_min = 1;
            item->only_max = 2;
        }
    }
}

static int key_of(char letter)
{
    return letter == '#' ? SIP_KEY_POUND : letter - '0';
}

static void talks_go_as_they_should(void **state)
{
    static const struct {
        const char *name, *order, *happens, *done, *answers;
        int32_t outcome; /* when it ends there */
    } cases[] = {
        {"picked up and rung off",     "c",   "",       "o",       "",       OUTCOME(REFUSED)        },
        {"news are heard",             "r",   "sss",    "orzx",    "",       OUTCOME(ANSWERED)       },
        {"news are cut short",         "r",   "s",      "or",      "",       OUTCOME(PARTLY_ANSWERED)},
        {"a key while listening",      "c",   "ss4s",   "oalzx",   "c4",     OUTCOME(ANSWERED)       },
        {"a key while asking",         "c",   "s4s",    "oazx",    "c4",     OUTCOME(ANSWERED)       },
        {"a key in the opening",       "c",   "4s",     "o-a",     "",       OUTCOME(REFUSED)        },
        {"no more calls",              "rc",  "#",      "ox",      "",       OUTCOME(REFUSED)        },
        {"nor news",                   "r",   "s#",     "orx",     "",       OUTCOME(REFUSED)        },
        {"a hash that ends an answer", "c",   "s4#s",   "oaz-x",   "c4",     OUTCOME(ANSWERED)       },
        {"rung off in the closing",    "c",   "s4",     "oaz",     "c4",     OUTCOME(ANSWERED)       },
        {"rung off between two",       "cn",  "s4",     "oab",     "c4",     OUTCOME(PARTLY_ANSWERED)},
        {"asked again, then left out", "c",   "ss.s.s", "oalalzx", "",       OUTCOME(VOICEMAIL)      },
        {"a wrong key is asked again", "c",   "s9s.s",  "oaalzx",  "",       OUTCOME(VOICEMAIL)      },
        {"the second try is answered", "c",   "s93",    "oaaz",    "c3",     OUTCOME(ANSWERED)       },
        {"ten in two digits",          "n",   "s10",    "oalz",    "n10",    OUTCOME(ANSWERED)       },
        {"one, and then silence",      "n",   "s1.",    "oalz",    "n1",     OUTCOME(ANSWERED)       },
        {"one and a wrong second",     "n",   "s17",    "oala",    "",       OUTCOME(REFUSED)        },
        {"not asked when satisfied",   "cwn", "s45",    "oacz",    "c4n5",   OUTCOME(ANSWERED)       },
        {"asked when not",             "cwn", "s215",   "oabcz",   "c2w1n5", OUTCOME(ANSWERED)       },
        {"not asked when unanswered",  "cw",  "ss.s.s", "oalalzx", "",       OUTCOME(VOICEMAIL)      },
        {"one of two left out",        "cn",  "ss.s.5", "oalalbz", "n5",     OUTCOME(ANSWERED)       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dialer_order order;
        struct sip_talk talk;
        char done[32] = "", answers[64] = "";
        size_t len = 0;
        make_order(cases[i].order, &order);
        done[len++] = letter_of(sip_talk_begin(&talk, &order, 5000, 1));
        for (const char *h = cases[i].happens; *h; h++) {
            done[len++] = letter_of(*h == 's'   ? sip_talk_said(&talk)
                                    : *h == '.' ? sip_talk_silence(&talk)
                                                : sip_talk_key(&talk, key_of(*h)));
        }
        for (size_t a = 0; a < talk.result.answer_count; a++) {
            (void)text_format(answers + strlen(answers), sizeof(answers) - strlen(answers), "%s%d",
                              talk.result.answers[a].code, talk.result.answers[a].value);
        }
        if (strcmp(done, cases[i].done) != 0 || strcmp(answers, cases[i].answers) != 0) {
            fail_msg("%s: does %s, has %s", cases[i].name, done, answers);
        }
        const struct sip_verdict verdict = sip_talk_verdict(&talk);
        bool is_for_ever = verdict.refusal == TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING;
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(is_for_ever, cases[i].answers[0] == '\0' && strchr(cases[i].happens, '#'));
    }
}

static void words_have_names_for_recordings(void **state)
{
    struct dialer_order order = {
        .opening = "Hello",
        .closing = "Bye",
        .items = {{.code = "csat", .question = "How?"}},
        .agenda = {{.rule = "late", .say = "Late."}},
        .item_count = 1,
        .reason_count = 1,
    };
    static const struct {
        size_t say;
        const char *name, *words;
    } cases[] = {
        {SIP_SAY_OPENING, "opening", "Hello"},
        {SIP_SAY_REASON,  "late",    "Late."},
        {SIP_SAY_ITEM,    "csat",    "How?" },
        {SIP_SAY_CLOSING, "closing", "Bye"  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *name = NULL;
        assert_string_equal(sip_talk_words(&order, cases[i].say, &name), cases[i].words);
        assert_string_equal(name, cases[i].name);
    }
}

static void who_rings_off_refuses_for_this_time(void **state)
{
    struct dialer_order order;
    struct sip_talk talk;
    make_order("c", &order);
    (void)sip_talk_begin(&talk, &order, 5000, 1);
    assert_int_equal(sip_talk_verdict(&talk).refusal,
                     TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks_go_as_they_should),
        cmocka_unit_test(words_have_names_for_recordings),
        cmocka_unit_test(who_rings_off_refuses_for_this_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
