/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define KIND(name)  TROTH__V1__CONTACT_KIND__CONTACT_KIND_##name
#define BODY(name)  TROTH__V1__EVENT__BODY_##name
#define CUSTOMER    0x10107
#define CASE        0x30307
#define OCCURRED_US INT64_C(1767225600000000) /* 2026-01-01 */
#define RECORDED_US (OCCURRED_US + 60000000)
#define BEFORE_US   (OCCURRED_US - 86400000000)

static char stream[] = "intake.0";
static char cny[] = "CNY", yuan[] = "yuan";

static Troth__V1__Event event_of(Troth__V1__Event__BodyCase body, int64_t version)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;

    e.stream = stream;
    e.seq = 7;
    e.customer = CUSTOMER;
    e.version = version;
    e.occurred_us = OCCURRED_US;
    e.recorded_us = RECORDED_US;
    e.body_case = body;
    return e;
}

static int read_event(const Troth__V1__Event *event, struct evidence *ret_first)
{
    struct evidence list[EVIDENCE_PER_EVENT_MAX] = {{.customer = 0}};
    int count = evidence_of_event(event, list);

    *ret_first = list[0];
    return count;
}

static void a_promise_says_something_unless_it_only_runs(void **state)
{
    static const struct {
        Troth__V1__PromiseState from, to;
        int count;
    } cases[] = {
        {STATE(OPEN),    STATE(AT_RISK),              0},
        {STATE(AT_RISK), STATE(OPEN),                 0},
        {STATE(AT_RISK), STATE(KEPT),                 1},
        {STATE(OPEN),    STATE(RENEGOTIATED),         1},
        {STATE(BROKEN),  STATE(OPEN),                 1},
        {STATE(BROKEN),  STATE(KEPT),                 1},
        {STATE(OPEN),    STATE(UNSPECIFIED),          0},
        {STATE(OPEN),    (Troth__V1__PromiseState)10, 0},
    };
    Troth__V1__PromiseChanged body = TROTH__V1__PROMISE_CHANGED__INIT;
    Troth__V1__Event event = event_of(BODY(PROMISE_CHANGED), 40);
    struct evidence e;

    event.promise_changed = &body;
    body.has_from = body.has_to = true;
    body.promise = 5;
    body.promise_version = 3;
    body.service_case = CASE;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        body.from = cases[i].from;
        body.to = cases[i].to;
        if (read_event(&event, &e) != cases[i].count) {
            fail_msg("case %zu", i);
        }
    }
    body.to = STATE(KEPT);
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.kind, EVIDENCE_PROMISE);
    assert_int_equal(e.subject, 5);
    assert_int_equal(e.version, 3);
    assert_int_equal(e.value, STATE(KEPT));
    assert_int_equal(e.service_case, CASE);
    assert_string_equal(e.stream, "intake.0");
    assert_int_equal(e.seq, 7);
}

static void a_word_and_a_cause_have_the_version_of_the_case(void **state)
{
    Troth__V1__PromiseAnswered word = TROTH__V1__PROMISE_ANSWERED__INIT;
    Troth__V1__BreakExplained cause = TROTH__V1__BREAK_EXPLAINED__INIT;
    Troth__V1__Event event = event_of(BODY(PROMISE_ANSWERED), 40);
    struct evidence e;

    event.promise_answered = &word;
    word.promise = 5;
    word.has_is_confirmed = true;
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.kind, EVIDENCE_WORD);
    assert_int_equal(e.value, -1);
    assert_int_equal(e.version, 40);
    event.is_reversal = true;
    assert_int_equal(read_event(&event, &e), 1);
    assert_true(e.is_void);

    event = event_of(BODY(BREAK_EXPLAINED), 41);
    event.break_explained = &cause;
    cause.promise = 5;
    cause.has_cause = true;
    cause.cause = TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT;
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.kind, EVIDENCE_CAUSE);
    assert_int_equal(e.value, 2);
    cause.cause = (Troth__V1__BreakCause)9;
    assert_int_equal(read_event(&event, &e), 0);
}

