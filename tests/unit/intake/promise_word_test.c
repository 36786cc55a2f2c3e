/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of promises beside their state, by whom, and by what a case keeps those of persons.
 */
#include "services/intake/promise_record_decide.h"

#include "tests/unit/intake/promise_world.h"

static void tell_team(const char *staff, const char *team)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__StaffProfile *m = body(sizeof(*m));
    *m = (Troth__V1__StaffProfile)TROTH__V1__STAFF_PROFILE__INIT;
    m->staff = borrowed(staff);
    m->team = borrowed(team);
    message(r)->body_case = TROTH__V1__RECORD__BODY_STAFF_PROFILE;
    message(r)->staff_profile = m;
    r->names = (struct intake_names){.master_code = staff};
    expect_accepted(r);
}

static void only_the_teams_that_the_standard_names_agree_on_another_date(void **state)
{
    static const char *const teams[] = {"branch_manager", "customer_care"};
    static const struct standard_ladder ladder = {
        .steps = {{.percent = 50}, {.percent = 80}, {.percent = 100}},
        .step_count = 3,
        .renegotiators = teams,
        .renegotiator_count = ARRAY_LEN(teams),
    };
    static const struct {
        const char *staff;
        bool is_permitted;
    } cases[] = {
        {NULL,        false}, /* nobody said who */
        {"",          false},
        {"s-nobody",  false}, /* of whom nothing is known */
        {"s-wash",    false}, /* of another team */
        {"s-moved",   false}, /* who is not in that team any more, as this work has heard */
        {"s-foreign", false}, /* of another source */
        {"s-care",    true }, /* as it was read */
        {"s-boss",    true }, /* as this work has heard */
    };
    static struct work_team read[] = {
        {.source_id = 7, .staff = "s-care",    .team = "customer_care"},
        {.source_id = 7, .staff = "s-moved",   .team = "customer_care"},
        {.source_id = 8, .staff = "s-foreign", .team = "customer_care"},
        {.source_id = 7, .staff = "s-wash",    .team = "car_wash"     },
    };
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    for (size_t i = 0; i < ARRAY_LEN(read); i++) {
        struct work_team *team = work_append(t.work, &t.work->teams, sizeof(*team));
        *team = read[i];
    }
    tell_team("s-moved", "car_wash");
    tell_team("s-boss", "branch_manager");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct work_promise *p = known(c, given(c, NULL));
        struct intake_record *r = say(p, SAID(RENEGOTIATED), NOW_US + 1);
        p->ladder = &ladder;
        update_of(r)->staff = borrowed(cases[i].staff);
        t.event_count = 0;
        const Troth__V1__Receipt *receipt = decide(r);
        bool is_permitted = receipt->status == STATUS(ACCEPTED);
        if (is_permitted != cases[i].is_permitted ||
            (!is_permitted && strcmp(receipt->code, "renegotiation_not_permitted") != 0)) {
            fail_msg("%s", cases[i].staff);
        }
        assert_int_equal(p->state, is_permitted ? PROMISE(RENEGOTIATED) : PROMISE(OPEN));
        expect_accepted(say(known(c, given(c, NULL)), SAID(WAIVED), NOW_US + 1)); /* by anybody */
    }
}

/* ---- said of what has ended */

static struct work_promise *ended(struct work_case *c, Troth__V1__PromiseAction action,
                                  int64_t occurred_us)
{
    at(NOW_US);
    struct work_promise *p = known(c, given(c, NULL));
    at(occurred_us);
    (void)promise_decide_step(t.work, c, p);
    if (action) {
        expect_accepted(say(p, action, occurred_us));
    }
    t.event_count = 0;
    return p;
}

static struct intake_record *explain(const struct work_promise *p, Troth__V1__BreakCause cause)
{
    struct intake_record *r = say(p, SAID(EXPLAINED), t.now_us);
    update_of(r)->has_cause = true;
    update_of(r)->cause = cause;
    return r;
}

