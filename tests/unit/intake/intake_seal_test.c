/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/intake/sealed_texts.h"
#include "services/intake/sealing.h"

#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define HEX_3 "3333333333333333333333333333333333333333333333333333333333333333"

#define LI   INT64_C(0x4201)
#define WANG INT64_C(0x4301)

static struct {
    struct keyring *keyring;
    struct keyring *other; /* without the generation that wrapped */
    struct intake_work *work;
    struct arena *arena;
} t;

static void begin_work(void)
{
    work_clear(t.work);
    work_begin(t.work, &(struct work_terms){.keyring = t.keyring});
}

static int begin(void **state)
{
    struct err err = ERR_NONE;
    t.keyring = keyring_parse("lookup " HEX_1 "\nmaster 1 " HEX_2, &err);
    t.other = keyring_parse("lookup " HEX_1 "\nmaster 2 " HEX_3, &err);
    t.work = work_new();
    t.arena = arena_new(1 << 20);
    begin_work();
    return 0;
}

static int end(void **state)
{
    keyring_free(t.keyring);
    keyring_free(t.other);
    work_free(t.work);
    arena_free(t.arena);
    return 0;
}

static struct work_customer *new_customer(int64_t number)
{
    struct work_customer *c = work_add_customer(t.work, number);
    c->version = 1;
    c->person.is_open = true;
    return c;
}

/* As intake_read_store.c would. */
static struct work_customer *known_customer(int64_t number, const struct work_key *key)
{
    struct work_customer *c = work_add_customer(t.work, number);
    c->version = c->version_read = 1;
    *work_add_key(t.work, number) = *key;
    return c;
}

static void add_text(int64_t number, int64_t customer, const char *field, const char *body)
{
    struct work_text *text = work_append(t.work, &t.work->texts, sizeof(*text));
    text->number = number;
    text->customer = customer;
    text->field = field;
    text->body = body;
    text->service_case = 77;
    text->at_us = 5;
}

static size_t seal(void)
{
    struct err err = ERR_NONE;
    size_t dropped = 0;
    if (intake_seal(t.work, &dropped, &err) < 0) {
        fail_msg("%s", err.text);
    }
    return dropped;
}

static struct bytes copy(struct bytes b)
{
    uint8_t *data = arena_alloc(t.arena, b.len + 1);
    memcpy(data, b.data, b.len);
    return (struct bytes){.data = data, .len = b.len};
}

static struct work_key copy_key(const struct work_key *k)
{
    struct work_key kept = *k;
    kept.wrapped = copy(k->wrapped);
    return kept;
}

/* Returns how many texts it has, or -1 when it does not open. */
static int open_texts(const struct work_key *k, struct sealing_label label, struct bytes sealed,
                      const struct fact_text **ret)
{
    uint8_t key[KEYRING_KEY_LEN];
    struct err err = ERR_NONE;
    struct bytes plain;
    size_t count = 0;
    if (keyring_unwrap(t.keyring, label.customer, k->generation, k->wrapped, key, &err) < 0 ||
        sealing_open(key, &label, sealed, t.arena, &plain, &err) < 0 ||
        sealed_texts_unpack(plain, t.arena, ret, &count, &err) < 0) {
        assert_true(strcmp(err.code, "damaged") == 0 || strcmp(err.code, "key_damaged") == 0);
        return -1;
    }
    return (int)count;
}

static const struct work_sealed *only_row(void)
{
    assert_int_equal(t.work->sealed_texts.count, 1);
    return t.work->sealed_texts.first;
}

/* ---- texts */

static void all_texts_of_a_fact_become_one_row(void **state)
{
    static const struct fact_text none[2];
    const struct fact_text *texts = none;
    (void)new_customer(LI);
    add_text(1, LI, "subject", "刹车");
    add_text(2, LI, "note", "called back");
    add_text(1, LI, "body", "刹车异响");
    assert_int_equal(seal(), 0);
    assert_int_equal(t.work->sealed_texts.count, 2);
    const struct work_sealed *first = t.work->sealed_texts.first;
    assert_int_equal(first->number, 1);
    assert_int_equal(first->customer, LI);
    assert_int_equal(first->service_case, 77);
    assert_int_equal(first->at_us, 5);
    const struct sealing_label label = {SEALED_TEXTS, 1, LI};
    assert_int_equal(open_texts(work_find_key(t.work, LI), label, first->sealed, &texts), 2);
    assert_string_equal(texts[0].field, "subject");
    assert_string_equal(texts[1].field, "body");
    assert_string_equal(texts[1].text, "刹车异响");
    assert_null(memmem(first->sealed.data, first->sealed.len, "刹车", strlen("刹车")));
    assert_int_equal(first->next->number, 2);
}

