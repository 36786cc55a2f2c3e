/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a case's history is taken back: known histories. Random ones are in
 * case_refold_histories_test.c. */
#include "services/intake/case_refold.h"

#include "tests/unit/intake/refold_world.h"

/* ---- the rows of services/intake/README.md */

struct known_history {
    const char *name;
    int what[5]; /* 0: no more; the contact that opens the case stands before */
    int taken;   /* index of what; -1: the opening */
    Troth__V1__CaseState state;
    const char *promises; /* kind, state and whether it is void, as they were made */
};

/* clang-format off */
static const struct known_history known[] = {
    {"responded", {ACTION(RESPONDED)}, 0, CASE(NEW), "first_response 1, resolution 1"},
    {"resolved", {ACTION(RESPONDED), ACTION(RESOLVED)}, 1, CASE(OPEN), "first_response 3, resolution 1"},
    {"reopened", {ACTION(RESOLVED), ACTION(REOPENED)}, 1, CASE(RESOLVED),
     "first_response 3, resolution 3, resolution 6 void"},
    {"resolved before the reopening", {ACTION(RESOLVED), ACTION(REOPENED), ACTION(RESOLVED)}, 0, CASE(RESOLVED),
     "first_response 3, resolution 3, resolution 6 void"},
    {"waiting", {ACTION(WAITING_CUSTOMER), CONTACT}, 0, CASE(NEW), "first_response 1, resolution 1"},
    {"the contact that reopened", {ACTION(RESOLVED), CONTACT}, 1, CASE(RESOLVED),
     "first_response 3, resolution 3, resolution 6 void"},
    {"the first of two contacts", {ACTION(RESOLVED), CONTACT, CONTACT}, 1, CASE(OPEN),
     "first_response 3, resolution 3, resolution 6 void, resolution 1"},
    {"the opening, but another contact stands", {CONTACT}, -1, CASE(NEW), "first_response 1, resolution 1"},
    {"the opening", {ACTION(RESPONDED)}, -1, CASE(VOID), "first_response 6 void, resolution 6 void"},
    {"a note", {ACTION(NOTE)}, 0, CASE(NEW), "first_response 1, resolution 1"},
};
/* clang-format on */

static void each_part_of_a_known_history_is_taken_back_as_the_readme_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct known_history *k = &known[i];
        char promises[256] = "";
        size_t used = 0;
        begin(NULL);
        struct intake_record *const opening = contact(NOW_US, KIND(COMPLAINT));
        const struct intake_record *taken = opening;
        expect_accepted(opening);
        struct work_case *c = t.work->cases.first;
        for (int n = 0; n < 5 && k->what[n]; n++) {
            struct step step = {.what = k->what[n], .heard_us = n + 1, .about = -1};
            struct intake_record *r = record_of(c, &step, n);
            expect_accepted(r);
            taken = n == k->taken ? r : taken;
        }
        t.event_count = 0;
        expect_accepted(take_back(taken, NOW_US + 9));
        assert_true(t.event_count > 0); /* who counts contacts and notes must look again */
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            used += (size_t)snprintf(promises + used, sizeof(promises) - used, "%s%s %d%s",
                                     used ? ", " : "", p->kind, (int)p->state,
                                     p->is_void ? " void" : "");
        }
        if (c->state != k->state || strcmp(promises, k->promises) != 0) {
            fail_msg("%s: state %d, %s", k->name, (int)c->state, promises);
        }
        end(NULL);
    }
}

/* ---- which take luck to be found among random ones */

static struct intake_record *done(struct intake_record *r)
{
    expect_accepted(r);
    return r;
}

