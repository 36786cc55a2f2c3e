/* SPDX-License-Identifier: Apache-2.0 */
/* The story of the demo: always the same, and with much under way when it stops. */
#include "services/cli/demo_garage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/runtime/message_check.h"
#include "services/cli/record_list.h"

#define START_US INT64_C(1793462400000000)

static struct record_list tell(uint64_t seed, int days, int customers)
{
    struct record_list list = {0};
    demo_garage_generate(
        &(struct demo_garage_options){
            .seed = seed, .start_us = START_US, .days = days, .customers = customers},
        &list);
    record_list_sort(&list);
    return list;
}

static bool is_same(const struct record_list *a, const struct record_list *b)
{
    return a->data.len == b->data.len && memcmp(a->data.data, b->data.data, a->data.len) == 0;
}

static void test_same_seed_tells_the_same(void **state)
{
    (void)state;
    struct record_list first = tell(3, 12, 50), again = tell(3, 12, 50), other = tell(4, 12, 50);
    assert_true(is_same(&first, &again));
    assert_false(is_same(&first, &other));
    record_list_free(&first);
    record_list_free(&again);
    record_list_free(&other);
}

/* Contacts of kind complaint with that product, first ones and copies, in a range. */
static size_t count_contacts(const struct record_list *list, const char *product, int64_t from_us,
                             int64_t to_us)
{
    struct arena *arena = arena_new(1 << 16);
    struct err err = ERR_NONE;
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        arena_reset(arena);
        const Troth__V1__Record *record = (const Troth__V1__Record *)message_unpack(
            &troth__v1__record__descriptor, record_list_get(list, i), arena, &err);
        assert_non_null(record);
        bool is_in = record->occurred_us >= from_us && record->occurred_us < to_us;
        const Troth__V1__Contact *contact =
            record->body_case == TROTH__V1__RECORD__BODY_CONTACT ? record->contact : NULL;
        count += is_in && contact != NULL &&
                 (product == NULL ||
                  (contact->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT &&
                   contact->product != NULL && strcmp(contact->product, product) == 0));
    }
    arena_free(arena);
    return count;
}

static void test_story_goes_on_until_the_afternoon_of_its_last_day(void **state)
{
    static const int days[] = {3, 12, 30};

    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct record_list list = tell(7, days[i], 300);
        int64_t end_us = demo_garage_end_us(
            &(struct demo_garage_options){.start_us = START_US, .days = days[i], .customers = 300});
        assert_int_equal(end_us, START_US + days[i] * DURATION_DAY - 7 * DURATION_H);
        assert_true(list.items[list.count - 1].occurred_us < end_us);
        assert_true(list.items[list.count - 1].occurred_us >= end_us - DURATION_H);
        assert_true(count_contacts(&list, NULL, end_us - 9 * DURATION_H, end_us) >= 3);
        record_list_free(&list);
    }
}

static void test_batch_of_brake_pads_squeals_two_days_before_the_end(void **state)
{
    struct record_list list = tell(7, 30, 900);
    int64_t batch_us = START_US + 27 * DURATION_DAY;

    (void)state;
    size_t before = count_contacts(&list, "brake pads", batch_us - 7 * DURATION_DAY, batch_us);
    size_t then = count_contacts(&list, "brake pads", batch_us, batch_us + DURATION_DAY);
    assert_true(then >= 14 && then * 7 > 2 * before);
    record_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_tells_the_same),
        cmocka_unit_test(test_story_goes_on_until_the_afternoon_of_its_last_day),
        cmocka_unit_test(test_batch_of_brake_pads_squeals_two_days_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
