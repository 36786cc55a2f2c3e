/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_removal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

#define OURS "installation garage\nsalt " HEX32 "\nsign " HEX32 "\n"

static struct audit_key *key(const char *text)
{
    struct err err = ERR_NONE;
    struct audit_key *k = audit_key_parse(text, &err);
    assert_non_null(k);
    return k;
}

static struct audit_removal statement(const char *places, int64_t events)
{
    return (struct audit_removal){.number = 3,
                                  .part = 2,
                                  .closed_us = 1000,
                                  .at_us = 2000,
                                  .events = events,
                                  .places = places};
}

static bool is_good(const struct audit_removal *r, const struct audit_key *k)
{
    struct err err = ERR_NONE;
    const bool is = audit_removal_check(r, audit_key_trust(k), &err) == 0;
    assert_string_equal(err.code, is ? "" : "removal_invalid");
    return is;
}

/* ---- the signature */

static void what_was_signed_is_good_with_every_key_that_is_trusted(void **state)
{
    struct audit_key *k = key(OURS);
    struct audit_key *newer = key(OURS "sign " OTHER "\n");
    struct audit_removal r = statement("intake.0 7 1 4\n", 4);
    audit_removal_sign(k, &r);
    assert_string_equal(r.installation, "garage");
    assert_true(is_good(&r, k));
    assert_true(is_good(&r, newer));
    audit_removal_sign(newer, &r);
    assert_true(is_good(&r, newer));
    assert_false(is_good(&r, k));
    audit_key_free(newer);
    audit_key_free(k);
}

static void set_installation(struct audit_removal *r)
{
    (void)text_copy(r->installation, sizeof(r->installation), "another");
}

static void set_number(struct audit_removal *r)
{
    r->number++;
}

static void set_part(struct audit_removal *r)
{
    r->part++;
}

static void set_closed(struct audit_removal *r)
{
    r->closed_us++;
}

static void set_at(struct audit_removal *r)
{
    r->at_us++;
}

static void set_events(struct audit_removal *r)
{
    r->events++;
}

static void set_places(struct audit_removal *r)
{
    r->places = "intake.0 7 1 5\n";
}

static void set_key(struct audit_removal *r)
{
    r->key_id[0] ^= 1;
}

static void set_signature(struct audit_removal *r)
{
    r->signature[63] ^= 1;
}

static void whatever_is_changed_shows(void **state)
{
    static void (*const changes[])(struct audit_removal * r) = {
        set_installation, set_number, set_part, set_closed,    set_at,
        set_events,       set_places, set_key,  set_signature,
    };
    struct audit_key *k = key(OURS);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct audit_removal r = statement("intake.0 7 1 4\n", 4);
        audit_removal_sign(k, &r);
        changes[i](&r);
        assert_false(is_good(&r, k));
    }
    audit_key_free(k);
}

/* ---- the places */

static void places_are_written_as_they_are_read(void **state)
{
    struct text places = {.data = NULL};
    int64_t events = 0;
    audit_removal_add(&places, &events, &(struct audit_place){"intake.0", 7, 1}, 4);
    audit_removal_add(&places, &events, &(struct audit_place){"intake.1", 255, 9}, 9);
    assert_string_equal(places.data, "intake.0 7 1 4\nintake.1 255 9 9\n");
    assert_int_equal(events, 5);
    text_free(&places);
}

static void a_place_is_told_of_by_any_statement_in_any_order(void **state)
{
    static const struct {
        struct audit_place place;
        bool want;
    } cases[] = {
        {{"intake.0", 7, 1},   true },
        {{"intake.0", 7, 4},   true },
        {{"intake.0", 7, 5},   false},
        {{"intake.0", 7, 8},   true },
        {{"intake.0", 7, 9},   false},
        {{"intake.0", 6, 1},   false},
        {{"intake.0", 8, 1},   false},
        {{"intake.1", 7, 1},   false},
        {{"intake.1", 255, 9}, true },
        {{"intake", 7, 1},     false},
    };
    struct err err = ERR_NONE;
    struct audit_removals *l = audit_removals_new();
    const struct audit_removal later = statement("intake.1 255 9 9\nintake.0 7 7 8\n", 3);
    const struct audit_removal first = statement("intake.0 7 1 4\n", 4);
    assert_false(audit_removals_has(l, &cases[0].place));
    assert_int_equal(audit_removals_add(l, &later, &err), 0);
    assert_true(audit_removals_has(l, &(struct audit_place){"intake.0", 7, 7}));
    assert_int_equal(audit_removals_add(l, &first, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(audit_removals_has(l, &cases[i].place), cases[i].want);
    }
    audit_removals_free(l);
}

static void places_that_are_none_or_not_as_many_are_refused(void **state)
{
    static const struct {
        const char *places;
        int64_t events;
    } cases[] = {
        {"intake.0 7 1 4\n",                                        5},
        {"intake.0 7 1 4",                                          4},
        {"intake.0 7 1 4 \n",                                       4},
        {"intake.0 7 4 1\n",                                        4},
        {"intake.0 7 0 3\n",                                        4},
        {"intake.0 256 1 4\n",                                      4},
        {"intake.0 -1 1 4\n",                                       4},
        {"intake.0  7 1 4\n",                                       4},
        {" 7 1 4\n",                                                4},
        {"intake.0\n",                                              0},
        {"\n",                                                      0},
        {"intake.0 7 1 99999999999999999999\n",                     4},
        {"a-stream-with-a-name-that-is-longer-than-any-stream-that-the-log-may-have-ever-"
         "had-since-it-was-made-and-longer-still 7 1 4\n", 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct audit_removals *l = audit_removals_new();
        const struct audit_removal r = statement(cases[i].places, cases[i].events);
        assert_int_equal(audit_removals_add(l, &r, &err), -1);
        assert_string_equal(err.code, "removal_invalid");
        audit_removals_free(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_is_good_with_every_key_that_is_trusted),
        cmocka_unit_test(whatever_is_changed_shows),
        cmocka_unit_test(places_are_written_as_they_are_read),
        cmocka_unit_test(a_place_is_told_of_by_any_statement_in_any_order),
        cmocka_unit_test(places_that_are_none_or_not_as_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