static const struct {
    const char *name;
    Troth__V1__PromiseAction action;
    int64_t occurred_us;
    Troth__V1__PromiseState state;
    const char *explained, *answered; /* the code; NULL: accepted */
} ends[] = {
    {"open",            SAID(UNSPECIFIED),  EARLY, PROMISE(OPEN),              "promise_open",    "promise_open"   },
    {"at risk",         SAID(UNSPECIFIED),  LAST,  PROMISE(AT_RISK),           "promise_open",    "promise_open"   },
    {"kept",            SAID(KEPT),         EARLY, PROMISE(KEPT),              "promise_settled", NULL             },
    {"kept late",       SAID(KEPT),         AFTER, PROMISE(KEPT_LATE),         NULL,              NULL             },
    {"broken",          SAID(UNSPECIFIED),  AFTER, PROMISE(BROKEN),            NULL,              NULL             },
    {"waived",          SAID(WAIVED),       EARLY, PROMISE(WAIVED),            "promise_settled", "promise_settled"},
    {"withdrawn",       SAID(WITHDRAWN),    EARLY, PROMISE(WITHDRAWN),         "promise_settled", "promise_settled"},
    {"renegotiated",    SAID(RENEGOTIATED), EARLY, PROMISE(RENEGOTIATED),      "promise_settled",
     "promise_settled"                                                                                             },
    {"after the break", SAID(RENEGOTIATED), AFTER, PROMISE(RENEGOTIATED_LATE), NULL,
     "promise_settled"                                                                                             },
};

static void expect(struct intake_record *r, const char *code)
{
    if (code) {
        expect_rejected(r, code);
    } else {
        expect_accepted(r);
    }
}

static void why_it_was_broken_and_what_the_customer_says_are_facts_beside_the_state(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(PRAISE));
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct work_promise *p = ended(c, ends[i].action, ends[i].occurred_us);
        assert_int_equal(p->state, ends[i].state);
        int32_t version = p->version;
        expect(explain(p, TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT), ends[i].explained);
        expect(explain(p, TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_WOULD_NOT), ends[i].explained);
        expect(say(p, SAID(CONFIRMED), t.now_us), ends[i].answered);
        expect(say(p, SAID(DISPUTED), t.now_us), ends[i].answered);
        assert_int_equal(p->state, ends[i].state);
        assert_int_equal(p->version, version);
        assert_int_equal(p->cause, ends[i].explained ? 0 : 1);
        assert_int_equal(p->customer_word, ends[i].answered ? WORK_WORD_NONE : WORK_WORD_DISPUTED);
        assert_int_equal(t.event_count, (ends[i].explained ? 0 : 2) + (ends[i].answered ? 0 : 2));
        if (!ends[i].answered) {
            assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_PROMISE_ANSWERED);
            assert_int_equal(last_said()->action, SAID(DISPUTED));
            assert_int_equal(last_said()->from, ends[i].state);
            assert_int_equal(last_said()->to, ends[i].state);
        }
    }
}

static void after_the_grace_only_a_person_makes_it_kept(void **state)
{
    static const Troth__V1__PromiseAction ways[] = {SAID(UNSPECIFIED), SAID(KEPT)};
    struct work_case *c = open_case(NOW_US, KIND(PRAISE));
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct work_promise *p = ended(c, ways[i], AFTER);
        at(TOO_LATE + DURATION_DAY);
        expect_accepted(explain(p, TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT));
        expect_rejected(say(p, SAID(CORRECTED), DUE_US + 1), "value_out_of_range");
        t.event_count = 0;
        expect_accepted(say(p, SAID(CORRECTED), DUE_US));
        assert_int_equal(p->state, PROMISE(KEPT));
        assert_int_equal(p->done_us, DUE_US);
        assert_int_equal(p->counted_us, DUE_US - NOW_US);
        assert_true(last_event()->is_correction);
        assert_int_equal(p->cause, 0); /* of a break that there was not */
        expect_rejected(say(p, SAID(CORRECTED), DUE_US), "promise_settled");
    }
    expect_rejected(say(ended(c, SAID(WAIVED), EARLY), SAID(CORRECTED), EARLY), "promise_settled");
    expect_rejected(say(ended(c, SAID(UNSPECIFIED), EARLY), SAID(CORRECTED), EARLY),
                    "promise_open");
}

/* ---- done by what the case does */

