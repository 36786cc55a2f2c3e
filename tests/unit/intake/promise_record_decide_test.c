/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_record_decide.h"

#include "tests/unit/intake/promise_world.h"

/* ---- given */

static void a_given_promise_is_listed_and_written_down(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *r = give(c, "p-1");
    const Troth__V1__Receipt *receipt = decide(r);
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_false(receipt->is_new_case);
    assert_int_equal(receipt->n_promises, 1);
    assert_string_equal(receipt->promises[0]->kind, "custom");
    assert_int_equal(receipt->promises[0]->due_us, DUE_US);
    const struct work_promise *p = promise(c, PROMISE_KIND_CUSTOM, 0);
    assert_true(p->is_due_fixed);
    assert_int_equal(p->standard_id, 0);
    assert_int_equal(p->source_id, 7);
    assert_string_equal(p->reference, "p-1");
    assert_int_equal(p->next_step_us, NOW_US + 5 * DURATION_H);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_PROMISE_MADE);
    const struct work_promise_event *e = last_said();
    assert_int_equal(e->promise, p->number);
    assert_int_equal(e->action, SAID(UNSPECIFIED));
    assert_int_equal(e->from, PROMISE(UNSPECIFIED));
    assert_int_equal(e->to, PROMISE(OPEN));
    assert_int_equal(e->promise_version, 1);
    assert_string_equal(e->staff, "s-1");
    assert_int_equal(last_text()->number, p->number);
    assert_string_equal(last_text()->field, "words");
    const struct work_receipt *kept = t.work->receipts.first;
    while (kept->next) {
        kept = kept->next;
    }
    assert_int_equal(kept->fact_number, p->number);
}

static void no_pause_moves_a_date_that_was_given(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US - DURATION_H);
    struct work_promise *p = given(c, NULL);
    do_update(c, ACTION(RESUMED), NOW_US + DURATION_H);
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 2 * DURATION_H);
    assert_int_equal(p->due_us, DUE_US);
    assert_int_equal(p->next_step_us, NOW_US + 5 * DURATION_H);
    assert_int_equal(RESOLUTION(c)->due_us, CLOCK_NEVER);
    at(DUE_US);
    assert_int_equal(promise_decide_step(t.work, c, p), 3);
    assert_int_equal(p->state, PROMISE(BROKEN));
}

static void a_given_promise_stays_owed_when_its_case_is_closed(void **state)
{
    static const Troth__V1__ContactKind kinds[] = {KIND(COMPLAINT), KIND(PRAISE)};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct work_case *c = open_case(NOW_US, kinds[i]);
        struct work_promise *p = known(c, given(c, NULL));
        do_update(c, ACTION(CLOSED), NOW_US + 1);
        assert_int_equal(p->state, PROMISE(OPEN));
        expect_accepted(say(p, SAID(KEPT), NOW_US + 2));
        assert_int_equal(p->state, PROMISE(KEPT));
    }
}

static void a_reference_names_one_promise_of_the_case_and_of_its_source(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *other = open_case(NOW_US, KIND(ENQUIRY));
    struct work_promise *p = given(c, "p-1");
    expect_rejected(give(c, "p-1"), "promise_reference_taken");
    expect_accepted(give(other, "p-1"));
    p->source_id = 8;
    expect_accepted(give(c, "p-1"));
    expect_accepted(give(c, ""));
    expect_accepted(give(c, ""));
    expect_rejected(give(&(struct work_case){.number = 4711}, NULL), "case_unknown");
}

/* ---- naming */