static void what_a_class_never_promised_stays_so(void **state)
{
    enum {
        REQUEST = 3,
        PRAISE = 5
    };
    t_standard = FULL;
    begin(NULL);
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    done(reclassify(NOW_US, c->number, PRAISE));
    const struct intake_record *class = done(reclassify(NOW_US, c->number, REQUEST));
    done(update(NOW_US, c->number, ACTION(RESOLVED)));
    const struct intake_record *note = done(update(NOW_US, c->number, ACTION(NOTE)));
    done(update(NOW_US, c->number, ACTION(REOPENED)));
    const struct work_promise *last = work_last_promise(c);
    assert_false(last->is_void);
    done(take_back(class, NOW_US + 1));
    assert_true(last->is_void);
    done(take_back(note, NOW_US + 2));
    assert_true(last->is_void);
    end(NULL);
    t_standard = STANDARD;
}

static void what_a_promise_was_made_for_follows_the_class(void **state)
{
    enum {
        REQUEST = 3,
        INVOICE = 4
    };
    t_standard = FULL;
    begin(NULL);
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    const struct intake_record *first = done(reclassify(NOW_US, c->number, REQUEST));
    done(update(NOW_US, c->number, ACTION(RESOLVED)));
    done(update(NOW_US, c->number, ACTION(REOPENED)));
    const struct work_promise *p = promise(c, PROMISE_KIND_RESOLUTION, 1);
    assert_string_equal(p->rule, "request");
    const struct intake_record *second = done(reclassify(NOW_US, c->number, INVOICE));
    assert_string_equal(p->rule, "complaint_invoice");
    done(take_back(first, NOW_US + 1));
    assert_string_equal(p->rule, "complaint_invoice");
    done(take_back(second, NOW_US + 2));
    assert_string_equal(p->rule, "complaint");
    assert_true(p->due_us == NOW_US + 72 * DURATION_H);
    end(NULL);
    t_standard = STANDARD;
}

static void what_was_marked_is_taken_back(void **state)
{
    begin(NULL);
    expect_accepted(contact(NOW_US, KIND(COMPLAINT)));
    struct work_case *c = t.work->cases.first;
    const struct work_case *like = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *solved = update(NOW_US, c->number, ACTION(RESOLVED));
    solved->names.other_case_number = like->number;
    expect_accepted(solved);
    struct intake_record *marked = update(NOW_US, c->number, ACTION(REFERENCE_MARKED));
    expect_accepted(marked);
    expect_accepted(take_back(marked, NOW_US + 1));
    assert_false(c->is_reference);
    assert_true(c->solved_like == like->number);
    expect_accepted(take_back(solved, NOW_US + 2));
    assert_true(c->solved_like == 0);
    assert_int_equal(c->state, CASE(NEW));
    end(NULL);
}

static void a_case_taken_back_as_a_whole_marks_nothing(void **state)
{
    struct intake_record *opening = done(contact(NOW_US, KIND(COMPLAINT)));
    struct work_case *c = t.work->cases.first;
    const struct work_case *other = open_case(NOW_US, KIND(COMPLAINT));
    struct intake_record *solved = update(NOW_US, c->number, ACTION(RESOLVED));
    solved->names.other_case_number = other->number;
    done(solved);
    done(update(NOW_US, c->number, ACTION(REFERENCE_MARKED)));
    done(take_back(opening, NOW_US + 1));
    assert_int_equal(c->state, CASE(VOID));
    assert_true(c->solved_like == 0 && !c->is_reference);

    opening = done(contact(NOW_US, KIND(COMPLAINT)));
    c = work_find_case(t.work, other->next->number);
    struct intake_record *merged = update(NOW_US, c->number, ACTION(MERGED));
    merged->names.other_case_number = other->number;
    done(merged);
    done(take_back(opening, NOW_US + 2));
    assert_int_equal(c->state, CASE(VOID));
    assert_true(c->joined_case == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_of_a_known_history_is_taken_back_as_the_readme_says),
        cmocka_unit_test(what_was_marked_is_taken_back),
        cmocka_unit_test(what_a_class_never_promised_stays_so),
        cmocka_unit_test(what_a_promise_was_made_for_follows_the_class),
        TEST(a_case_taken_back_as_a_whole_marks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
