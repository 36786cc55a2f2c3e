/* SPDX-License-Identifier: Apache-2.0 */
/* What a case owes: a next update after each answer, and what its standard says when it is taken
 * for something else. */
#include "services/intake/case_owed.h"

#include "tests/unit/intake/decide_world.h"

static int begin_full(void **state)
{
    t_standard = FULL;
    return begin(state);
}

#define FULL_TEST(name) cmocka_unit_test_setup_teardown(name, begin_full, end)

#define UPDATE(c, index) promise(c, PROMISE_KIND_NEXT_UPDATE, index)
#define H                DURATION_H

static int count_of(const struct work_case *c, const char *kind)
{
    int count = 0;
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        count += strcmp(p->kind, kind) == 0;
    }
    return count;
}

static void tick(struct work_case *c, int64_t now_us)
{
    at(now_us);
    for (struct work_promise *p = c->promises; p; p = p->next) {
        (void)promise_decide_step(t.work, c, p);
    }
}

/* ---- next updates */

static void each_answer_keeps_the_next_update_and_makes_another_one(void **state)
{
    static const struct {
        Troth__V1__CaseAction action;
        bool is_kept, is_made;
    } rows[] = {
        {ACTION(RESPONDED),           true,  true },
        {ACTION(WAITING_CUSTOMER),    true,  true },
        {ACTION(WAITING_THIRD_PARTY), false, false},
        {ACTION(NOTE),                false, false},
        {ACTION(RESOLVED),            true,  false},
        {ACTION(CLOSED),              true,  false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
        at(NOW_US + H);
        do_update(c, rows[i].action, NOW_US + H);
        assert_int_equal(UPDATE(c, 0)->state, rows[i].is_kept ? PROMISE(KEPT) : PROMISE(OPEN));
        assert_int_equal(count_of(c, PROMISE_KIND_NEXT_UPDATE), rows[i].is_made ? 2 : 1);
        if (rows[i].is_made) {
            const struct work_case_event *e = t.work->case_events.first;
            while (e->next) {
                e = e->next;
            }
            assert_true(UPDATE(c, 1)->made_us == NOW_US + H);
            assert_true(UPDATE(c, 1)->due_us == NOW_US + 9 * H);
            assert_true(UPDATE(c, 1)->made_by == e->number);
        }
        end(state);
        begin(state);
    }
}

static void silence_breaks_one_promise_and_the_next_answer_makes_the_next(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    tick(c, NOW_US + 100 * H);
    assert_int_equal(UPDATE(c, 0)->state, PROMISE(BROKEN));
    assert_int_equal(count_of(c, PROMISE_KIND_NEXT_UPDATE), 1);
    do_update(c, ACTION(RESPONDED), NOW_US + 100 * H);
    assert_int_equal(UPDATE(c, 0)->state, PROMISE(KEPT_LATE));
    assert_int_equal(UPDATE(c, 1)->state, PROMISE(OPEN));
}

static void waiting_for_the_customer_does_not_stop_the_next_update(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US);
    assert_true(RESOLUTION(c)->due_us == CLOCK_NEVER);
    tick(c, NOW_US + 9 * H);
    assert_int_equal(UPDATE(c, 1)->state, PROMISE(BROKEN));
    assert_int_equal(RESOLUTION(c)->state, PROMISE(OPEN));
}

static void an_answer_heard_of_late_settles_what_was_owed_then(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    tick(c, NOW_US + 9 * H);
    do_update(c, ACTION(RESPONDED), NOW_US + 9 * H);
    at(NOW_US + 10 * H);
    do_update(c, ACTION(RESPONDED), NOW_US + 7 * H);
    assert_int_equal(UPDATE(c, 0)->state, PROMISE(KEPT));
    assert_true(UPDATE(c, 0)->done_us == NOW_US + 7 * H);
    assert_int_equal(UPDATE(c, 1)->state, PROMISE(OPEN));
    assert_int_equal(count_of(c, PROMISE_KIND_NEXT_UPDATE), 2);
}

