/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/delivery_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

#define AT_US (INT64_C(1614265330) * DURATION_S)

static Troth__V1__Event event_of(Troth__V1__Event__BodyCase body)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    e.customer = 519;
    e.version = 3;
    e.occurred_us = AT_US;
    e.body_case = body;
    return e;
}

static void numbers_are_as_people_read_them_and_instants_as_text(void **state)
{
    char kind[] = "resolution", tell[] = "boss", team[] = "care", branch[] = "north";
    Troth__V1__PromiseStepTaken step = TROTH__V1__PROMISE_STEP_TAKEN__INIT;
    Troth__V1__Event e = event_of(TROTH__V1__EVENT__BODY_PROMISE_STEP_TAKEN);
    struct delivery_event told;
    struct text out = {.data = NULL};
    step.has_promise = step.has_service_case = step.has_percent = step.has_due_us = true;
    step.promise = 263;
    step.service_case = 775;
    step.percent = 80;
    step.due_us = AT_US;
    step.kind = kind;
    step.tell = tell;
    step.owner_team = team;
    step.branch = branch;
    e.promise_step_taken = &step;
    delivery_body_write(&e, &told, &out);
    assert_string_equal(
        out.data, "{\"type\":\"promise_step_taken\",\"timestamp\":\"2021-02-25T15:02:10.000Z\","
                  "\"data\":{\"customer\":\"K-519-1\",\"version\":3,\"promise\":\"P-263-3\","
                  "\"service_case\":\"C-775-5\",\"kind\":\"resolution\",\"percent\":80,"
                  "\"tell\":\"boss\",\"due\":\"2021-02-25T15:02:10.000Z\",\"branch\":\"north\","
                  "\"owner_team\":\"care\"}}");
    assert_string_equal(told.kind, "promise_step_taken");
    assert_string_equal(told.branch, "north");
    assert_string_equal(told.team, "boss");
    step.tell = NULL;
    text_clear(&out);
    delivery_body_write(&e, &told, &out);
    assert_string_equal(told.team, "care");
    text_free(&out);
}

static void of_a_customer_only_the_number_is_told(void **state)
{
    char zone[] = "Asia/Shanghai", language[] = "zh";
    Troth__V1__CustomerChanged body = TROTH__V1__CUSTOMER_CHANGED__INIT;
    Troth__V1__Event e = event_of(TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED);
    struct delivery_event told;
    struct text out = {.data = NULL};
    body.language = language;
    body.time_zone = zone;
    body.has_birth_month = body.has_birth_day = true;
    body.birth_month = 2;
    body.birth_day = 29;
    e.customer_changed = &body;
    delivery_body_write(&e, &told, &out);
    assert_non_null(strstr(out.data, "\"data\":{\"customer\":\"K-519-1\",\"version\":3}}"));
    text_free(&out);
}

static void hashes_of_devices_stay_here(void **state)
{
    uint8_t hash[] = {1, 2, 3};
    char product[] = "pump";
    Troth__V1__DeviceSignalled body = TROTH__V1__DEVICE_SIGNALLED__INIT;
    Troth__V1__Event e = event_of(TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED);
    struct delivery_event told;
    struct text out = {.data = NULL};
    body.has_device = true;
    body.device = (ProtobufCBinaryData){sizeof(hash), hash};
    body.product = product;
    e.device_signalled = &body;
    e.has_is_reversal = e.is_reversal = true;
    delivery_body_write(&e, &told, &out);
    assert_null(strstr(out.data, "device\":"));
    assert_non_null(strstr(out.data, "\"is_reversal\":true,\"product\":\"pump\""));
    text_free(&out);
}

static void an_event_of_a_newer_program_is_told_to_nobody(void **state)
{
    Troth__V1__Event e = event_of(TROTH__V1__EVENT__BODY__NOT_SET);
    struct delivery_event told = {.kind = "x"};
    struct text out = {.data = NULL};
    delivery_body_write(&e, &told, &out);
    assert_null(told.kind);
    text_free(&out);
}

static void a_list_holds_its_words_and_an_empty_one_all(void **state)
{
    static const struct {
        const char *list, *word;
        bool has;
    } cases[] = {
        {NULL,            "north",    true },
        {"",              "",         true },
        {"north",         "north",    true },
        {"south,north",   "north",    true },
        {"south,north,x", "north",    true },
        {"northern,a",    "north",    false},
        {"north",         "northern", false},
        {"north",         "",         false},
        {"a,,b",          "",         false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(delivery_list_has(cases[i].list, cases[i].word), cases[i].has);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_as_people_read_them_and_instants_as_text),
        cmocka_unit_test(of_a_customer_only_the_number_is_told),
        cmocka_unit_test(hashes_of_devices_stay_here),
        cmocka_unit_test(an_event_of_a_newer_program_is_told_to_nobody),
        cmocka_unit_test(a_list_holds_its_words_and_an_empty_one_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
