/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_explain.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "event.pb-c.h"
#include "services/cli/cli_table.h"
#include "services/cli/rules_collect.h"
#include "services/cli/rules_open.h"
#include "services/cli/rules_reasons.h"
#include "services/cli/rules_store.h"

#define BACK_US                                                                                    \
    (INT64_C(4026) * DURATION_DAY) /* a rule waits 10 years after a purchase at most               \
                                    */

enum {
    FORECAST_TEXT_SIZE = 64
};

static const char customer_refused[] = "rules_customer_unknown";

static void on_happening(void *ctx, const struct rulebook_rule *r, const struct rules_happening *h,
                         const struct zone *zone)
{
    rules_reasons_add(ctx, r, h, zone);
}

/* ---- reading */

static void read_standing(const struct db_rows *rows, struct rules_standing *ret)
{
    const int64_t now_us = db_get_time(rows, 0, RULES_STANDING_NOW);
    const int64_t week_us = db_get_time(rows, 0, RULES_STANDING_FIRST_WEEK);
    const int64_t month_us = db_get_time(rows, 0, RULES_STANDING_FIRST_MONTH);

    *ret = (struct rules_standing){
        .now_us = now_us,
        .is_erased = db_get_bool(rows, 0, RULES_STANDING_IS_ERASED),
        .has_open_complaint = db_get_bool(rows, 0, RULES_STANDING_OPEN_COMPLAINT),
        .has_broken_promise = db_get_bool(rows, 0, RULES_STANDING_BROKEN_PROMISE),
        .last_refusal_us = db_get_time(rows, 0, RULES_STANDING_LAST_REFUSAL),
        .orders_day = (int32_t)db_get_int(rows, 0, RULES_STANDING_ORDERS_DAY),
        .orders_week = (int32_t)db_get_int(rows, 0, RULES_STANDING_ORDERS_WEEK),
        .orders_month = (int32_t)db_get_int(rows, 0, RULES_STANDING_ORDERS_MONTH),
        .frees_day_us = now_us / DURATION_DAY * DURATION_DAY + DURATION_DAY,
        .frees_week_us = week_us == DB_NO_TIME ? now_us : week_us + 7 * DURATION_DAY,
        .frees_month_us = month_us == DB_NO_TIME ? now_us : month_us + 30 * DURATION_DAY,
    };
}

static int read_fired(struct standards_access *a, int64_t customer, struct rules_reasons *r,
                      struct err *err)
{
    const struct db_rows *rows;

    rules_store_ask_fired(a->session.db, customer);
    rows = standards_open_answer(a, err);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        char state[CLI_NAME_SIZE];
        const struct rules_fired f = {
            .number = db_get_int(rows, i, RULES_FIRED_NUMBER),
            .subject = db_get_int(rows, i, RULES_FIRED_SUBJECT),
            .rule = db_get_text(rows, i, RULES_FIRED_RULE),
            .topic = db_get_text(rows, i, RULES_FIRED_TOPIC),
            .occurrence = db_get_text(rows, i, RULES_FIRED_OCCURRENCE),
            .state = cli_enum_text(&troth__v1__follow_up_state__descriptor,
                                   (int)db_get_int(rows, i, RULES_FIRED_STATE), state),
            .reason = db_get_text(rows, i, RULES_FIRED_REASON),
            .due_us = db_get_time(rows, i, RULES_FIRED_DUE_AT),
        };

        rules_reasons_add_fired(r, &f);
    }
    return rows ? 0 : -1;
}

static int read_happenings(struct standards_access *a, const struct rulebook *b, int64_t customer,
                           int64_t now_us, struct rules_reasons *r, struct err *err)
{
    struct rules_collect *c = rules_collect_new(b, on_happening, r);
    const struct rules_scope scope = {
        .bucket = identifier_bucket(customer),
        .customer = customer,
        .from_us = now_us - BACK_US,
        .to_us = now_us + DURATION_DAY,
    };
    const int rc = rules_collect_run(c, a->session.db, &scope, err);

    rules_collect_free(c);
    return rc;
}

static json_t *explain(struct standards_access *a, const struct rulebook *b, int64_t customer,
                       struct err *err)
{
    const struct db_rows *rows;
    struct rules_standing standing;
    struct rules_reasons *r;
    char survivor[IDENTIFIER_TEXT_SIZE];
    json_t *all = NULL;