static void a_promise_is_named_by_its_number_or_by_its_case_and_reference(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_case *other = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = known(c, given(c, "p-1"));
    struct work_promise *q = given(c, "p-2");
    struct intake_record *r = say(p, SAID(KEPT), NOW_US);
    r->names.case_number = other->number;
    expect_rejected(r, "promise_unknown");
    r = say(p, SAID(KEPT), NOW_US);
    r->names.customer_ref = "wang";
    expect_rejected(r, "promise_unknown");
    r = say(p, SAID(KEPT), NOW_US);
    update_of(r)->promise_ref = borrowed("p-2");
    expect_rejected(r, "promise_unknown");
    expect_rejected(say(q, SAID(KEPT), NOW_US), "promise_unknown"); /* was not read */
    r = say(p, SAID(KEPT), NOW_US);
    r->names.promise_number = 0;
    r->names.case_number = c->number;
    update_of(r)->promise_ref = borrowed("p-3");
    expect_rejected(r, "promise_unknown");
    update_of(r)->promise_ref = borrowed("p-2");
    expect_accepted(r);
    assert_int_equal(q->state, PROMISE(KEPT));
    assert_int_equal(p->state, PROMISE(OPEN)); /* of the same kind */
    r = say(p, SAID(KEPT), NOW_US);
    update_of(r)->promise_ref = borrowed("p-1");
    r->names.customer_ref = "li";
    r->names.case_number = c->number;
    expect_accepted(r);
    assert_int_equal(p->state, PROMISE(KEPT));
}

/* ---- said */

static const struct saying {
    const char *name;
    int64_t heard_us; /* after the steps at their time; 0: before any */
    Troth__V1__PromiseAction action;
    int64_t occurred_us;
    int to; /* 0: promise_settled */
    bool is_correction;
} sayings[] = {
    {"kept in time",              0,        SAID(KEPT),         EARLY,  PROMISE(KEPT),              false},
    {"kept at risk",              LAST,     SAID(KEPT),         LAST,   PROMISE(KEPT),              false},
    {"kept late",                 AFTER,    SAID(KEPT),         AFTER,  PROMISE(KEPT_LATE),         false},
    {"late before the step",      0,        SAID(KEPT),         AFTER,  PROMISE(KEPT_LATE),         false},
    {"proof in the grace",        IN_GRACE, SAID(KEPT),         DUE_US, PROMISE(KEPT),              true },
    {"proof after the grace",     TOO_LATE, SAID(KEPT),         DUE_US, PROMISE(KEPT_LATE),         false},
    {"waived",                    0,        SAID(WAIVED),       EARLY,  PROMISE(WAIVED),            false},
    {"waived at risk",            LAST,     SAID(WAIVED),       LAST,   PROMISE(WAIVED),            false},
    {"waived after the break",    AFTER,    SAID(WAIVED),       AFTER,  0,                          false},
    {"waived late, no step yet",  0,        SAID(WAIVED),       AFTER,  0,                          false},
    {"had been waived",           IN_GRACE, SAID(WAIVED),       EARLY,  PROMISE(WAIVED),            true },
    {"waived, heard too late",    TOO_LATE, SAID(WAIVED),       EARLY,  0,                          false},
    {"withdrawn",                 0,        SAID(WITHDRAWN),    EARLY,  PROMISE(WITHDRAWN),         false},
    {"withdrawn at risk",         LAST,     SAID(WITHDRAWN),    LAST,   PROMISE(WITHDRAWN),         false},
    {"withdrawn after the break", AFTER,    SAID(WITHDRAWN),    AFTER,  0,                          false},
    {"had been withdrawn",        IN_GRACE, SAID(WITHDRAWN),    DUE_US, PROMISE(WITHDRAWN),         true },
    {"renegotiated",              0,        SAID(RENEGOTIATED), EARLY,  PROMISE(RENEGOTIATED),      false},
    {"renegotiated at risk",      LAST,     SAID(RENEGOTIATED), LAST,   PROMISE(RENEGOTIATED),      false},
    {"renegotiated too late",     AFTER,    SAID(RENEGOTIATED), AFTER,  PROMISE(RENEGOTIATED_LATE), false},
    {"too late, no step yet",     0,        SAID(RENEGOTIATED), AFTER,  PROMISE(RENEGOTIATED_LATE), false},
    {"had been renegotiated",     IN_GRACE, SAID(RENEGOTIATED), EARLY,  PROMISE(RENEGOTIATED),      true },
    {"had been, heard too late",  TOO_LATE, SAID(RENEGOTIATED), EARLY,  PROMISE(RENEGOTIATED_LATE),
     false                                                                                               },
};

