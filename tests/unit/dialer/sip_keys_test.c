/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

struct packet {
    uint32_t source, timestamp;
    uint8_t event;
    int want;
};

static void a_key_is_taken_once_whatever_gets_lost_or_late(void **state)
{
    static const struct packet packets[] = {
        {7, 1000,        5,  5           },
        {7, 1000,        5,  SIP_KEY_NONE}, /* the rest of its row */
        {7, 1800,        5,  5           }, /* the same key once more */
        {7, 1000,        5,  SIP_KEY_NONE}, /* late */
        {7, 4294967000U, 1,  SIP_KEY_NONE}, /* later still: before 1800 */
        {8, 1000,        5,  5           }, /* another source counts for itself */
        {7, 1800,        5,  SIP_KEY_NONE}, /* the first one is not forgotten */
        {7, 2600,        10, SIP_KEY_STAR},
        {7, 3400,        12, SIP_KEY_NONE}, /* 'A' */
        {7, 3400,        0,  0           },
    };
    struct sip_keys keys = {.next = 0};
    for (size_t i = 0; i < ARRAY_LEN(packets); i++) {
        const uint8_t payload[4] = {packets[i].event, 0x8a, 3, 32};
        assert_int_equal(
            sip_keys_take(&keys, packets[i].source, packets[i].timestamp, payload, sizeof(payload)),
            packets[i].want);
    }
}

static void timestamps_wrap_around(void **state)
{
    struct sip_keys keys = {.next = 0};
    const uint8_t payload[4] = {3, 10, 0, 0};
    assert_int_equal(sip_keys_take(&keys, 1, 4294967000U, payload, 4), 3);
    assert_int_equal(sip_keys_take(&keys, 1, 200, payload, 4), 3);
}

static void a_short_packet_is_no_key(void **state)
{
    struct sip_keys keys = {.next = 0};
    const uint8_t payload[4] = {3, 10, 0, 0};
    for (size_t len = 0; len < 4; len++) {
        assert_int_equal(sip_keys_take(&keys, 1, 100, payload, len), SIP_KEY_NONE);
    }
}

static void digits_become_numbers_of_a_scale(void **state)
{
    enum {
        S = SIP_KEY_STAR,
        P = SIP_KEY_POUND,
        END = -2
    };
    static const struct {
        int keys[4];
        int32_t low, high;
        enum sip_entry_state want;
        int32_t value;
    } cases[] = {
        {{4, END},       1, 5,   SIP_ENTRY_DONE,  4 },
        {{9, END},       1, 5,   SIP_ENTRY_WRONG, 0 },
        {{0, END},       1, 5,   SIP_ENTRY_WRONG, 0 },
        {{0, END},       0, 10,  SIP_ENTRY_DONE,  0 },
        {{7, END},       0, 10,  SIP_ENTRY_DONE,  7 },
        {{1, END},       0, 10,  SIP_ENTRY_MORE,  1 },
        {{1, 0, END},    0, 10,  SIP_ENTRY_DONE,  10},
        {{1, 7, END},    0, 10,  SIP_ENTRY_WRONG, 0 },
        {{1, P, END},    0, 10,  SIP_ENTRY_DONE,  1 },
        {{P, END},       0, 10,  SIP_ENTRY_WRONG, 0 },
        {{S, END},       0, 10,  SIP_ENTRY_DONE,  10},
        {{S, END},       1, 5,   SIP_ENTRY_WRONG, 0 },
        {{1, S, END},    0, 10,  SIP_ENTRY_WRONG, 0 },
        {{1, END},       0, 1,   SIP_ENTRY_DONE,  1 },
        {{9, 9, END},    0, 100, SIP_ENTRY_DONE,  99},
        {{1, 0, P, END}, 0, 100, SIP_ENTRY_DONE,  10},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sip_entry entry = {.value = 0};
        enum sip_entry_state got = SIP_ENTRY_MORE;
        for (size_t k = 0; cases[i].keys[k] != END; k++) {
            got = sip_entry_push(&entry, cases[i].keys[k], cases[i].low, cases[i].high);
        }
        assert_int_equal(got, cases[i].want);
        assert_int_equal(entry.value, cases[i].value);
    }
}

static void who_stops_typing_has_finished(void **state)
{
    struct sip_entry entry = {.value = 0};
    assert_int_equal(sip_entry_end(&entry, 0, 10), SIP_ENTRY_MORE);
    assert_int_equal(sip_entry_push(&entry, 1, 0, 10), SIP_ENTRY_MORE);
    assert_int_equal(sip_entry_end(&entry, 0, 10), SIP_ENTRY_DONE);
    assert_int_equal(entry.value, 1);
    assert_int_equal(sip_entry_end(&entry, 5, 10), SIP_ENTRY_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_taken_once_whatever_gets_lost_or_late),
        cmocka_unit_test(timestamps_wrap_around),
        cmocka_unit_test(a_short_packet_is_no_key),
        cmocka_unit_test(digits_become_numbers_of_a_scale),
        cmocka_unit_test(who_stops_typing_has_finished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
