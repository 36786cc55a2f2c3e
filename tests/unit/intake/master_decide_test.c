/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/master_decide.h"

#include "tests/unit/intake/decide_world.h"

static struct intake_record *branch_of(const char *code, const char *name, int64_t occurred_us)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__BranchProfile *m = body(sizeof(*m));
    *m = (Troth__V1__BranchProfile)TROTH__V1__BRANCH_PROFILE__INIT;
    m->branch = borrowed(code);
    m->name = borrowed(name);
    message(r)->body_case = TROTH__V1__RECORD__BODY_BRANCH_PROFILE;
    message(r)->branch_profile = m;
    r->names = (struct intake_names){.master_code = code};
    return r;
}

static struct intake_record *staff_of(const char *code, int64_t occurred_us)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__StaffProfile *m = body(sizeof(*m));
    *m = (Troth__V1__StaffProfile)TROTH__V1__STAFF_PROFILE__INIT;
    m->staff = borrowed(code);
    message(r)->body_case = TROTH__V1__RECORD__BODY_STAFF_PROFILE;
    message(r)->staff_profile = m;
    r->names = (struct intake_names){.master_code = code};
    return r;
}

static void the_newest_word_counts_in_whatever_order_it_comes(void **state)
{
    expect_accepted(branch_of("north", "old", NOW_US - DURATION_H));
    expect_accepted(branch_of("north", "new", NOW_US));
    expect_accepted(branch_of("north", "older", NOW_US - 2 * DURATION_H));
    assert_int_equal(t.work->branches.count, 1);
    const struct work_master *m = t.work->branches.first;
    assert_string_equal(m->branch->name, "new");
    assert_int_equal(m->changed_us, NOW_US);
}

static void each_code_has_a_row_of_its_own(void **state)
{
    expect_accepted(branch_of("north", "N", NOW_US));
    expect_accepted(branch_of("south", "S", NOW_US));
    expect_accepted(staff_of("north", NOW_US));
    assert_int_equal(t.work->branches.count, 2);
    assert_int_equal(t.work->staff.count, 1);
}

static void master_data_is_about_no_customer_and_told_to_nobody(void **state)
{
    const Troth__V1__Receipt *receipt = decide(staff_of("s-7", NOW_US));
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_null(receipt->customer_number);
    assert_int_equal(t.work->customers.count, 0);
    assert_int_equal(t.event_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_word_counts_in_whatever_order_it_comes),
        TEST(each_code_has_a_row_of_its_own),
        TEST(master_data_is_about_no_customer_and_told_to_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
