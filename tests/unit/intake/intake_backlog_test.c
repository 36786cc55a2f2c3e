/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_backlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

enum {
    MIB = 1024 * 1024
};

static void a_source_may_hold_what_is_left(void **state)
{
    static const struct {
        const char *name;
        struct intake_load most, ours, others;
        size_t more_bytes;
        bool want;
    } cases[] = {
        {"nobody holds anything",          {8, 100}, {0, 0},  {0, 0},   10,  true },
        {"one record is the whole",        {1, 100}, {0, 0},  {0, 0},   10,  true },
        {"one record was the whole",       {1, 100}, {1, 10}, {0, 0},   10,  false},
        {"the last one of a half",         {8, 100}, {3, 0},  {0, 0},   10,  true },
        {"a half",                         {8, 100}, {4, 0},  {0, 0},   10,  false},
        {"beside somebody who has a half", {8, 100}, {0, 0},  {4, 0},   10,  true },
        {"a quarter beside a half",        {8, 100}, {2, 0},  {4, 0},   10,  false},
        {"nothing is left",                {8, 100}, {0, 0},  {8, 0},   10,  false},
        {"a reload made it smaller",       {8, 100}, {0, 0},  {20, 0},  10,  false},
        {"the message fills it",           {8, 100}, {0, 0},  {0, 0},   100, true },
        {"the message is too large",       {8, 100}, {0, 0},  {0, 0},   101, false},
        {"up to half of the bytes",        {8, 100}, {1, 40}, {0, 0},   20,  true },
        {"more than half of the bytes",    {8, 100}, {1, 40}, {0, 0},   21,  false},
        {"room beside half of the bytes",  {8, 100}, {0, 0},  {1, 50},  50,  true },
        {"more bytes than are left",       {8, 100}, {0, 0},  {1, 50},  51,  false},
        {"more bytes than there may be",   {8, 100}, {0, 0},  {1, 200}, 1,   false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct intake_backlog *b = intake_backlog_new();
        intake_backlog_add(b, 1, cases[i].ours);
        intake_backlog_add(b, 2, cases[i].others);
        if (intake_backlog_has_room(b, 1, cases[i].more_bytes, cases[i].most) != cases[i].want) {
            fail_msg("%s", cases[i].name);
        }
        intake_backlog_free(b);
    }
}

/* Sources send as long as they are let, by turns. */
static void fill(struct intake_backlog *b, int32_t sources, struct intake_load one,
                 struct intake_load most)
{
    int32_t refused = 0; /* one after the other */
    for (int32_t id = 1; refused < sources; id = id % sources + 1) {
        if (intake_backlog_has_room(b, id, one.bytes, most)) {
            intake_backlog_add(b, id, one);
            refused = 0;
        } else {
            refused++;
        }
    }
}

static void floods_leave_room_for_one_more(void **state)
{
    const struct intake_load most = {.records = 8192, .bytes = (size_t)64 * MIB};
    static const struct {
        int32_t floods;
        struct intake_load one;
        size_t want; /* records of all of them */
    } cases[] = {
        {1, {1, 100},   4096    },
        {2, {1, 100},   5461 + 1}, /* the first one is asked first: odd ones are its own */
        {3, {1, 100},   6144    },
        {1, {1, 65536}, 512     }, /* large messages: half of the bytes */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct intake_backlog *b = intake_backlog_new();
        fill(b, cases[i].floods, cases[i].one, most);
        assert_int_equal(intake_backlog_total(b).records, cases[i].want);
        assert_true(intake_backlog_has_room(b, 99, 65536, most));
        intake_backlog_free(b);
    }
}

static void what_is_given_back_is_room_again(void **state)
{
    const struct intake_load most = {.records = 2, .bytes = 100};
    struct intake_backlog *b = intake_backlog_new();
    for (int32_t id = 1; id <= 1000; id++) {
        assert_true(intake_backlog_has_room(b, id, 50, most));
        intake_backlog_add(b, id, (struct intake_load){1, 50});
        assert_false(intake_backlog_has_room(b, id, 0, most));
        intake_backlog_remove(b, id, (struct intake_load){1, 50});
    }
    assert_int_equal(intake_backlog_total(b).records, 0);
    assert_int_equal(intake_backlog_total(b).bytes, 0);
    intake_backlog_free(b);
    intake_backlog_free(NULL);
}

/* A message of several records ends one by one, its bytes with the last of them. */
static void what_is_given_back_in_parts_leaves_the_rest(void **state)
{
    static const struct {
        const char *name;
        struct intake_load held, less, most;
        size_t more_bytes;
        bool want;
    } cases[] = {
        {"room for the third record",       {4, 40}, {2, 20}, {5, 100}, 0,  true },
        {"two are held still",              {4, 40}, {2, 20}, {4, 100}, 0,  false},
        {"room for as many bytes",          {4, 40}, {2, 20}, {8, 100}, 60, true },
        {"and no more",                     {4, 40}, {2, 20}, {8, 100}, 61, false},
        {"bytes are gone, records are not", {4, 40}, {2, 40}, {4, 100}, 0,  false},
        {"all is given back",               {4, 40}, {4, 40}, {1, 100}, 99, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct intake_backlog *b = intake_backlog_new();
        intake_backlog_add(b, 1, cases[i].held);
        intake_backlog_remove(b, 1, cases[i].less);
        if (intake_backlog_has_room(b, 1, cases[i].more_bytes, cases[i].most) != cases[i].want) {
            fail_msg("%s", cases[i].name);
        }
        intake_backlog_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_may_hold_what_is_left),
        cmocka_unit_test(floods_leave_room_for_one_more),
        cmocka_unit_test(what_is_given_back_is_room_again),
        cmocka_unit_test(what_is_given_back_in_parts_leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