static void a_row_opens_in_its_own_place_alone(void **state)
{
    static const struct sealing_label elsewhere[] = {
        {SEALED_TEXTS,  2, LI  },
        {SEALED_PERSON, 1, LI  },
        {SEALED_TEXTS,  1, WANG},
    };
    const struct sealing_label label = {SEALED_TEXTS, 1, LI};
    const struct fact_text *texts = NULL;
    (void)new_customer(LI);
    (void)new_customer(WANG);
    add_text(1, LI, "body", "squeaks");
    assert_int_equal(seal(), 0);
    struct bytes sealed = copy(only_row()->sealed);
    const struct work_key *key = work_find_key(t.work, LI);
    assert_int_equal(open_texts(key, label, sealed, &texts), 1);
    assert_int_equal(open_texts(work_find_key(t.work, WANG), label, sealed, &texts), -1);
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
        assert_int_equal(open_texts(key, elsewhere[i], sealed, &texts), -1);
    }
    for (size_t i = 0; i < sealed.len; i++) {
        uint8_t bad[256];
        assert_true(sealed.len <= sizeof(bad));
        memcpy(bad, sealed.data, sealed.len);
        bad[i] ^= 1;
        assert_int_equal(
            open_texts(key, label, (struct bytes){.data = bad, .len = sealed.len}, &texts), -1);
    }
    for (size_t len = 0; len < sealed.len; len += 7) {
        assert_int_equal(
            open_texts(key, label, (struct bytes){.data = sealed.data, .len = len}, &texts), -1);
    }
}

static void the_same_text_is_never_sealed_alike(void **state)
{
    (void)new_customer(LI);
    add_text(1, LI, "body", "squeaks");
    assert_int_equal(seal(), 0);
    struct bytes first = copy(only_row()->sealed);
    struct work_key key = copy_key(work_find_key(t.work, LI));
    begin_work();
    (void)known_customer(LI, &key);
    add_text(1, LI, "body", "squeaks");
    assert_int_equal(seal(), 0);
    assert_int_equal(first.len, only_row()->sealed.len);
    assert_false(bytes_equal(first, only_row()->sealed));
}

static void texts_of_a_customer_whose_case_alone_was_read_are_sealed(void **state)
{
    const struct fact_text *texts = NULL;
    (void)new_customer(LI);
    assert_int_equal(seal(), 0);
    struct work_key key = copy_key(work_find_key(t.work, LI));
    begin_work();
    *work_add_key(t.work, LI) = key; /* of the case's row; the customer's own was not read */
    add_text(1, LI, "note", "called back");
    assert_int_equal(seal(), 0);
    const struct sealing_label label = {SEALED_TEXTS, 1, LI};
    assert_int_equal(open_texts(&key, label, only_row()->sealed, &texts), 1);
}

static void texts_about_who_was_erased_are_dropped(void **state)
{
    struct work_key erased = {.customer = LI, .generation = 1};
    struct work_customer *c = known_customer(LI, &erased);
    c->person.is_open = true;
    person_set(&c->person, PERSON_NAME, "李雷", 3);
    add_text(1, LI, "note", "called back");
    assert_int_equal(seal(), 2);
    assert_int_equal(t.work->sealed_texts.count, 0);
    assert_int_equal(t.work->sealed_persons.count, 0);
}

static void nothing_is_written_that_could_not_be_read(void **state)
{
    struct err err = ERR_NONE;
    size_t dropped = 0;
    uint8_t wrapped[KEYRING_WRAPPED_LEN];
    const uint8_t key[KEYRING_KEY_LEN] = {1};
    keyring_wrap(t.other, LI, key, wrapped);
    struct work_key unknown = {
        .customer = LI, .generation = 2, .wrapped = {wrapped, sizeof(wrapped)}
    };
    (void)known_customer(LI, &unknown);
    add_text(1, LI, "note", "called back");
    assert_int_equal(intake_seal(t.work, &dropped, &err), -1);
    assert_string_equal(err.code, "key_damaged");
    assert_null(strstr(err.text, "called"));
    begin_work();
    add_text(1, WANG, "note", "called back"); /* nobody has read that key */
    assert_int_equal(intake_seal(t.work, &dropped, &err), -1);
    assert_string_equal(err.code, "key_damaged");
}

/* ---- persons */

