/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/disclosure_store.h"
#include "services/cli/export_store.h"
#include "services/cli/operator_session.h"

enum {
    LIMIT_USUAL = 1000,
    LIMIT_MOST = 1000000,
    UNUSUAL_LEAST = 20, /* persons a day: below it, nothing is unusual */
    UNUSUAL_TIMES = 3,  /* of what that reader reads on a day */
};

struct disclosures_options {
    const char *customer, *source, *by, *database;
    int64_t since_us, limit, least;
    bool is_csv, wants_days, wants_unusual;
};

#define AT(field) offsetof(struct disclosures_options, field)

static const struct cli_option options_table[] = {
    {"customer",    CLI_OPTION_TEXT, "REF", "about this person alone, whatever numbers they have",
     AT(customer)},
    {"source",        CLI_OPTION_TEXT, "NAME", "whose reference it is; else the setting source",
     AT(source)},
    {"since",  CLI_OPTION_INSTANT, "TIME", "not before", AT(since_us)},
    {"by",      CLI_OPTION_TEXT, "NAME", "read with this key, or for this account, dialer or login",
     AT(by)},
    {"days",       CLI_OPTION_FLAG, NULL, "figures: readings and persons by day and reader",
     AT(wants_days)},
    {"unusual",    CLI_OPTION_FLAG, NULL, "of these, days that stand out; status 1 when there are any",
     AT(wants_unusual)},
    {"least",       CLI_OPTION_COUNT, "N", "with --unusual: from so many persons a day; else 20",
     AT(least)},
    {"limit",       CLI_OPTION_COUNT, "N", "at most so many lines, the newest; else 1000", AT(limit)},
    {"csv", CLI_OPTION_FLAG, NULL, "as CSV, with a line of titles", AT(is_csv)},
    {"database",          CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END      },
};

/* ---- rows become JSON, and from it all forms */

static json_t *identifier(enum identifier_kind kind, const struct db_rows *r, size_t i, int column)
{
    char text[IDENTIFIER_TEXT_SIZE];
    return db_is_null(r, i, column)
               ? json_null()
               : json_string(identifier_format(kind, db_get_int(r, i, column), text));
}

static json_t *reading_of(const struct db_rows *r, size_t i)
{
    char at[INSTANT_TEXT_SIZE];
    return json_pack("{ssssssssssssssss}", "at", instant_format(db_get_time(r, i, 0), at), "reader",
                     db_get_text(r, i, DISCLOSURE_READER), "for", db_get_text(r, i, DISCLOSURE_WHO),
                     "customer", "", "case", "", "what", db_get_text(r, i, DISCLOSURE_WHAT),
                     "purpose", db_get_text(r, i, DISCLOSURE_PURPOSE), "outcome",
                     db_get_text(r, i, DISCLOSURE_OUTCOME));
}

static json_t *list_of(const struct db_rows *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        json_t *row = reading_of(r, i);
        (void)json_object_set_new(row, "customer",
                                  identifier(IDENTIFIER_CUSTOMER, r, i, DISCLOSURE_CUSTOMER));
        (void)json_object_set_new(row, "case", identifier(IDENTIFIER_CASE, r, i, DISCLOSURE_CASE));
        (void)json_array_append_new(list, row);
    }
    return list;
}

static bool is_unusual(const struct disclosures_options *o, const struct db_rows *r, size_t i)
{
    const int64_t persons = db_get_int(r, i, DISCLOSURE_DAY_PERSONS);
    return persons >= (o->least > 0 ? o->least : UNUSUAL_LEAST) &&
           (db_is_null(r, i, DISCLOSURE_DAY_USUAL) ||
            (double)persons > UNUSUAL_TIMES * db_get_float8(r, i, DISCLOSURE_DAY_USUAL));
}

static json_t *days_of(const struct disclosures_options *o, const struct db_rows *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        const bool stands_out = is_unusual(o, r, i);
        if (o->wants_unusual && !stands_out) {
            continue;
        }
        json_t *usual = db_is_null(r, i, DISCLOSURE_DAY_USUAL)
                            ? json_null()
                            : json_real(db_get_float8(r, i, DISCLOSURE_DAY_USUAL));
        (void)json_array_append_new(
            list, json_pack("{sssssssIsIsosb}", "day", db_get_text(r, i, DISCLOSURE_DAY), "reader",
                            db_get_text(r, i, DISCLOSURE_DAY_READER), "for",
                            db_get_text(r, i, DISCLOSURE_DAY_WHO), "readings",
                            (json_int_t)db_get_int(r, i, DISCLOSURE_DAY_READINGS), "persons",
                            (json_int_t)db_get_int(r, i, DISCLOSURE_DAY_PERSONS), "usual", usual,
                            "is_unusual", stands_out));
    }
    return list;
}

/* ---- forms */

static const char *const reading_names[] = {"at",   "reader", "for",     "customer",
                                            "case", "what",   "purpose", "outcome"};
static const char *const day_names[] = {"day",     "reader", "for",       "readings",
                                        "persons", "usual",  "is_unusual"};