static void a_case_that_had_ended_before_was_owed_no_news_since(void **state)
{
    static const struct {
        Troth__V1__CaseAction action;
        int64_t heard_us; /* after the answer at 9 h */
        Troth__V1__PromiseState before, after;
    } rows[] = {
        {ACTION(RESOLVED), H,       PROMISE(OPEN),   PROMISE(WITHDRAWN)},
        {ACTION(CLOSED),   H,       PROMISE(OPEN),   PROMISE(WITHDRAWN)},
        {ACTION(RESOLVED), 20 * H,  PROMISE(BROKEN), PROMISE(WITHDRAWN)},
        {ACTION(CLOSED),   20 * H,  PROMISE(BROKEN), PROMISE(WITHDRAWN)},
        {ACTION(RESOLVED), 100 * H, PROMISE(BROKEN), PROMISE(BROKEN)   }, /* after the grace */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
        at(NOW_US + 9 * H);
        do_update(c, ACTION(RESPONDED), NOW_US + 9 * H);
        for (int64_t hour = 9; hour <= 9 + rows[i].heard_us / H; hour++) {
            tick(c, NOW_US + hour * H);
        }
        assert_int_equal(UPDATE(c, 1)->state, rows[i].before);
        do_update(c, rows[i].action, NOW_US + 7 * H);
        assert_int_equal(UPDATE(c, 1)->state, rows[i].after);
        assert_true(UPDATE(c, 1)->next_step_us == WORK_NO_TIME);
        assert_int_equal(count_of(c, PROMISE_KIND_NEXT_UPDATE), 2);
        end(state);
        begin(state);
    }
}

static void a_reopening_heard_of_late_owes_news_all_the_same(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESPONDED), NOW_US + 9 * H);
    do_update(c, ACTION(RESOLVED), NOW_US + 9 * H);
    do_update(c, ACTION(REOPENED), NOW_US + 8 * H);
    assert_int_equal(UPDATE(c, 2)->state, PROMISE(OPEN));
    expect_accepted(update(NOW_US + 9 * H, c->number, ACTION(NOTE)));
    assert_int_equal(count_of(c, PROMISE_KIND_NEXT_UPDATE), 3);
}

static void reopening_owes_a_solution_and_news(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESOLVED), NOW_US);
    at(NOW_US + 5 * H);
    do_update(c, ACTION(REOPENED), NOW_US + 5 * H);
    assert_true(UPDATE(c, 1)->due_us == NOW_US + 13 * H);
    assert_int_equal(count_of(c, PROMISE_KIND_RESOLUTION), 2);
    assert_int_equal(count_of(c, PROMISE_KIND_FIRST_RESPONSE), 1);
}

static void a_call_is_kept_by_an_answer_and_not_by_closing(void **state)
{
    static const struct {
        Troth__V1__CaseAction action;
        Troth__V1__PromiseState state;
    } rows[] = {
        {ACTION(RESPONDED),        PROMISE(KEPT)     },
        {ACTION(RESOLVED),         PROMISE(OPEN)     },
        {ACTION(CLOSED),           PROMISE(WITHDRAWN)},
        {ACTION(WAITING_CUSTOMER), PROMISE(OPEN)     },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct intake_record *r = contact(NOW_US, KIND(COMPLAINT));
        message(r)->contact->category = borrowed("safety");
        expect_accepted(r);
        struct work_case *c = t.work->cases.first;
        do_update(c, rows[i].action, NOW_US);
        assert_int_equal(promise(c, PROMISE_KIND_CALLBACK, 0)->state, rows[i].state);
        end(state);
        begin(state);
    }
}

/* ---- thanks */

