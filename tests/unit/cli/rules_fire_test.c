/* SPDX-License-Identifier: Apache-2.0 */
/* rules_fire_test.c - which rule is taken for what happened, and on which days it is due. */
#include "services/cli/rules_fire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"

static int64_t at(const char *text)
{
    int64_t us = 0;

    assert_int_equal(instant_parse(text, &us), 0);
    return us;
}

static struct rulebook *parse(const char *rules)
{
    struct err err = ERR_NONE;
    struct text text = {.data = NULL};
    struct rulebook *b;

    text_appendf(&text, "rules = (%s);", rules);
    b = rulebook_parse(text.data, "test.conf", &err);
    if (!b) {
        fail_msg("%s: %s", err.field, err.text);
    }
    text_free(&text);
    return b;
}

/* ---- which rule */

static void the_rule_that_is_taken_and_why_another_is_not(void **state)
{
    struct rulebook *b =
        parse("{ name = \"a\"; trigger = \"case_resolved\"; window = \"1d\"; tier = \"gold\"; },"
              "{ name = \"b\"; trigger = \"case_resolved\"; window = \"1d\"; },"
              "{ name = \"c\"; trigger = \"case_resolved\"; window = \"1d\"; topic = \"c\"; }");
    struct rules_happening h = {.source = RULES_RESOLVED, .facts = {.tier = "gold"}};
    char why[RULES_WHY_SIZE] = "";

    (void)state;
    assert_true(rules_fire_takes(b, rulebook_find(b, "a"), &h, why));
    assert_true(rules_fire_takes(b, rulebook_find(b, "c"), &h, why));
    assert_false(rules_fire_takes(b, rulebook_find(b, "b"), &h, why));
    assert_string_equal(why, "rule a");
    h.facts.tier = "";
    assert_true(rules_fire_takes(b, rulebook_find(b, "b"), &h, NULL));
    assert_false(rules_fire_takes(b, rulebook_find(b, "a"), &h, why));
    assert_string_equal(why, "tier");
    rulebook_free(b);
}

/* A fault and a counter may share a topic: they are not asked about the same. */
static void rules_of_another_source_do_not_stand_before(void **state)
{
    struct rulebook *b = parse("{ name = \"a\"; trigger = \"service_due\"; window = \"1d\"; months "
                               "= 6; product = \"van\"; },"
                               "{ name = \"b\"; trigger = \"service_due\"; window = \"1d\"; "
                               "every_km = 10000; }");
    const struct rules_happening h = {.source = RULES_READINGS, .facts = {.product = "van"}};

    (void)state;
    assert_false(rules_source_is_for(RULES_READINGS, rulebook_find(b, "a")));
    assert_true(rules_fire_takes(b, rulebook_find(b, "b"), &h, NULL));
    rulebook_free(b);
}

/* ---- when */

static void note(void *ctx, const struct rules_firing *f)
{
    char due[INSTANT_TEXT_SIZE];

    text_appendf(ctx, "%s %s; ", f->occurrence, instant_format(f->due_us, due));
}

static void check(const char *rule, const struct rules_happening *h, const char *from,
                  const char *to, const char *want)
{
    struct rulebook *b = parse(rule);
    struct err err = ERR_NONE;
    struct zone *zone = zone_open("Asia/Shanghai", &err);
    const int64_t range_us[2] = {at(from), at(to)};
    struct text got = {.data = NULL};

    assert_non_null(zone);
    rules_fire(rulebook_rule(b, 0), h, zone, range_us, note, &got);
    assert_string_equal(text_or_empty(&got), want);
    text_free(&got);
    zone_free(zone);
    rulebook_free(b);
}

#define RULE(trigger, more) "{ name = \"a\"; window = \"1d\"; trigger = \"" trigger "\"; " more " }"

static void days_of_the_year_come_each_year(void **state)
{
    struct rules_happening h = {.source = RULES_CUSTOMERS,
                                .at_us = DB_NO_TIME,
                                .until_us = DB_NO_TIME,
                                .birth_month = 2,
                                .birth_day = 29};

    (void)state;
    check(RULE("birthday", "at = \"09:30\";"), &h, "2026-01-01", "2029-01-01",
          "2026 2026-02-28T01:30:00.000Z; 2027 2027-02-28T01:30:00.000Z; "
          "2028 2028-02-29T01:30:00.000Z; ");
    h.birth_is_lunar = true;
    h.birth_month = 8;
    h.birth_day = 15;
    check(RULE("birthday", "at = \"09:30\";"), &h, "2026-01-01", "2028-01-01",
          "2026 2026-09-25T01:30:00.000Z; 2027 2027-09-15T01:30:00.000Z; ");
    check(RULE("festival", "at = \"10:00\"; date = \"lunar 01-01\";"), &h, "2026-01-01",
          "2027-12-31",
          "2026-02-17 2026-02-17T02:00:00.000Z; 2027-02-06 2027-02-06T02:00:00.000Z; ");
    h.birth_month = 0;
    check(RULE("birthday", ""), &h, "2026-01-01", "2028-01-01", "");
}

