/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_simulate.h"

#include <inttypes.h>
#include <stdio.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"
#include "services/cli/rules_collect.h"
#include "services/cli/rules_open.h"
#include "services/cli/rules_tally.h"

/* A churn risk counts once a quarter: which time is the first is seen from the quarter before. */
#define LOOK_BACK_US (100 * DURATION_DAY)

enum {
    DAYS_MAX = 3660
};

struct simulation {
    struct rules_tally *tally;
    int64_t range_us[2]; /* of what is due; from before the first day on, see LOOK_BACK_US */
};

static void on_happening(void *ctx, const struct rulebook_rule *r, const struct rules_happening *h,
                         const struct zone *zone)
{
    struct simulation *s = ctx;

    rules_tally_add(s->tally, r, h, zone, s->range_us);
}

/* ---- reading */

static int64_t longest_after_us(const struct rulebook *b)
{
    int64_t longest = 0;

    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        const int64_t after_us = rulebook_rule(b, i)->after_us;

        longest = after_us > longest ? after_us : longest;
    }
    return longest;
}

static int read_history(struct standards_access *a, const struct rulebook *b, struct simulation *s,
                        struct err *err)
{
    struct rules_collect *c = rules_collect_new(b, on_happening, s);
    int rc = standards_open_database(a, err);

    for (int16_t bucket = 0; bucket < BUCKET_COUNT && rc == 0; bucket++) {
        const struct rules_scope scope = {
            .bucket = bucket,
            /* At a time of day it is due up to a day later. */
            .from_us = s->range_us[0] - longest_after_us(b) - 2 * DURATION_DAY,
            .to_us = s->range_us[1],
        };

        rc = rules_collect_run(c, a->session.db, &scope, err);
    }
    rules_collect_free(c);
    return rc;
}

/* ---- printing */

static json_int_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void print_days(const json_t *all)
{
    static const char *const titles[] = {"DAY", ">CALLS", ">MERGED", ">MESSAGES", ""};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    size_t i;
    const json_t *day;

    json_array_foreach(json_object_get(all, "days"), i, day)
    {
        const bool is_over = json_is_true(json_object_get(day, "is_over"));

        cli_table_add(&table, "%s", json_string_value(json_object_get(day, "day")));
        cli_table_add(&table, "%" JSON_INTEGER_FORMAT, number_of(day, "calls"));
        cli_table_add(&table, "%" JSON_INTEGER_FORMAT, number_of(day, "merged"));
        cli_table_add(&table, "%" JSON_INTEGER_FORMAT, number_of(day, "messages"));
        cli_table_add(&table, "%s", is_over ? "over capacity" : "");
    }
    cli_table_print(&table, stdout);
}

static void print_rules(const json_t *all)
{
    static const char *const titles[] = {"RULE",      ">DUE",        ">CALLS",  ">MERGED",
                                         ">MESSAGES", ">SUPPRESSED", ">MISSED", ">LISTED",
                                         ">LATER",    "BUSIEST"};
    static const char *const columns[] = {"due", "calls", "merged", "messages"};
    static const char *const rest[] = {"missed", "listed", "later"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    size_t i;
    const json_t *rule;

    json_array_foreach(json_object_get(all, "rules"), i, rule)
    {
        const char *busiest = json_string_value(json_object_get(rule, "busiest_day"));
        json_int_t suppressed = 0;
        const char *reason;
        json_t *count;

        json_object_foreach(json_object_get(rule, "suppressed"), reason, count)
        {
            suppressed += json_integer_value(count);
        }
        cli_table_add(&table, "%s", json_string_value(json_object_get(rule, "rule")));
        for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
            cli_table_add(&table, "%" JSON_INTEGER_FORMAT, number_of(rule, columns[k]));
        }
        cli_table_add(&table, "%" JSON_INTEGER_FORMAT, suppressed);
        for (size_t k = 0; k < ARRAY_LEN(rest); k++) {
            cli_table_add(&table, "%" JSON_INTEGER_FORMAT, number_of(rule, rest[k]));
        }
        if (busiest) {
            cli_table_add(&table, "%" JSON_INTEGER_FORMAT " on %s", number_of(rule, "busiest"),
                          busiest);
        } else {
            cli_table_add(&table, "-");
        }
    }
    cli_table_print(&table, stdout);
}

static void print(const json_t *all)
{
    const json_int_t capacity = number_of(all, "capacity");

    print_days(all);
    (void)putchar('\n');
    print_rules(all);
    (void)printf("\nsimulate: %" JSON_INTEGER_FORMAT " calls in %zu days, at most "
                 "%" JSON_INTEGER_FORMAT " on one",
                 number_of(all, "calls"), json_array_size(json_object_get(all, "days")),
                 number_of(all, "busiest"));
    if (capacity > 0) {
        (void)printf("; %" JSON_INTEGER_FORMAT " days over the capacity of "
                     "%" JSON_INTEGER_FORMAT,
                     number_of(all, "days_over"), capacity);
    }
    (void)putchar('\n');
}

/* ---- all of it */

static int64_t midnight_us(const struct zone *zone, int64_t day)
{
    const struct civil_time midnight = {.date = civil_from_days(day)};

    return zone ? zone_to_instant(zone, &midnight) : day * DURATION_DAY;
}

static int run(struct standards_access *a, const struct rulebook *b, const int64_t days[2],
               int64_t capacity)
{
    struct err err = ERR_NONE;
    const char *usual = rulebook_limits(b)->usual_zone;
    struct zone *zone = usual ? zone_open(usual, &err) : NULL;
    const int64_t from_us = midnight_us(zone, days[0]);
    struct simulation s = {
        .tally = rules_tally_new(b, days[0], days[1]),
        .range_us = {from_us - LOOK_BACK_US, midnight_us(zone, days[1] + 1)},
    };
    int code = CLI_OK;

    if (read_history(a, b, &s, &err) < 0) {
        code = standards_open_failed(a, &err);
    } else {
        json_t *all = rules_tally_make(s.tally, from_us, capacity);

        if (a->cli->is_json) {
            cli_put_json(all, stdout);
        } else {
            print(all);
            json_decref(all);
        }
    }
    rules_tally_free(s.tally);
    zone_free(zone);
    return code;
}

int rules_simulate(struct standards_access *a, const struct rules_simulation *s)
{
    struct err err = ERR_NONE;
    int64_t days[2];
    struct rulebook *b;
    int code;

    if (calendar_day_parse(s->from, &days[0]) < 0 || calendar_day_parse(s->to, &days[1]) < 0 ||
        days[1] < days[0] || days[1] - days[0] >= DAYS_MAX) {
        return cli_wrong_usage(a->cli, "--from and --to are days such as 2026-11-01, in order");
    }
    b = s->rules ? rules_open(a, s->rules, &err) : rules_open_newest(a, NULL, &err);
    if (!b) {
        return standards_open_failed(a, &err);
    }
    code = run(a, b, days, s->capacity);
    rulebook_free(b);
    return code;
}