static void thanks_moves_nothing(void **state)
{
    static const struct {
        Troth__V1__CaseAction before; /* 0: nothing */
        Troth__V1__CaseState state;
    } rows[] = {
        {0,                        CASE(NEW)             },
        {ACTION(RESPONDED),        CASE(OPEN)            },
        {ACTION(WAITING_CUSTOMER), CASE(WAITING_CUSTOMER)},
        {ACTION(RESOLVED),         CASE(RESOLVED)        },
        {ACTION(CLOSED),           CASE(CLOSED)          },
    };
    static const struct {
        Troth__V1__ContactKind kind;
        const char *subject, *text;
        bool is_thanks;
    } texts[] = {
        {KIND(ENQUIRY), "",    "谢谢！",                  true },
        {KIND(ENQUIRY), "Re:", "OK, thank you very much!",   true },
        {KIND(PRAISE),  "",    "the young man was so kind",  true },
        {KIND(ENQUIRY), "",    "thanks, but it still leaks", false},
        {KIND(ENQUIRY), "",    "",                           false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
            struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
            if (rows[i].before) {
                do_update(c, rows[i].before, NOW_US);
            }
            const struct work_promise *last = work_last_promise(c);
            const Troth__V1__PromiseState first = FIRST(c)->state;
            struct intake_record *r = contact(NOW_US + 1, texts[k].kind);
            message(r)->contact->subject = k == 1 ? NULL : borrowed(texts[k].subject);
            message(r)->contact->body = borrowed(texts[k].text);
            r->names.case_number = c->number;
            t.event_count = 0;
            at(NOW_US + 1);
            const Troth__V1__Receipt *receipt = decide(r);
            assert_int_equal(receipt->status, STATUS(ACCEPTED));
            const struct work_contact *kept = t.work->contacts.first;
            assert_int_equal(kept->next->is_thanks, texts[k].is_thanks);
            if (texts[k].is_thanks) {
                assert_int_equal(c->state, rows[i].state);
                assert_int_equal(t.event_count, 1);
                assert_int_equal(t.events[0].kind, TROTH__V1__EVENT__BODY_CONTACT_ADDED);
                assert_ptr_equal(work_last_promise(c), last);
                assert_int_equal(FIRST(c)->state, first);
                assert_int_equal(receipt->n_promises, 0);
                assert_false(receipt->is_new_case);
            } else if (rows[i].state == CASE(WAITING_CUSTOMER) || rows[i].state >= CASE(RESOLVED)) {
                assert_int_equal(c->state, CASE(OPEN));
            }
            end(state);
            begin(state);
        }
    }
}

/* ---- reclassified */

static struct intake_record *reclassified(struct work_case *c, int64_t occurred_us,
                                          const char *category, Troth__V1__ContactKind kind,
                                          int priority)
{
    struct intake_record *r = update(occurred_us, c->number, ACTION(RECLASSIFIED));
    Troth__V1__CaseUpdate *u = message(r)->case_update;
    u->category = borrowed(category);
    u->contact_kind = kind;
    u->has_priority = priority != 0;
    u->priority = priority;
    return r;
}

static void reclassifying_keeps_the_time_and_the_pauses(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(WAITING_CUSTOMER), NOW_US + H);
    at(NOW_US + 3 * H);
    do_update(c, ACTION(RESUMED), NOW_US + 3 * H);
    at(NOW_US + 4 * H);
    t.event_count = 0;
    expect_accepted(reclassified(c, NOW_US + 4 * H, "safety", 0, 0));
    assert_string_equal(c->rule, "complaint_safety");
    assert_string_equal(c->owner_team, "service_manager");
    assert_string_equal(c->category, "safety");
    assert_int_equal(c->priority, 1);
    assert_int_equal(c->category_by, TROTH__V1__CATEGORY_BY__CATEGORY_BY_STAFF);
    /* 1 h and 1 h had counted, 2 h of waiting had not. */
    assert_true(RESOLUTION(c)->made_us == NOW_US);
    assert_true(RESOLUTION(c)->due_us == NOW_US + 26 * H);
    assert_int_equal(RESOLUTION(c)->clock_version, 2);
    assert_string_equal(RESOLUTION(c)->rule, "complaint_safety");
    assert_true(FIRST(c)->due_us == NOW_US + H);
    assert_true(UPDATE(c, 1)->due_us == NOW_US + 5 * H);
    const struct work_promise *call = promise(c, PROMISE_KIND_CALLBACK, 0);
    assert_true(call->made_us == NOW_US && call->due_us == NOW_US + 6 * H);
    assert_int_equal(t.events[0].kind, TROTH__V1__EVENT__BODY_CASE_RECLASSIFIED);
    assert_int_equal(t.events[1].kind, TROTH__V1__EVENT__BODY_PROMISE_RETARGETED);
}