static void instants_fire_once_within_the_range(void **state)
{
    struct rules_happening h = {.source = RULES_RESOLVED,
                                .at_us = at("2026-11-02T06:00:00Z"),
                                .until_us = DB_NO_TIME,
                                .occurrence = "0"};

    (void)state;
    check(RULE("case_resolved", "after = \"1d\";"), &h, "2026-11-01", "2026-12-01",
          "0 2026-11-03T06:00:00.000Z; ");
    check(RULE("case_resolved", "after = \"1d\";"), &h, "2026-11-01", "2026-11-03T06:00:00Z", "");
    check(RULE("case_resolved", "after = \"1d\";"), &h, "2026-11-03T06:00:00Z", "2026-12-01",
          "0 2026-11-03T06:00:00.000Z; ");
    h.source = RULES_SCORES;
    h.at_us = at("2026-09-30T16:00:00Z"); /* midnight: the first of October */
    check(RULE("churn_risk", "score_below = 40; at = \"10:00\";"), &h, "2026-09-01", "2026-12-01",
          "2026Q4 2026-10-01T02:00:00.000Z; ");
}

static void silence_ends_when_the_customer_speaks(void **state)
{
    struct rules_happening h = {
        .source = RULES_CONTACTS, .at_us = at("2026-08-10T02:00:00Z"), .until_us = DB_NO_TIME};
    const char *rule = RULE("silence", "months = 3; at = \"10:00\";");

    (void)state;
    check(rule, &h, "2026-11-01", "2026-12-01", "2026-08-10 2026-11-10T02:00:00.000Z; ");
    h.until_us = at("2026-11-10T02:00:00Z");
    check(rule, &h, "2026-11-01", "2026-12-01", "");
    h.until_us = at("2026-11-10T02:00:01Z");
    check(rule, &h, "2026-11-01", "2026-12-01", "2026-08-10 2026-11-10T02:00:00.000Z; ");
}

static void a_purchase_is_followed_months_later(void **state)
{
    const struct rules_happening h = {
        .source = RULES_PURCHASES, .at_us = at("2026-05-15T04:00:00Z"), .until_us = DB_NO_TIME};

    (void)state;
    check(RULE("service_due", "months = 6; lead = \"7d\"; at = \"11:00\";"), &h, "2026-01-01",
          "2027-12-01", "6 months 2026-11-08T03:00:00.000Z; ");
}

/* 50 km a day: 10,000 km are reached on day 200, 20,000 on day 400. */
static void a_device_is_due_at_each_service(void **state)
{
    struct usage_reading km[30];
    const int64_t first_us = at("2026-01-01");
    struct rules_happening h = {
        .source = RULES_READINGS, .at_us = first_us, .until_us = DB_NO_TIME, .km = km};

    (void)state;
    for (; h.km_count < ARRAY_LEN(km); h.km_count++) {
        const double day = 20.0 * (double)h.km_count;

        km[h.km_count] = (struct usage_reading){first_us + (int64_t)day * DURATION_DAY, 50.0 * day};
    }
    check(RULE("service_due", "every_km = 10000; lead = \"14d\";"), &h, "2026-01-01", "2027-07-01",
          "km 1 2026-07-06T00:00:00.000Z; km 2 2027-01-22T00:00:00.000Z; ");
    check(RULE("service_due", "every_usage = 10; usage_unit = \"h\";"), &h, "2026-01-01",
          "2027-07-01", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_that_is_taken_and_why_another_is_not),
        cmocka_unit_test(rules_of_another_source_do_not_stand_before),
        cmocka_unit_test(days_of_the_year_come_each_year),
        cmocka_unit_test(instants_fire_once_within_the_range),
        cmocka_unit_test(silence_ends_when_the_customer_speaks),
        cmocka_unit_test(a_purchase_is_followed_months_later),
        cmocka_unit_test(a_device_is_due_at_each_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
