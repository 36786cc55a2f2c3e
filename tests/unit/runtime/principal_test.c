/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/principal.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct principal make(int32_t id)
{
    struct principal p = {.id = id, .name = "source", .rights = RIGHT_RECORDS};
    memset(p.key, id & 0xff, sizeof(p.key));
    p.key[0] = (uint8_t)(id * 37);
    return p;
}

static void every_right_has_a_name_and_no_other_word_is_one(void **state)
{
    static const struct {
        const char *name;
        uint32_t want;
    } cases[] = {
        {"records",    RIGHT_RECORDS   },
        {"disclosure", RIGHT_DISCLOSURE},
        {"dial",       RIGHT_DIAL      },
        {"worklist",   RIGHT_WORKLIST  },
        {"scores",     RIGHT_SCORES    },
        {"reports",    RIGHT_REPORTS   },
        {"events",     RIGHT_EVENTS    },
        {"record",     0               },
        {"Records",    0               },
        {"",           0               },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(right_parse(cases[i].name), cases[i].want);
    }
}

static void principals_are_found_by_key_and_by_id(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal list[100], found;
    for (int32_t i = 0; i < 100; i++) {
        list[i] = make((i * 7) % 100); /* unsorted */
    }
    principal_table_replace(t, list, 100);
    for (int32_t i = 0; i < 100; i++) {
        assert_true(principal_by_key(t, list[i].key, &found));
        assert_int_equal(found.id, list[i].id);
        assert_true(principal_by_id(t, i, &found));
        assert_int_equal(found.id, i);
    }
    principal_table_free(t);
}

static void who_is_unknown_leaves_the_result_alone(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal one = make(1), other = make(2), found = {.id = 99};
    assert_false(principal_by_key(t, one.key, &found));
    principal_table_replace(t, &one, 1);
    assert_false(principal_by_key(t, other.key, &found));
    assert_false(principal_by_id(t, 2, &found));
    assert_int_equal(found.id, 99);
    principal_table_free(t);
    principal_table_free(NULL);
}

static void replacing_takes_everything_away_that_is_not_in_the_new_list(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal both[] = {make(1), make(2)}, found;
    principal_table_replace(t, both, 2);
    principal_table_replace(t, &both[1], 1);
    assert_false(principal_by_key(t, both[0].key, &found));
    assert_true(principal_by_key(t, both[1].key, &found));
    principal_table_replace(t, NULL, 0);
    assert_false(principal_by_key(t, both[1].key, &found));
    principal_table_free(t);
}

struct shared {
    struct principal_table *table;
    atomic_bool is_done;
    atomic_int torn;
};

static void *read_all_the_time(void *ctx)
{
    struct shared *s = ctx;
    struct principal wanted = make(3), found;
    while (!atomic_load(&s->is_done)) {
        if (!principal_by_key(s->table, wanted.key, &found) || found.id != 3) {
            atomic_fetch_add(&s->torn, 1);
        }
    }
    return NULL;
}

static void a_reader_in_another_thread_sees_whole_lists(void **state)
{
    struct shared s = {.table = principal_table_new()};
    struct principal list[] = {make(1), make(2), make(3), make(4)};
    pthread_t thread;
    principal_table_replace(s.table, list, 4);
    assert_int_equal(pthread_create(&thread, NULL, read_all_the_time, &s), 0);
    for (int i = 0; i < 2000; i++) {
        principal_table_replace(s.table, list + i % 3, (size_t)(4 - i % 3));
    }
    atomic_store(&s.is_done, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&s.torn), 0);
    principal_table_free(s.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_right_has_a_name_and_no_other_word_is_one),
        cmocka_unit_test(principals_are_found_by_key_and_by_id),
        cmocka_unit_test(who_is_unknown_leaves_the_result_alone),
        cmocka_unit_test(replacing_takes_everything_away_that_is_not_in_the_new_list),
        cmocka_unit_test(a_reader_in_another_thread_sees_whole_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
