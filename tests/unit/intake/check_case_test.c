/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include "tests/unit/intake/check_world.h"

#define OF    "case_update { case_number: 'C-263428-0' action: "
#define FIELD "case_update."

static void an_update_brings_what_its_action_needs_and_nothing_else(void **state)
{
    /* clang-format off */
    static const struct check_row rows[] = {
        {OF "reclassified category: 'safety' }", NULL, NULL},
        {OF "reclassified contact_kind: complaint }", NULL, NULL},
        {OF "reclassified priority: 1 }", NULL, NULL},
        {OF "reclassified priority: 4 category: 'a' contact_kind: praise }", NULL, NULL},
        {OF "reclassified }", "field_missing", FIELD "category"},
        {OF "reclassified category: '' }", "field_missing", FIELD "category"},
        {OF "reclassified priority: 0 }", "value_out_of_range", FIELD "priority"},
        {OF "reclassified priority: 5 }", "value_out_of_range", FIELD "priority"},
        {OF "note category: 'safety' }", "field_not_expected", FIELD "category"},
        {OF "resolved priority: 1 }", "field_not_expected", FIELD "category"},
        {OF "merged into_case_number: 'C-263172-2' }", "case_number_invalid", FIELD "into_case_number"},
        {OF "merged into_case_number: 'C-263428-0' }", NULL, NULL}, /* deciding says that it is the same */
        {OF "merged into_case_ref: 'T-1' customer_ref: 'li' }", NULL, NULL},
        {OF "merged into_case_ref: 'T-1' }", "field_missing", FIELD "into_case_number"},
        {OF "merged }", "field_missing", FIELD "into_case_number"},
        {OF "closed into_case_ref: 'T-1' }", "field_not_expected", FIELD "into_case_number"},
        {OF "resolved solved_like: 'C-263428-0' }", NULL, NULL},
        {OF "resolved solved_like: 'C-263428-1' }", "case_number_invalid", FIELD "solved_like"},
        {OF "closed solved_like: 'C-263428-0' }", "field_not_expected", FIELD "solved_like"},
        {OF "reference_marked }", NULL, NULL},
        {OF "reference_unmarked }", NULL, NULL},
        {"case_update { case_number: 'C-263428-0' }", "enum_unknown", FIELD "action"},
        {"case_update { action: note case_ref: 'T-1' }", "field_missing", FIELD "case_number"},
    };
    /* clang-format on */
    check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_brings_what_its_action_needs_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