static void expect_state(const char *kind, int done_by, Troth__V1__CaseAction action, int64_t at_us,
                         Troth__V1__PromiseState want)
{
    struct work_case *c = open_case(NOW_US - DURATION_H, KIND(COMPLAINT));
    struct intake_record *r = give(c, NULL);
    message(r)->promise_given->kind = borrowed(kind);
    message(r)->promise_given->done_by = (Troth__V1__PromiseDoneBy)done_by;
    expect_accepted(r);
    const struct work_promise *p = work_last_promise(c);
    assert_int_equal(p->made_us, NOW_US);
    do_update(c, action, at_us);
    if (p->state != want) {
        fail_msg("%s, done by %d, action %d", kind, done_by, (int)action);
    }
    t.event_count = 0;
}

static void a_given_promise_is_done_by_what_it_says_or_what_its_kind_is(void **state)
{
    enum {
        DONE_BY_NOTHING = 0,
        BY_UPDATE,
        BY_RESPONSE,
        BY_RESOLUTION
    };
    static const struct {
        const char *kind;
        int done_by;
        Troth__V1__CaseAction action;
        Troth__V1__PromiseState state;
    } cases[] = {
        {"callback",    DONE_BY_NOTHING, ACTION(RESPONDED),           PROMISE(KEPT)},
        {"next_update", DONE_BY_NOTHING, ACTION(RESPONDED),           PROMISE(KEPT)},
        {"callback",    DONE_BY_NOTHING, ACTION(NOTE),                PROMISE(OPEN)},
        {"callback",    DONE_BY_NOTHING, ACTION(WAITING_THIRD_PARTY), PROMISE(OPEN)},
        {"callback",    DONE_BY_NOTHING, ACTION(CLOSED),              PROMISE(OPEN)},
        {"next_update", DONE_BY_NOTHING, ACTION(CLOSED),              PROMISE(OPEN)},
        {"custom",      BY_RESPONSE,     ACTION(CLOSED),              PROMISE(OPEN)},
        {"custom",      DONE_BY_NOTHING, ACTION(RESPONDED),           PROMISE(OPEN)},
        {"custom",      DONE_BY_NOTHING, ACTION(RESOLVED),            PROMISE(OPEN)},
        {"custom",      BY_RESPONSE,     ACTION(RESPONDED),           PROMISE(KEPT)},
        {"custom",      BY_RESPONSE,     ACTION(RESOLVED),            PROMISE(KEPT)},
        {"custom",      BY_RESOLUTION,   ACTION(RESPONDED),           PROMISE(OPEN)},
        {"custom",      BY_RESOLUTION,   ACTION(RESOLVED),            PROMISE(KEPT)},
        {"custom",      BY_RESOLUTION,   ACTION(CLOSED),              PROMISE(KEPT)},
        {"callback",    BY_UPDATE,       ACTION(RESPONDED),           PROMISE(OPEN)},
        {"callback",    BY_UPDATE,       ACTION(RESOLVED),            PROMISE(OPEN)},
        {"callback",    BY_RESOLUTION,   ACTION(RESPONDED),           PROMISE(OPEN)},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        /* What was done by the time of the promise is not what was promised. */
        expect_state(cases[i].kind, cases[i].done_by, cases[i].action, NOW_US, PROMISE(OPEN));
        expect_state(cases[i].kind, cases[i].done_by, cases[i].action, NOW_US + 1, cases[i].state);
    }
}

static void by_what_it_is_recognised_is_sealed_with_its_words(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *r = give(c, NULL);
    message(r)->promise_given->done_when = borrowed("the car stands at your door");
    expect_accepted(r);
    assert_int_equal(last_text()->number, work_last_promise(c)->number);
    assert_string_equal(last_text()->field, "done_when");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_the_teams_that_the_standard_names_agree_on_another_date),
        TEST(why_it_was_broken_and_what_the_customer_says_are_facts_beside_the_state),
        TEST(after_the_grace_only_a_person_makes_it_kept),
        TEST(a_given_promise_is_done_by_what_it_says_or_what_its_kind_is),
        TEST(by_what_it_is_recognised_is_sealed_with_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
