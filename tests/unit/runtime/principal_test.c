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

#include "intake.pb-c.h"

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
        {"erasure",    RIGHT_ERASURE   },
        {"record",     0               },
        {"Records",    0               },
        {"",           0               },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(right_parse(cases[i].name), cases[i].want);
        if (cases[i].want) {
            assert_string_equal(right_name(cases[i].want), cases[i].name);
        }
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

static void tokens_find_those_who_have_one(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal list[] = {make(1), make(2), make(3)}, found = {.id = 99};
    uint8_t digest[PRINCIPAL_TOKEN_LEN], none[PRINCIPAL_TOKEN_LEN] = {0};
    principal_digest_token(bytes_of_text("troth_secret"), digest);
    list[1].has_token = true;
    memcpy(list[1].token_digest, digest, sizeof(digest));
    principal_table_replace(t, list, 3);
    assert_true(principal_by_token(t, digest, &found));
    assert_int_equal(found.id, 2);
    assert_false(principal_by_token(t, none, &found)); /* though two have zeroes there */
    principal_digest_token(bytes_of_text("troth_secret "), digest);
    assert_false(principal_by_token(t, digest, &found));
    principal_table_free(t);
}

static void a_key_with_two_tokens_counts_once(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal list[] = {make(1), make(2), make(1), make(3)};
    for (size_t i = 0; i < 3; i += 2) {
        list[i].has_token = true;
        list[i].token_digest[0] = (uint8_t)(i + 1);
    }
    assert_int_equal(principal_table_count(t), 0);
    principal_table_replace(t, list, ARRAY_LEN(list));
    assert_int_equal(principal_table_count(t), 3);
    principal_table_free(t);
}

static void branches_are_whole_words_of_the_list(void **state)
{
    char some[] = "north\nsouth-2\n", none[] = "";
    static const struct {
        const char *branch;
        bool is_in_some;
    } cases[] = {
        {"north",   true },
        {"south-2", true },
        {"south",   false},
        {"orth",    false},
        {"North",   false},
        {"",        false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct principal p = {.branches = some};
        assert_int_equal(principal_has_branch(&p, cases[i].branch), cases[i].is_in_some);
        p.branches = none;
        assert_false(principal_has_branch(&p, cases[i].branch));
        p.branches = NULL;
        assert_true(principal_has_branch(&p, cases[i].branch));
    }
}

static void the_table_keeps_branches_of_its_own(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal one = make(1), found;
    char branches[] = "north\n";
    one.branches = branches;
    principal_table_replace(t, &one, 1);
    branches[0] = 'x';
    assert_true(principal_by_key(t, one.key, &found));
    assert_string_equal(found.branches, "north\n");
    assert_true(principal_by_id(t, 1, &found));
    assert_string_equal(found.branches, "north\n");
    principal_table_free(t);
}

static void kinds_are_the_fields_of_the_body_and_the_values_of_the_enum(void **state)
{
    assert_int_equal(record_kind_parse("contact"), UINT64_C(1) << TROTH__V1__RECORD__BODY_CONTACT);
    assert_int_equal(record_kind_parse("purchase"), UINT64_C(1)
                                                        << TROTH__V1__RECORD__BODY_PURCHASE);
    assert_int_equal(disclosure_kind_parse("case_texts"),
                     UINT64_C(1) << TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS);
    static const char *const none[] = {"", "key", "body", "Contact", "contacts", "unspecified"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(record_kind_parse(none[i]), 0);
        assert_int_equal(disclosure_kind_parse(none[i]), 0);
    }
}

static void every_body_has_a_bit(void **state)
{
    const ProtobufCMessageDescriptor *record = &troth__v1__record__descriptor;
    uint64_t all = 0;
    for (unsigned i = 0; i < record->n_fields; i++) {
        if (record->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
            uint64_t bit = record_kind_parse(record->fields[i].name);
            assert_true(bit != 0 && !(all & bit));
            all |= bit;
        }
    }
    assert_true(all != 0);
}

static void the_loss_of_a_right_is_noticed(void **state)
{
    struct principal_table *t = principal_table_new();
    struct principal now[] = {make(1), make(2)}, next[2];
    now[0].rights = RIGHT_EVENTS | RIGHT_RECORDS;
    principal_table_replace(t, now, 2);
    memcpy(next, now, sizeof(next));
    assert_false(principal_table_would_lose(t, next, 2, RIGHT_EVENTS));
    assert_false(principal_table_would_lose(t, next, 1, RIGHT_EVENTS)); /* the other had none */
    assert_true(principal_table_would_lose(t, &next[1], 1, RIGHT_EVENTS));
    next[0].rights = RIGHT_RECORDS;
    assert_true(principal_table_would_lose(t, next, 2, RIGHT_EVENTS));
    next[0] = now[0];
    next[0].key[5] ^= 1; /* rotated */
    assert_true(principal_table_would_lose(t, next, 2, RIGHT_EVENTS));
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
        cmocka_unit_test(tokens_find_those_who_have_one),
        cmocka_unit_test(a_key_with_two_tokens_counts_once),
        cmocka_unit_test(branches_are_whole_words_of_the_list),
        cmocka_unit_test(the_table_keeps_branches_of_its_own),
        cmocka_unit_test(kinds_are_the_fields_of_the_body_and_the_values_of_the_enum),
        cmocka_unit_test(every_body_has_a_bit),
        cmocka_unit_test(the_loss_of_a_right_is_noticed),
        cmocka_unit_test(a_reader_in_another_thread_sees_whole_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