static void a_priority_set_by_hand_counts_instead_of_the_rules(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    const int64_t due_us = RESOLUTION(c)->due_us;
    expect_accepted(reclassified(c, NOW_US, NULL, 0, 4));
    assert_int_equal(c->priority, 4);
    assert_int_equal(c->asked_priority, 4);
    assert_int_not_equal(c->category_by, TROTH__V1__CATEGORY_BY__CATEGORY_BY_STAFF);
    assert_true(RESOLUTION(c)->due_us == due_us);
    assert_int_equal(RESOLUTION(c)->clock_version, 1);
    expect_accepted(reclassified(c, NOW_US, "safety", 0, 0));
    assert_int_equal(c->priority, 4); /* still */
}

static void what_the_new_rule_does_not_promise_is_withdrawn_and_comes_back(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    expect_accepted(reclassified(c, NOW_US, NULL, KIND(PRAISE), 0));
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        assert_int_equal(p->state, PROMISE(WITHDRAWN));
    }
    at(NOW_US + 2 * H);
    expect_accepted(reclassified(c, NOW_US + 2 * H, NULL, KIND(COMPLAINT), 0));
    assert_true(promise(c, PROMISE_KIND_FIRST_RESPONSE, 1)->due_us == NOW_US + 4 * H);
    assert_true(promise(c, PROMISE_KIND_RESOLUTION, 1)->due_us == NOW_US + 72 * H);
    assert_true(UPDATE(c, 1)->due_us == NOW_US + 10 * H); /* its silence begins now */
}

static void what_is_owed_again_begins_when_it_was_owed_first(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(CLOSED), NOW_US + H);
    at(NOW_US + 5 * H);
    do_update(c, ACTION(REOPENED), NOW_US + 5 * H);
    expect_accepted(reclassified(c, NOW_US + 5 * H, NULL, KIND(PRAISE), 0));
    at(NOW_US + 6 * H);
    expect_accepted(reclassified(c, NOW_US + 6 * H, "safety", KIND(COMPLAINT), 0));
    /* The solution since the reopening; what is asked once, at the opening, not again. */
    assert_true(promise(c, PROMISE_KIND_RESOLUTION, 2)->due_us == NOW_US + 29 * H);
    assert_int_equal(count_of(c, PROMISE_KIND_FIRST_RESPONSE), 1);
    assert_int_equal(count_of(c, PROMISE_KIND_CALLBACK), 0);
}

static void what_was_kept_before_a_reopening_is_owed_again_under_another_rule(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESOLVED), NOW_US + H);
    expect_accepted(reclassified(c, NOW_US + H, NULL, KIND(PRAISE), 0));
    do_update(c, ACTION(REOPENED), NOW_US + 5 * H);
    assert_int_equal(count_of(c, PROMISE_KIND_RESOLUTION), 1);
    expect_accepted(reclassified(c, NOW_US + 6 * H, NULL, KIND(COMPLAINT), 0));
    assert_true(promise(c, PROMISE_KIND_RESOLUTION, 1)->made_us == NOW_US + 6 * H);
    assert_true(UPDATE(c, 1)->made_us == NOW_US + 6 * H);
    assert_int_equal(count_of(c, PROMISE_KIND_FIRST_RESPONSE), 1);
    /* What is owed already is not owed twice. */
    expect_accepted(reclassified(c, NOW_US + 7 * H, "safety", 0, 0));
    assert_int_equal(count_of(c, PROMISE_KIND_RESOLUTION), 2);
    assert_int_equal(count_of(c, PROMISE_KIND_NEXT_UPDATE), 2);
}

static void a_case_reopened_without_a_promise_is_owed_a_solution_from_now(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(PRAISE));
    do_update(c, ACTION(RESOLVED), NOW_US);
    do_update(c, ACTION(REOPENED), NOW_US + 100 * H);
    expect_accepted(reclassified(c, NOW_US + 101 * H, NULL, KIND(COMPLAINT), 0));
    assert_true(RESOLUTION(c)->made_us == NOW_US + 101 * H);
}