static void a_profile_sets_what_it_carries_and_leaves_the_rest(void **state)
{
    struct work_customer *c = new_customer(LI);
    person_set(&c->person, PERSON_NAME, "李雷", 3);
    person_set(&c->person, PERSON_PHONE, "+8613800138000", 3);
    person_set(&c->person, PERSON_ADDRESS, NULL, 3);
    assert_int_equal(seal(), 0);
    const struct work_sealed *row = t.work->sealed_persons.first;
    assert_int_equal(t.work->sealed_persons.count, 1);
    assert_int_equal(row->number, LI);
    struct bytes stored = copy(row->sealed);
    struct work_key key = copy_key(work_find_key(t.work, LI));

    begin_work();
    c = known_customer(LI, &key);
    intake_seal_open_person(t.work, c, stored);
    assert_true(c->person.is_open);
    assert_string_equal(c->person.field[PERSON_NAME].text, "李雷");
    assert_int_equal(c->person.field[PERSON_NAME].set_by, 3);
    assert_null(c->person.field[PERSON_ADDRESS].text);
    person_set(&c->person, PERSON_PHONE, "", 4);
    person_set(&c->person, PERSON_EMAIL, "li@example.org", 4);
    assert_int_equal(seal(), 0);
    stored = copy(((const struct work_sealed *)t.work->sealed_persons.first)->sealed);

    begin_work();
    c = known_customer(LI, &key);
    intake_seal_open_person(t.work, c, stored);
    assert_string_equal(c->person.field[PERSON_NAME].text, "李雷");
    assert_null(c->person.field[PERSON_PHONE].text);
    assert_int_equal(c->person.field[PERSON_EMAIL].set_by, 4);
    assert_int_equal(seal(), 0);
    assert_int_equal(t.work->sealed_persons.count, 0); /* unchanged: not written */
}

static void taking_a_profile_back_takes_what_it_set_and_nothing_else(void **state)
{
    struct person p = {.is_open = true};
    person_set(&p, PERSON_NAME, "李雷", 3);
    person_set(&p, PERSON_PHONE, "1", 3);
    person_set(&p, PERSON_PHONE, "2", 4);
    p.is_changed = false;
    assert_int_equal(person_take_back(&p, 3), 1U << PERSON_NAME);
    assert_true(p.is_changed);
    assert_null(p.field[PERSON_NAME].text);
    assert_string_equal(p.field[PERSON_PHONE].text, "2");
    assert_int_equal(person_take_back(&p, 3), 0);
    assert_int_equal(person_take_back(&p, 0), 0); /* nothing was set by no fact */
}

static void a_person_that_does_not_open_is_never_overwritten(void **state)
{
    struct err err = ERR_NONE;
    size_t dropped = 0;
    struct work_customer *c = new_customer(LI);
    person_set(&c->person, PERSON_NAME, "李雷", 3);
    assert_int_equal(seal(), 0);
    struct bytes stored = copy(((const struct work_sealed *)t.work->sealed_persons.first)->sealed);
    struct work_key key = copy_key(work_find_key(t.work, LI));
    begin_work();
    c = known_customer(LI, &key);
    stored.len--;
    intake_seal_open_person(t.work, c, stored);
    assert_true(c->person.is_damaged);
    person_set(&c->person, PERSON_PHONE, "1", 4);
    assert_int_equal(intake_seal(t.work, &dropped, &err), -1);
    assert_string_equal(err.code, "damaged");
    begin_work();
    c = known_customer(LI, &key); /* its person was not read at all */
    person_set(&c->person, PERSON_PHONE, "1", 4);
    assert_int_equal(intake_seal(t.work, &dropped, &err), -1);
}

static void what_was_sealed_by_the_first_version_opens(void **state)
{
    static const uint8_t person[] = {0x0a, 0x0e, 0x08, 0x02, 0x12, 0x08, '1',  '3',
                                     '8',  '0',  '0',  '1',  '3',  '8',  0x18, 0x07};
    struct err err = ERR_NONE;
    struct person p = {0};
    assert_int_equal(person_unpack((struct bytes){person, sizeof(person)}, t.arena, &p, &err), 0);
    assert_string_equal(p.field[PERSON_PHONE].text, "13800138");
    assert_int_equal(p.field[PERSON_PHONE].set_by, 7);
    struct bytes again = person_pack(&p, t.arena);
    assert_int_equal(again.len, sizeof(person));
    assert_memory_equal(again.data, person, sizeof(person));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_texts_of_a_fact_become_one_row, begin, end),
        cmocka_unit_test_setup_teardown(a_row_opens_in_its_own_place_alone, begin, end),
        cmocka_unit_test_setup_teardown(the_same_text_is_never_sealed_alike, begin, end),
        cmocka_unit_test_setup_teardown(texts_of_a_customer_whose_case_alone_was_read_are_sealed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(texts_about_who_was_erased_are_dropped, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_written_that_could_not_be_read, begin, end),
        cmocka_unit_test_setup_teardown(a_profile_sets_what_it_carries_and_leaves_the_rest, begin,
                                        end),
        cmocka_unit_test_setup_teardown(taking_a_profile_back_takes_what_it_set_and_nothing_else,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_person_that_does_not_open_is_never_overwritten, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_was_sealed_by_the_first_version_opens, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
