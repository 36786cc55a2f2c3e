/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_history.h"

#include "tests/unit/intake/decide_world.h"

static void entries_stand_in_the_order_of_their_versions(void **state)
{
    static const struct {
        enum case_entry_kind kind;
        int64_t number, version;
    } rows[] = {
        {CASE_ENTRY_CONTACT, 1, 0 },
        {CASE_ENTRY_CONTACT, 5, 8 },
        {CASE_ENTRY_CONTACT, 9, 12},
        {CASE_ENTRY_UPDATE,  2, 3 }, /* kind by kind, as they are read */
        {CASE_ENTRY_UPDATE,  6, 9 },
        {CASE_ENTRY_UPDATE,  7, 13},
        {CASE_ENTRY_PROMISE, 3, 4 },
        {CASE_ENTRY_PROMISE, 4, 4 },
    };
    struct work_case *c = work_add_case(t.work, 0x10007);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            const struct case_entry *added =
                case_history_add(t.work, c, rows[i].kind, rows[i].number, rows[i].version);
            assert_true((added == NULL) == (again > 0)); /* each once */
        }
    }
    size_t count = 0;
    for (const struct case_entry *e = c->history->first; e; e = e->next) {
        assert_true(!e->next || e->version <= e->next->version);
        count++;
    }
    assert_int_equal(count, ARRAY_LEN(rows));
}

static void entries_are_found_wherever_the_search_stood_last(void **state)
{
    struct work_case *c = work_add_case(t.work, 0x10007);
    assert_null(case_history_find(c, CASE_ENTRY_CONTACT, 1));
    for (int64_t i = 1; i <= 4; i++) {
        (void)case_history_add(t.work, c, CASE_ENTRY_CONTACT, i, 2 * i);
    }
    static const int64_t order[] = {4, 1, 3, 2};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_int_equal(case_history_find(c, CASE_ENTRY_CONTACT, order[i])->number, order[i]);
    }
    assert_null(case_history_find(c, CASE_ENTRY_UPDATE, 2)); /* kinds have numbers of their own */
    assert_null(case_history_find(c, CASE_ENTRY_CONTACT, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries_stand_in_the_order_of_their_versions),
        TEST(entries_are_found_wherever_the_search_stood_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