static void answers_off_their_scale_say_nothing(void **state)
{
    static const struct {
        int instrument, value, kind;
    } cases[] = {
        {1, 1,  EVIDENCE_CSAT},
        {1, 5,  EVIDENCE_CSAT},
        {1, 0,  0            },
        {1, 6,  0            },
        {2, 0,  EVIDENCE_NPS },
        {2, 10, EVIDENCE_NPS },
        {2, 11, 0            },
        {2, -1, 0            },
        {3, 7,  EVIDENCE_CES },
        {3, 8,  0            },
        {5, 3,  0            },
    };
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event event = event_of(BODY(SURVEY_ANSWERED), 9);
    struct evidence e;

    event.survey_answered = &body;
    body.answer = 6;
    body.has_value = true;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        body.instrument = (Troth__V1__SurveyInstrument)cases[i].instrument;
        body.value = cases[i].value;
        int count = read_event(&event, &e);
        if ((count == 1) != (cases[i].kind != 0) || (count == 1 && (int)e.kind != cases[i].kind)) {
            fail_msg("instrument %d, value %d", cases[i].instrument, cases[i].value);
        }
    }
    body.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS;
    body.value = 9;
    event.is_reversal = true;
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.version, 2);
    assert_true(e.is_void);
}

static void each_servqual_item_is_a_part_and_counts_once(void **state)
{
    static const struct {
        int item, dimension, perception, expectation;
    } given[] = {
        {1,  1, 5, 6},
        {1,  1, 2, 2}, /* again */
        {5,  2, 0, 7}, /* the perception was not asked */
        {6,  2, 3, 0},
        {7,  2, 0, 0}, /* neither */
        {8,  2, 8, 6}, /* off the scale */
        {23, 5, 4, 4},
        {22, 6, 4, 4},
        {22, 5, 7, 1},
    };
    Troth__V1__ServqualItem items[ARRAY_LEN(given)], *list[ARRAY_LEN(given)];
    Troth__V1__SurveyAnswered body = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event event = event_of(BODY(SURVEY_ANSWERED), 9);
    struct evidence e[EVIDENCE_PER_EVENT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        items[i] = (Troth__V1__ServqualItem)TROTH__V1__SERVQUAL_ITEM__INIT;
        items[i].item = given[i].item;
        items[i].dimension = (Troth__V1__ServqualDimension)given[i].dimension;
        items[i].has_perception = given[i].perception != 0;
        items[i].perception = given[i].perception;
        items[i].has_expectation = given[i].expectation != 0;
        items[i].expectation = given[i].expectation;
        list[i] = &items[i];
    }
    event.survey_answered = &body;
    body.answer = 6;
    body.instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL;
    body.n_items = ARRAY_LEN(given);
    body.items = list;
    assert_int_equal(evidence_of_event(&event, e), 4);
    assert_true(e[0].part == 1 && e[0].value == 5 && e[0].expectation == 6);
    assert_true(e[1].part == 5 && e[1].value == 0 && e[1].expectation == 7);
    assert_true(e[2].part == 6 && e[2].value == 3 && e[2].expectation == 0);
    assert_true(e[3].part == 22 && e[3].dimension == 5 && e[3].subject == 6);
}

static void a_case_is_a_complaint_until_it_is_classified_otherwise(void **state)
{
    Troth__V1__CaseOpened opened = TROTH__V1__CASE_OPENED__INIT;
    Troth__V1__CaseReclassified again = TROTH__V1__CASE_RECLASSIFIED__INIT;
    Troth__V1__CaseChanged changed = TROTH__V1__CASE_CHANGED__INIT;
    Troth__V1__Event event = event_of(BODY(CASE_OPENED), 1);
    struct evidence e;

    event.case_opened = &opened;
    opened.service_case = again.service_case = changed.service_case = CASE;
    opened.kind = KIND(ENQUIRY);
    assert_int_equal(read_event(&event, &e), 0);
    event.is_reversal = true; /* it may have been classified as one in between */
    assert_int_equal(read_event(&event, &e), 1);
    assert_true(e.is_void);
    event.is_reversal = false;
    opened.kind = KIND(COMPLAINT);
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.value, 1);

    event = event_of(BODY(CASE_RECLASSIFIED), 4);
    event.case_reclassified = &again;
    again.has_kind_before = again.has_opened_us = true;
    again.opened_us = BEFORE_US;
    again.kind_before = KIND(COMPLAINT);
    again.kind = KIND(REQUEST);
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.value, 0);
    assert_int_equal(e.at_us, BEFORE_US);
    event.is_reversal = true;
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.value, 1);
    again.kind_before = KIND(ENQUIRY);
    assert_int_equal(read_event(&event, &e), 0);

    event = event_of(BODY(CASE_CHANGED), 5);
    event.case_changed = &changed;
    changed.to = TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED;
    assert_int_equal(read_event(&event, &e), 0);
    changed.to = TROTH__V1__CASE_STATE__CASE_STATE_VOID;
    assert_int_equal(read_event(&event, &e), 1);
    assert_true(e.is_void);
}