static void check_refused(const struct saying *said, const struct work_promise *p,
                          const Troth__V1__Receipt *receipt, Troth__V1__PromiseState before)
{
    if (receipt->status != STATUS(REJECTED) || strcmp(receipt->code, "promise_settled") != 0 ||
        p->state != before || t.event_count != 0) {
        fail_msg("%s: %s", said->name, receipt->code);
    }
}

static void check_moved(const struct saying *said, const struct work_promise *p,
                        const Troth__V1__Receipt *receipt, Troth__V1__PromiseState before)
{
    if (receipt->status != STATUS(ACCEPTED) || (int)p->state != said->to ||
        t.events[0].is_correction != said->is_correction || t.events[0].from != before) {
        fail_msg("%s: state %d", said->name, (int)p->state);
    }
    assert_int_equal(p->next_step_us, WORK_NO_TIME);
    assert_int_equal(p->done_us, said->action == SAID(KEPT) ? said->occurred_us : WORK_NO_TIME);
    assert_int_equal(last_said()->from, before);
    assert_int_equal(last_said()->to, p->state);
    assert_int_equal(last_said()->promise_version, p->version);
    assert_int_equal(last_said()->action, said->action);
}

static void what_is_said_moves_a_promise_as_the_table_says(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(PRAISE));
    for (size_t i = 0; i < ARRAY_LEN(sayings); i++) {
        const struct saying *said = &sayings[i];
        at(NOW_US);
        struct work_promise *p = known(c, given(c, NULL));
        if (said->heard_us) {
            at(said->heard_us < DUE_US ? said->heard_us : DUE_US);
            (void)promise_decide_step(t.work, c, p);
            at(said->heard_us);
        }
        Troth__V1__PromiseState before = p->state;
        t.event_count = 0;
        const Troth__V1__Receipt *receipt = decide(say(p, said->action, said->occurred_us));
        if (said->to == 0) {
            check_refused(said, p, receipt, before);
        } else {
            check_moved(said, p, receipt, before);
        }
    }
}

static void a_promise_that_has_ended_is_left_alone(void **state)
{
    static const Troth__V1__PromiseAction ends[] = {SAID(KEPT), SAID(WAIVED), SAID(WITHDRAWN),
                                                    SAID(RENEGOTIATED)};
    struct work_case *c = open_case(NOW_US, KIND(PRAISE));
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct work_promise *p = known(c, given(c, NULL));
        expect_accepted(say(p, ends[i], NOW_US));
        Troth__V1__PromiseState ended = p->state;
        for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
            expect_rejected(say(p, ends[k], NOW_US + 1), "promise_settled");
        }
        assert_int_equal(p->state, ended);
    }
}

static void a_note_belongs_to_what_was_said(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = known(c, FIRST(c)); /* also one that the standard made */
    expect_accepted(say(p, SAID(WAIVED), NOW_US));
    assert_int_equal(p->state, PROMISE(WAIVED));
    assert_int_equal(last_text()->number, last_said()->number);
    assert_string_equal(last_text()->field, "note");
    assert_int_equal(last_text()->service_case, c->number);
}

/* ---- renegotiated */