static void who_was_answered_is_owed_no_first_response(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    expect_accepted(reclassified(c, NOW_US, NULL, KIND(PRAISE), 0));
    do_update(c, ACTION(RESPONDED), NOW_US);
    expect_accepted(reclassified(c, NOW_US, NULL, KIND(COMPLAINT), 0));
    assert_int_equal(count_of(c, PROMISE_KIND_FIRST_RESPONSE), 1);
    assert_int_equal(count_of(c, PROMISE_KIND_RESOLUTION), 2);
}

static void what_has_ended_keeps_its_target(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESPONDED), NOW_US + H);
    expect_accepted(reclassified(c, NOW_US + H, "safety", 0, 0));
    assert_int_equal(FIRST(c)->state, PROMISE(KEPT));
    assert_int_equal(FIRST(c)->clock_version, 1);
    assert_string_equal(FIRST(c)->rule, "complaint");
    assert_int_equal(count_of(c, PROMISE_KIND_FIRST_RESPONSE), 1);
}

static void a_resolved_case_is_only_taken_for_something_else(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    do_update(c, ACTION(RESOLVED), NOW_US);
    const struct work_promise *last = work_last_promise(c);
    t.event_count = 0;
    expect_accepted(reclassified(c, NOW_US, "safety", 0, 0));
    assert_int_equal(c->state, CASE(RESOLVED));
    assert_string_equal(c->category, "safety");
    assert_ptr_equal(work_last_promise(c), last);
    assert_int_equal(t.event_count, 1);
    do_update(c, ACTION(CLOSED), NOW_US);
    expect_rejected(reclassified(c, NOW_US, "invoice", 0, 0), "transition_invalid");
}

/* ---- marks */

static void what_solved_it_is_marked_until_the_case_is_reopened(void **state)
{
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    expect_rejected(update(NOW_US, c->number, ACTION(REFERENCE_MARKED)), "transition_invalid");
    do_update(c, ACTION(RESOLVED), NOW_US);
    do_update(c, ACTION(REFERENCE_MARKED), NOW_US);
    assert_true(c->is_reference);
    do_update(c, ACTION(REFERENCE_UNMARKED), NOW_US);
    assert_false(c->is_reference);
    do_update(c, ACTION(CLOSED), NOW_US);
    do_update(c, ACTION(REFERENCE_MARKED), NOW_US);
    assert_true(c->is_reference);
    do_update(c, ACTION(REOPENED), NOW_US);
    assert_false(c->is_reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FULL_TEST(each_answer_keeps_the_next_update_and_makes_another_one),
        FULL_TEST(silence_breaks_one_promise_and_the_next_answer_makes_the_next),
        FULL_TEST(waiting_for_the_customer_does_not_stop_the_next_update),
        FULL_TEST(an_answer_heard_of_late_settles_what_was_owed_then),
        FULL_TEST(a_case_that_had_ended_before_was_owed_no_news_since),
        FULL_TEST(a_reopening_heard_of_late_owes_news_all_the_same),
        FULL_TEST(reopening_owes_a_solution_and_news),
        FULL_TEST(a_call_is_kept_by_an_answer_and_not_by_closing),
        FULL_TEST(thanks_moves_nothing),
        FULL_TEST(reclassifying_keeps_the_time_and_the_pauses),
        FULL_TEST(a_priority_set_by_hand_counts_instead_of_the_rules),
        FULL_TEST(what_the_new_rule_does_not_promise_is_withdrawn_and_comes_back),
        FULL_TEST(what_is_owed_again_begins_when_it_was_owed_first),
        FULL_TEST(what_was_kept_before_a_reopening_is_owed_again_under_another_rule),
        FULL_TEST(a_case_reopened_without_a_promise_is_owed_a_solution_from_now),
        FULL_TEST(who_was_answered_is_owed_no_first_response),
        FULL_TEST(what_has_ended_keeps_its_target),
        FULL_TEST(a_resolved_case_is_only_taken_for_something_else),
        FULL_TEST(what_solved_it_is_marked_until_the_case_is_reopened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