static const char *text_of(const json_t *value, char ret[CLI_NAME_SIZE])
{
    if (json_is_string(value)) {
        return json_string_value(value);
    }
    ret[0] = '\0';
    if (json_is_integer(value)) {
        (void)snprintf(ret, CLI_NAME_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        (void)snprintf(ret, CLI_NAME_SIZE, "%.1f", json_real_value(value));
    } else if (json_is_boolean(value)) {
        (void)snprintf(ret, CLI_NAME_SIZE, "%s", json_is_true(value) ? "yes" : "no");
    }
    return ret;
}

/* Names of accounts and keys are not ours: a text that a sheet would take for a formula gets a
 * quote before it. */
static void put_cell(const char *text)
{
    (void)putchar('"');
    if (text[0] && strchr("=+-@\t\r", text[0])) {
        (void)putchar('\'');
    }
    for (const char *p = text; *p; p++) {
        (void)fputs(*p == '"' ? "\"" : "", stdout);
        (void)putchar(*p);
    }
    (void)putchar('"');
}

static void print_csv(const json_t *list, const char *const *names, size_t count)
{
    char text[CLI_NAME_SIZE];
    for (size_t k = 0; k < count; k++) {
        (void)printf("%s%s", k > 0 ? "," : "", names[k]);
    }
    (void)putchar('\n');
    for (size_t i = 0; i < json_array_size(list); i++) {
        for (size_t k = 0; k < count; k++) {
            (void)fputs(k > 0 ? "," : "", stdout);
            put_cell(text_of(json_object_get(json_array_get(list, i), names[k]), text));
        }
        (void)putchar('\n');
    }
}

static void print_table(const json_t *list, const char *const *names, size_t count)
{
    struct cli_table table = {.titles = names, .count = count};
    char text[CLI_NAME_SIZE];
    for (size_t i = 0; i < json_array_size(list); i++) {
        for (size_t k = 0; k < count; k++) {
            const char *cell = text_of(json_object_get(json_array_get(list, i), names[k]), text);
            cli_table_add(&table, "%s", cell[0] ? cell : "-");
        }
    }
    if (table.cell_count == 0) {
        (void)puts("nothing");
    }
    cli_table_print(&table, stdout);
}

static void show(const struct cli *cli, const struct disclosures_options *o, json_t *list,
                 bool is_days)
{
    const char *const *names = is_days ? day_names : reading_names;
    const size_t count = is_days ? ARRAY_LEN(day_names) : ARRAY_LEN(reading_names);
    if (cli->is_json) {
        cli_put_json(json_incref(list), stdout);
    } else if (o->is_csv) {
        print_csv(list, names, count);
    } else {
        print_table(list, names, count);
    }
}

/* ---- the question */

static int find_members(const struct cli *cli, const struct disclosures_options *o, struct db *db,
                        struct db_array *ret_members, struct err *err)
{
    int64_t number = 0;
    if (!o->customer) {
        return 0;
    }
    if (export_store_number(db, o->source ? o->source : cli->settings.source, o->customer, &number,
                            err) < 0) {
        return -1;
    }
    const struct db_rows *rows = export_store_members(db, number, err);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        db_array_add_int(ret_members, db_get_int(rows, i, 0));
    }
    return rows ? 0 : -1;
}

/* An enum cli_exit, or -1 with err. */
static int answer(const struct cli *cli, const struct disclosures_options *o, struct db *db,
                  const struct db_array *members, struct err *err)
{
    const bool is_days = o->wants_days || o->wants_unusual;
    const struct disclosure_filter filter = {
        .members = members,
        .since_us = o->since_us ? o->since_us : DB_NO_TIME,
        .who = o->by ? o->by : "",
        .limit = (int32_t)(o->limit > 0 ? o->limit : LIMIT_USUAL),
    };
    const struct db_rows *rows =
        is_days ? disclosure_store_days(db, &filter, err) : disclosure_store_list(db, &filter, err);
    if (!rows) {
        return -1;
    }
    json_t *list = is_days ? days_of(o, rows) : list_of(rows);
    const bool stands_out = o->wants_unusual && json_array_size(list) > 0;
    show(cli, o, list, is_days);
    json_decref(list);
    return stands_out ? CLI_REFUSED : CLI_OK;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct disclosures_options *o = options;
    struct operator_session session = {.db = NULL};
    struct db_array members;
    struct err err = ERR_NONE;
    int code = -1;

    (void)arguments;
    if (count > 0 || o->limit > LIMIT_MOST) {
        return cli_wrong_usage(cli, "only options, and at most %d lines", LIMIT_MOST);
    }
    db_array_init(&members, DB_INT8);
    if (operator_session_open(&session, cli, o->database, &err) == 0 &&
        find_members(cli, o, session.db, &members, &err) == 0) {
        code = answer(cli, o, session.db, &members, &err);
    }
    if (code < 0) {
        code = operator_session_failed(cli, &session, &err);
    }
    operator_session_close(&session);
    db_array_free(&members);
    return code;
}

const struct cli_command cli_disclosures = {
    .name = "disclosures",
    .summary = "who read whose personal data, when and why",
    .usage = "[--customer REF] [--since TIME] [--by NAME] [--json|--csv]\n"
             "--days|--unusual [--since TIME] [--by NAME] [--least N] [--json|--csv]",
    .description =
        "Every reading of what is sealed (names, numbers, addresses, texts), and every look at a\n"
        "source's own references: with which key, for whom (an account of the dashboard, a dialer, "
        "a\n"
        "login), about whom, what, for what purpose, and what came of it. The newest first.\n"
        "\n"
        "--days adds it up by day (UTC) and reader: how many readings, of how many persons.\n"
        "--unusual shows the days on which somebody read of at least 20 persons (--least) and of "
        "more\n"
        "than three times as many as on the days of the 28 before on which they read at all; who "
        "has\n"
        "no such days has nothing that is usual. Status 1 when there are any: for a timer.",
    .examples = "troth disclosures --customer W-17\n"
                "troth disclosures --by lisa --since 2026-11-01 --csv\n"
                "troth disclosures --unusual --since 2026-11-21\n",
    .options = options_table,
    .options_size = sizeof(struct disclosures_options),
    .run = run,
};
