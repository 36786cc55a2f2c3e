/* SPDX-License-Identifier: Apache-2.0 */
/* Which cases, follow-ups and answers a batch of events is about. */
#include "services/reporting/fold_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/domain/identifier.h"

#define BODY(name) TROTH__V1__EVENT__BODY_##name
#define NUMBER     0x4711

static void put_number(struct buffer *to, uint64_t number)
{
    for (; number > 0x7f; number >>= 7) {
        const uint8_t byte = (uint8_t)(number | 0x80);
        buffer_append(to, &byte, 1);
    }
    buffer_append(to, &(uint8_t){(uint8_t)number}, 1);
}

/* An event with this body, of which all fields of that name have the number; NULL: there is none.
 */
static Troth__V1__Event *event_with(const ProtobufCFieldDescriptor *body, const char *name,
                                    int64_t number)
{
    const ProtobufCMessageDescriptor *type = body->descriptor;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, name);
    struct buffer inner = {0}, wire = {0};

    if (field == NULL) {
        return NULL;
    }
    put_number(&inner, field->id << 3);
    put_number(&inner, (uint64_t)number);
    put_number(&wire, body->id << 3 | 2);
    put_number(&wire, inner.len);
    buffer_append(&wire, inner.data, inner.len);
    Troth__V1__Event *e = troth__v1__event__unpack(NULL, wire.len, wire.data);
    assert_non_null(e);
    buffer_free(&inner);
    buffer_free(&wire);
    return e;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

/* How many keys of a list an event makes that names the number in that field; -1: it has none. */
static int keys_of(const ProtobufCFieldDescriptor *body, const char *field, int64_t number,
                   size_t list)
{
    Troth__V1__Event *e = event_with(body, field, number);
    struct fold_keys keys = {.cases = {.count = 0}};
    const struct fold_key_list *const lists[] = {&keys.cases, &keys.follow_ups, &keys.answers,
                                                 &keys.tiers};

    if (e == NULL) {
        return -1;
    }
    fold_keys_add(&keys, e);
    const struct fold_key_list *l = lists[list];
    int count = (int)l->count;
    if (count > 0) {
        assert_int_equal(l->list[0].number, number);
    }
    fold_keys_free(&keys);
    troth__v1__event__free_unpacked(e, NULL);
    return count;
}

struct subject {
    const char *field;
    const char *not_about[4]; /* names it, but changes nothing that is counted of it */
};

/* Whether an event with that body is about the subject; place: of its keys. */
static bool is_about(const ProtobufCFieldDescriptor *body, const struct subject *s, size_t place)
{
    const int want = is_one_of(body->name, s->not_about) ? 0 : 1;
    const int count = keys_of(body, s->field, NUMBER, place);

    if (count >= 0 && count != want) {
        fail_msg("%s.%s: %d", body->name, s->field, count);
    }
    /* A number that is none names nothing. */
    assert_true(keys_of(body, s->field, 0, place) <= 0);
    assert_true(keys_of(body, s->field, -NUMBER, place) <= 0);
    return count > 0;
}

/* Whoever adds an event with a case to the contract hears of it here. */
static void every_event_that_names_one_is_about_it(void **state)
{
    static const struct subject subjects[] = {
        {"service_case", {"follow_up_planned", "trust_broken"}},
        {"follow_up",    {"survey_answered"}                  },
        {"answer",       {NULL}                               },
    };
    const ProtobufCMessageDescriptor *type = &troth__v1__event__descriptor;

    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        size_t found = 0;
        for (unsigned k = 0; k < type->n_fields; k++) {
            const ProtobufCFieldDescriptor *body = &type->fields[k];
            if ((body->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
                found += is_about(body, &subjects[i], i);
            }
        }
        assert_true(found > 0);
    }
}

static void an_answer_of_a_case_is_looked_at_with_its_case(void **state)
{
    Troth__V1__SurveyAnswered answered = TROTH__V1__SURVEY_ANSWERED__INIT;
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    struct fold_keys keys = {.cases = {.count = 0}};

    e.body_case = BODY(SURVEY_ANSWERED);
    e.survey_answered = &answered;
    answered.answer = 7;
    answered.follow_up = 9; /* whose figures it changes not */
    fold_keys_add(&keys, &e);
    assert_int_equal(keys.answers.count, 1);
    answered.service_case = NUMBER;
    fold_keys_add(&keys, &e);
    assert_int_equal(keys.answers.count, 1);
    assert_int_equal(keys.cases.count, 1);
    assert_int_equal(keys.follow_ups.count, 0);
    fold_keys_free(&keys);
}

static void a_changed_tier_is_the_customers(void **state)
{
    Troth__V1__TierChanged moved = TROTH__V1__TIER_CHANGED__INIT;
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    struct fold_keys keys = {.cases = {.count = 0}};

    e.body_case = BODY(TIER_CHANGED);
    e.tier_changed = &moved;
    e.customer = NUMBER;
    e.occurred_us = 30;
    fold_keys_add(&keys, &e);
    e.occurred_us = 20;
    fold_keys_add(&keys, &e);
    e.occurred_us = 40;
    fold_keys_add(&keys, &e);
    fold_keys_seal(&keys);
    assert_int_equal(keys.tiers.count, 1);
    assert_int_equal(keys.tiers.list[0].number, NUMBER);
    assert_int_equal(keys.tiers.list[0].at_us, 20); /* when first */
    assert_int_equal(keys.cases.count + keys.follow_ups.count + keys.answers.count, 0);
    fold_keys_free(&keys);
}