static void a_new_promise_takes_the_place_of_the_renegotiated_one(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = known(c, given(c, "p-1"));
    struct intake_record *r = say(p, SAID(RENEGOTIATED), NOW_US + DURATION_H);
    update_of(r)->new_promise_ref = borrowed("p-1");
    expect_rejected(r, "promise_reference_taken");
    assert_int_equal(p->state, PROMISE(OPEN));
    update_of(r)->new_promise_ref = borrowed("p-2");
    const Troth__V1__Receipt *receipt = decide(r);
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_int_equal(receipt->n_promises, 1);
    assert_int_equal(receipt->promises[0]->due_us, NOW_US + DURATION_H + DURATION_DAY);
    const struct work_promise *fresh = p->next;
    assert_string_equal(fresh->kind, "custom");
    assert_string_equal(fresh->reference, "p-2");
    assert_string_equal(p->reference, "p-1");
    assert_int_equal(fresh->replaces, p->number);
    assert_int_equal(fresh->made_us, NOW_US + DURATION_H);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_PROMISE_MADE);
    assert_int_equal(t.events[t.event_count - 2].to, PROMISE(RENEGOTIATED));
    assert_int_equal(last_text()->number, fresh->number);
    assert_string_equal(last_text()->field, "words");
    assert_int_equal(last_said()->promise, p->number);
}

static void a_renegotiated_promise_of_the_standard_is_kept_by_the_case(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct work_promise *p = known(c, RESOLUTION(c));
    expect_accepted(say(p, SAID(RENEGOTIATED), NOW_US + 2 * DURATION_DAY));
    assert_int_equal(p->state, PROMISE(RENEGOTIATED));
    const struct work_promise *fresh = promise(c, PROMISE_KIND_RESOLUTION, 1);
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + 2 * DURATION_DAY);
    assert_int_equal(fresh->due_us, NOW_US + 3 * DURATION_DAY);
    do_update(c, ACTION(RESOLVED), NOW_US + 3 * DURATION_DAY);
    assert_int_equal(fresh->state, PROMISE(KEPT));
    assert_int_equal(p->state, PROMISE(RENEGOTIATED));
}

/* ---- compensation */

static void a_compensation_is_a_promise_with_a_value(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__Compensation *m = body(sizeof(*m));
    *m = (Troth__V1__Compensation)TROTH__V1__COMPENSATION__INIT;
    m->kind = TROTH__V1__COMPENSATION_KIND__COMPENSATION_KIND_VOUCHER;
    m->has_amount_minor = m->has_due_us = true;
    m->amount_minor = 5000;
    m->currency = borrowed("CNY");
    m->due_us = DUE_US;
    m->words = borrowed("a voucher for the next service");
    message(r)->body_case = TROTH__V1__RECORD__BODY_COMPENSATION;
    message(r)->compensation = m;
    r->names.customer_ref = NULL;
    r->names.case_number = c->number;
    const Troth__V1__Receipt *receipt = decide(r);
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_int_equal(receipt->n_promises, 1);
    assert_string_equal(receipt->promises[0]->kind, "compensation");
    struct work_promise *p = known(c, promise(c, PROMISE_KIND_COMPENSATION, 0));
    const struct work_compensation *k = t.work->compensations.first;
    assert_int_equal(k->promise, p->number);
    assert_int_equal(k->amount_minor, 5000);
    assert_int_equal(t.events[t.event_count - 2].kind, TROTH__V1__EVENT__BODY_PROMISE_MADE);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_COMPENSATION_PROMISED);
    assert_int_equal(last_event()->version, c->version);
    expect_accepted(say(p, SAID(KEPT), DUE_US));
    assert_int_equal(p->state, PROMISE(KEPT));
    r->names.case_number = 4711;
    message(r)->key = borrowed("another");
    expect_rejected(r, "case_unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_given_promise_is_listed_and_written_down),
        TEST(no_pause_moves_a_date_that_was_given),
        TEST(a_given_promise_stays_owed_when_its_case_is_closed),
        TEST(a_reference_names_one_promise_of_the_case_and_of_its_source),
        TEST(a_promise_is_named_by_its_number_or_by_its_case_and_reference),
        TEST(what_is_said_moves_a_promise_as_the_table_says),
        TEST(a_promise_that_has_ended_is_left_alone),
        TEST(a_note_belongs_to_what_was_said),
        TEST(a_new_promise_takes_the_place_of_the_renegotiated_one),
        TEST(a_renegotiated_promise_of_the_standard_is_kept_by_the_case),
        TEST(a_compensation_is_a_promise_with_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