    if (standards_open_database(a, err) < 0) {
        return NULL;
    }
    rules_store_ask_standing(a->session.db, customer);
    rows = standards_open_answer(a, err);
    if (!rows) {
        return NULL;
    }
    if (db_row_count(rows) == 0) {
        err_set(err, customer_refused, "there is no such customer");
        return NULL;
    }
    if (db_get_int(rows, 0, RULES_STANDING_MERGED_INTO) != 0) {
        err_set(err, customer_refused, "this customer was merged: ask about %s",
                identifier_format(IDENTIFIER_CUSTOMER,
                                  db_get_int(rows, 0, RULES_STANDING_MERGED_INTO), survivor));
        return NULL;
    }
    read_standing(rows, &standing);
    r = rules_reasons_new(b, &standing);
    if (read_fired(a, customer, r, err) == 0 &&
        read_happenings(a, b, customer, standing.now_us, r, err) == 0) {
        all = rules_reasons_make(r);
    }
    rules_reasons_free(r);
    return all;
}

/* ---- printing */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static int64_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* What a forecast leaves open; "" when there was none. */
static const char *tell_forecast(const json_t *next, char ret_text[FORECAST_TEXT_SIZE])
{
    const json_t *late_us = json_object_get(next, "late_us");
    char early[CLI_NAME_SIZE];
    char late[CLI_NAME_SIZE] = "?";

    ret_text[0] = '\0';
    if (json_object_get(next, "early_us")) {
        cli_time_text(1, number_of(next, "early_us"), early);
        if (json_is_integer(late_us)) {
            cli_time_text(1, json_integer_value(late_us), late);
        }
        (void)text_format(ret_text, FORECAST_TEXT_SIZE, ", reached %.10s..%.10s (8 of 10)", early,
                          late);
    }
    return ret_text;
}

static void print_next(struct cli_table *table, const char *rule, const json_t *next)
{
    const char *step = text_of(next, "step");
    char due[CLI_NAME_SIZE];
    char until[CLI_NAME_SIZE];
    char forecast[FORECAST_TEXT_SIZE];

    cli_table_add(table, "%s", rule);
    cli_table_add(table, "would fire");
    cli_time_text(1, number_of(next, "due_us"), due);
    if (strcmp(step, "call") == 0) {
        cli_table_add(table, "due %s, by %s%s", due, text_of(next, "channel"),
                      tell_forecast(next, forecast));
    } else if (strcmp(step, "defer") == 0) {
        cli_time_text(1, number_of(next, "until_us"), until);
        cli_table_add(table, "due %s, deferred until %s: %s", due, until, text_of(next, "reason"));
    } else {
        cli_table_add(table, "due %s, but %s: %s", due, step, text_of(next, "reason"));
    }
}

static void print(const json_t *all)
{
    static const char *const titles[] = {"RULE", "SAYS", "BECAUSE"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    size_t i, k;
    const json_t *rule, *f;

    json_array_foreach(all, i, rule)
    {
        const json_t *next = json_object_get(rule, "next");

        json_array_foreach(json_object_get(rule, "follow_ups"), k, f)
        {
            char due[CLI_NAME_SIZE];
            const char *reason = text_of(f, "reason");

            cli_table_add(&table, "%s", text_of(rule, "rule"));
            cli_table_add(&table, "fired");
            cli_table_add(&table, "%s %s%s%s, due %s", text_of(f, "number"), text_of(f, "state"),
                          reason[0] ? ": " : "", reason,
                          cli_time_text(1, number_of(f, "due_us"), due));
        }
        if (json_is_object(next)) {
            print_next(&table, text_of(rule, "rule"), next);
        }
        if (json_is_string(json_object_get(rule, "why_not"))) {
            cli_table_add(&table, "%s", text_of(rule, "rule"));
            cli_table_add(&table, "no");
            cli_table_add(&table, "%s", text_of(rule, "why_not"));
        }
    }
    cli_table_print(&table, stdout);
}

int rules_explain(struct standards_access *a, const char *customer, const char *rules)
{
    struct err err = ERR_NONE;
    int64_t number;
    struct rulebook *b;
    json_t *all;

    if (identifier_parse(IDENTIFIER_CUSTOMER, customer, &number, &err) < 0) {
        return cli_wrong_usage(a->cli, "give the number of one customer, K-...");
    }
    b = rules ? rules_open(a, rules, &err) : rules_open_newest(a, NULL, &err);
    if (!b) {
        return standards_open_failed(a, &err);
    }
    all = explain(a, b, number, &err);
    rulebook_free(b);
    if (!all) {
        return strcmp(err.code, customer_refused) == 0 ? cli_fail(a->cli, CLI_REFUSED, &err)
                                                       : standards_open_failed(a, &err);
    }
    if (a->cli->is_json) {
        cli_put_json(all, stdout);
    } else {
        print(all);
        json_decref(all);
    }
    return CLI_OK;
}