static void purchases_that_no_table_can_hold_say_nothing(void **state)
{
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event event = event_of(BODY(PURCHASE_MADE), 9);
    struct evidence e;

    event.purchase_made = &body;
    body.purchase = 8;
    body.amount_minor = 12900;
    body.currency = cny;
    assert_int_equal(read_event(&event, &e), 1);
    assert_int_equal(e.value, 12900);
    assert_string_equal(e.label, "CNY");
    body.currency = yuan;
    assert_int_equal(read_event(&event, &e), 0);
    body.currency = NULL;
    assert_int_equal(read_event(&event, &e), 0);
    body.currency = cny;
    body.amount_minor = INT64_MAX;
    assert_int_equal(read_event(&event, &e), 0);
    body.amount_minor = -1;
    assert_int_equal(read_event(&event, &e), 0);
    body.amount_minor = 1;
    body.purchase = 0;
    assert_int_equal(read_event(&event, &e), 0);
}

static void nothing_fades_from_before_it_was_known(void **state)
{
    static const struct {
        int64_t occurred_us, recorded_us, at_us; /* at 0: says nothing */
    } cases[] = {
        {OCCURRED_US, RECORDED_US, OCCURRED_US},
        {RECORDED_US, OCCURRED_US, OCCURRED_US},
        {INT64_MIN,   RECORDED_US, 0          },
        {INT64_MAX,   RECORDED_US, 0          },
        {OCCURRED_US, INT64_MAX,   0          },
        {OCCURRED_US, INT64_MIN,   0          },
    };
    Troth__V1__PurchaseMade body = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event event = event_of(BODY(PURCHASE_MADE), 9);
    struct evidence e;

    event.purchase_made = &body;
    body.purchase = 8;
    body.currency = cny;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        event.occurred_us = cases[i].occurred_us;
        event.recorded_us = cases[i].recorded_us;
        assert_int_equal(read_event(&event, &e), cases[i].at_us != 0);
        assert_int_equal(e.at_us, cases[i].at_us);
        assert_int_equal(evidence_seen_us(&event), cases[i].at_us ? cases[i].at_us : INT64_MIN);
    }
}

static void machines_are_not_heard(void **state)
{
    static const struct {
        Troth__V1__ContactOrigin origin;
        bool is_heard;
    } cases[] = {
        {TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_UNSPECIFIED, true },
        {TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON,      true },
        {TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_AUTO_REPLY,  false},
        {TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_BOUNCE,      false},
    };
    Troth__V1__ContactAdded body = TROTH__V1__CONTACT_ADDED__INIT;
    Troth__V1__Event event = event_of(BODY(CONTACT_ADDED), 9);
    struct evidence e;

    event.contact_added = &body;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        body.origin = cases[i].origin;
        assert_int_equal(evidence_seen_us(&event), cases[i].is_heard ? OCCURRED_US : INT64_MIN);
        assert_int_equal(read_event(&event, &e), 0);
    }
    body.origin = TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON;
    event.is_reversal = true;
    assert_int_equal(evidence_seen_us(&event), INT64_MIN);
    event = event_of(BODY(REFUND_MADE), 9); /* the company acts */
    assert_int_equal(evidence_seen_us(&event), INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_promise_says_something_unless_it_only_runs),
        cmocka_unit_test(a_word_and_a_cause_have_the_version_of_the_case),
        cmocka_unit_test(answers_off_their_scale_say_nothing),
        cmocka_unit_test(each_servqual_item_is_a_part_and_counts_once),
        cmocka_unit_test(a_case_is_a_complaint_until_it_is_classified_otherwise),
        cmocka_unit_test(purchases_that_no_table_can_hold_say_nothing),
        cmocka_unit_test(nothing_fades_from_before_it_was_known),
        cmocka_unit_test(machines_are_not_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