static void only_opening_and_reclassifying_make_a_case_the_return_of_another(void **state)
{
    const ProtobufCMessageDescriptor *type = &troth__v1__event__descriptor;
    size_t classes = 0;

    for (unsigned k = 0; k < type->n_fields; k++) {
        const ProtobufCFieldDescriptor *body = &type->fields[k];
        struct fold_keys keys = {.cases = {.count = 0}};
        Troth__V1__Event *e = (body->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0
                                  ? NULL
                                  : event_with(body, "service_case", NUMBER);
        if (e == NULL) {
            continue;
        }
        fold_keys_add(&keys, e);
        if (keys.cases.count > 0 && keys.cases.list[0].is_class) {
            assert_true(e->body_case == BODY(CASE_OPENED) ||
                        e->body_case == BODY(CASE_RECLASSIFIED));
            classes++;
        }
        fold_keys_free(&keys);
        troth__v1__event__free_unpacked(e, NULL);
    }
    assert_int_equal(classes, 2);
}

/* ---- lists */

static void of_each_number_one_is_left_with_the_newest_version(void **state)
{
    static const struct fold_key keys[] = {
        {.number = 0x201, .version = 3, .at_us = 50   },
        {.number = 0x102, .version = 9, .at_us = 10   },
        {.number = 0x201, .version = 5, .at_us = 60,    .is_class = true},
        {.number = 0x101,               .version = 1,             .at_us = 70},
        {.number = 0x201,               .version = 4,             .at_us = 40},
        {.number = 0x300,               .version = 2,             .at_us = 80},
    };
    /* By bucket, which is the low byte, then by number. */
    static const struct fold_key want[] = {
        {.number = 0x300, .version = 2, .at_us = 80   },
        {.number = 0x101, .version = 1, .at_us = 70   },
        {.number = 0x201, .version = 5, .at_us = 40,    .is_class = true},
        {.number = 0x102,               .version = 9,             .at_us = 10},
    };
    struct fold_key_list list = {.count = 0};

    fold_key_list_seal(&list);
    assert_null(fold_key_list_find(&list, 0x201));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        fold_key_list_add(&list, &keys[i]);
    }
    for (int again = 0; again <= 1; again++) {
        fold_key_list_seal(&list);
        assert_int_equal(list.count, ARRAY_LEN(want));
        for (size_t i = 0; i < ARRAY_LEN(want); i++) {
            assert_int_equal(list.list[i].number, want[i].number);
            assert_int_equal(list.list[i].version, want[i].version);
            assert_int_equal(list.list[i].at_us, want[i].at_us);
            assert_true(list.list[i].is_class == want[i].is_class);
            assert_ptr_equal(fold_key_list_find(&list, want[i].number), &list.list[i]);
        }
    }
    assert_null(fold_key_list_find(&list, 0x200));
    assert_null(fold_key_list_find(&list, 0x301));
    assert_null(fold_key_list_find(&list, INT64_MAX));
    free(list.list);
}

static void many_keys_are_found_again_and_a_cleared_list_is_empty(void **state)
{
    struct fold_keys keys = {.cases = {.count = 0}};
    uint64_t next = 1;

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5000; i++) {
            next = next * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            const struct fold_key key = {.number = (int64_t)(next >> 50) + 1, .version = i};
            fold_key_list_add(&keys.cases, &key);
        }
        fold_keys_seal(&keys);
        assert_true(keys.cases.count > 4000 && keys.cases.count < 5000);
        for (size_t i = 0; i < keys.cases.count; i++) {
            const int64_t number = keys.cases.list[i].number;
            assert_ptr_equal(fold_key_list_find(&keys.cases, number), &keys.cases.list[i]);
            if (i > 0) {
                const int64_t before = keys.cases.list[i - 1].number;
                const int16_t a = identifier_bucket(before), b = identifier_bucket(number);
                assert_true(a < b || (a == b && before < number));
            }
        }
        fold_keys_clear(&keys);
        assert_int_equal(keys.cases.count, 0);
        assert_null(fold_key_list_find(&keys.cases, NUMBER));
    }
    fold_keys_free(&keys);
    fold_keys_free(&keys); /* it is {0} */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_that_names_one_is_about_it),
        cmocka_unit_test(an_answer_of_a_case_is_looked_at_with_its_case),
        cmocka_unit_test(a_changed_tier_is_the_customers),
        cmocka_unit_test(only_opening_and_reclassifying_make_a_case_the_return_of_another),
        cmocka_unit_test(of_each_number_one_is_left_with_the_newest_version),
        cmocka_unit_test(many_keys_are_found_again_and_a_cleared_list_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
