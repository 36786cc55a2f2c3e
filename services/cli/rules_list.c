/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"
#include "services/cli/rules_store.h"

/* The list is built as JSON, and the table is made of it: {"id", "hash", "first_used_us",
 * "last_used_us", "tzdata", "follow_ups", "ended", "rules": {NAME: {"follow_ups", "ended"}}}. */

static json_t *read_versions(struct standards_access *a, struct err *err)
{
    const struct db_rows *rows;
    json_t *all = json_array();

    rules_store_ask_list(a->session.db);
    rows = standards_open_answer(a, err);
    if (!rows) {
        json_decref(all);
        return NULL;
    }
    for (size_t i = 0; i < db_row_count(rows); i++) {
        json_array_append_new(all,
                              json_pack("{s:I, s:s, s:I, s:I, s:s, s:i, s:i, s:{}}", "id",
                                        (json_int_t)db_get_int(rows, i, RULES_LIST_ID), "hash",
                                        db_get_text(rows, i, RULES_LIST_HASH), "first_used_us",
                                        (json_int_t)db_get_time(rows, i, RULES_LIST_FIRST_USED_AT),
                                        "last_used_us",
                                        (json_int_t)db_get_time(rows, i, RULES_LIST_LAST_USED_AT),
                                        "tzdata", db_get_text(rows, i, RULES_LIST_TZDATA),
                                        "follow_ups", 0, "ended", 0, "rules"));
    }
    return all;
}

static void add(json_t *object, const char *name, int64_t more)
{
    const json_int_t before = json_integer_value(json_object_get(object, name));

    json_object_set_new(object, name, json_integer(before + more));
}

static void add_counts(json_t *all, const struct db_rows *rows, size_t row)
{
    const int64_t planned = db_get_int(rows, row, RULES_COUNT_FOLLOW_UPS);
    const int64_t ended = db_get_int(rows, row, RULES_COUNT_ENDED);
    const char *name = db_get_text(rows, row, RULES_COUNT_RULE);
    size_t i;
    json_t *version;

    json_array_foreach(all, i, version)
    {
        json_t *rules = json_object_get(version, "rules");
        json_t *rule = json_object_get(rules, name);

        if (json_integer_value(json_object_get(version, "id")) !=
            db_get_int(rows, row, RULES_COUNT_ID)) {
            continue;
        }
        if (!rule) {
            rule = json_object();
            json_object_set_new(rules, name, rule);
        }
        add(version, "follow_ups", planned);
        add(version, "ended", ended);
        add(rule, "follow_ups", planned);
        add(rule, "ended", ended);
    }
}

static int read_counts(struct standards_access *a, json_t *all, struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        const struct db_rows *rows;

        rules_store_ask_counts(a->session.db, bucket);
        rows = standards_open_answer(a, err);
        if (!rows) {
            return -1;
        }
        for (size_t i = 0; i < db_row_count(rows); i++) {
            add_counts(all, rows, i);
        }
    }
    return 0;
}

static int64_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void print_table(json_t *all)
{
    static const char *const titles[] = {"ID",   "HASH",        "FIRST USED", "LAST USED",
                                         "RULE", ">FOLLOW-UPS", ">ENDED",     "TIME ZONES"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    size_t i;
    json_t *version;

    json_array_foreach(all, i, version)
    {
        char time[CLI_NAME_SIZE];
        const char *name;
        json_t *rule;

        cli_table_add(&table, "%" PRId64, number_of(version, "id"));
        cli_table_add(&table, "%s", json_string_value(json_object_get(version, "hash")));
        cli_table_add(&table, "%s", cli_time_text(1, number_of(version, "first_used_us"), time));
        cli_table_add(&table, "%s", cli_time_text(1, number_of(version, "last_used_us"), time));
        cli_table_add(&table, "all");
        cli_table_add(&table, "%" PRId64, number_of(version, "follow_ups"));
        cli_table_add(&table, "%" PRId64, number_of(version, "ended"));
        cli_table_add(&table, "%s", json_string_value(json_object_get(version, "tzdata")));
        json_object_foreach(json_object_get(version, "rules"), name, rule)
        {
            cli_table_add(&table, "%s", "");
            cli_table_add(&table, "%s", "");
            cli_table_add(&table, "%s", "");
            cli_table_add(&table, "%s", "");
            cli_table_add(&table, "%s", name);
            cli_table_add(&table, "%" PRId64, number_of(rule, "follow_ups"));
            cli_table_add(&table, "%" PRId64, number_of(rule, "ended"));
            cli_table_add(&table, "%s", "");
        }
    }
    cli_table_print(&table, stdout);
}

int rules_list(struct standards_access *a)
{
    struct err err = ERR_NONE;
    json_t *all = standards_open_database(a, &err) == 0 ? read_versions(a, &err) : NULL;
    int code = CLI_OK;

    if (!all || read_counts(a, all, &err) < 0) {
        code = standards_open_failed(a, &err);
        json_decref(all);
    } else if (a->cli->is_json) {
        cli_put_json(all, stdout);
    } else {
        print_table(all);
        json_decref(all);
    }
    return code;
}
