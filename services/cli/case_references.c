/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/case_references.h"

#include <inttypes.h>
#include <stdio.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"
#include "services/cli/operator_session.h"
#include "services/cli/reference_store.h"

#define COUNT_USUAL 1000

static const char *number_text(const struct db_rows *rows, size_t i, char ret[IDENTIFIER_TEXT_SIZE])
{
    return identifier_format(IDENTIFIER_CASE, db_get_int(rows, i, REFERENCE_CASE), ret);
}

static const char *text_at(const struct db_rows *rows, size_t i, int column)
{
    return db_is_null(rows, i, column) ? NULL : db_get_text(rows, i, column);
}

static void print(const struct db_rows *rows)
{
    static const char *const titles[] = {"CASE",  "CATEGORY", "PRODUCT", "RESOLVED",
                                         ">USED", ">HELPED",  ">SUCCESS"};
    struct cli_table table = {.titles = titles, .count = 7};

    for (size_t i = 0; i < db_row_count(rows); i++) {
        char number[IDENTIFIER_TEXT_SIZE], time[CLI_NAME_SIZE];
        int64_t used = db_get_int(rows, i, REFERENCE_TIMES_USED);
        int64_t helped = db_get_int(rows, i, REFERENCE_TIMES_SUCCEEDED);

        cli_table_add(&table, "%s", number_text(rows, i, number));
        cli_table_add(&table, "%s", cli_text(text_at(rows, i, REFERENCE_CATEGORY)));
        cli_table_add(&table, "%s", cli_text(text_at(rows, i, REFERENCE_PRODUCT)));
        cli_table_add(&table, "%s",
                      cli_time_text(!db_is_null(rows, i, REFERENCE_RESOLVED_AT),
                                    db_get_time(rows, i, REFERENCE_RESOLVED_AT), time));
        cli_table_add(&table, "%" PRId64, used);
        cli_table_add(&table, "%" PRId64, helped);
        if (used > 0) {
            cli_table_add(&table, "%.0f %%", 100.0 * (double)helped / (double)used);
        } else {
            cli_table_add(&table, "-");
        }
    }
    if (db_row_count(rows) == 0) {
        (void)puts("No answer is marked as a reference.");
    }
    cli_table_print(&table, stdout);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *json_of(const struct db_rows *rows, size_t i)
{
    char number[IDENTIFIER_TEXT_SIZE], time[INSTANT_TEXT_SIZE];
    bool is_resolved = !db_is_null(rows, i, REFERENCE_RESOLVED_AT);

    return json_pack(
        "{s:s, s:o, s:o, s:o, s:I, s:I}", "case_number", number_text(rows, i, number), "category",
        text_or_null(text_at(rows, i, REFERENCE_CATEGORY)), "product",
        text_or_null(text_at(rows, i, REFERENCE_PRODUCT)), "resolved",
        text_or_null(is_resolved ? instant_format(db_get_time(rows, i, REFERENCE_RESOLVED_AT), time)
                                 : NULL),
        "times_used", (json_int_t)db_get_int(rows, i, REFERENCE_TIMES_USED), "times_succeeded",
        (json_int_t)db_get_int(rows, i, REFERENCE_TIMES_SUCCEEDED));
}

static void print_json(const struct db_rows *rows)
{
    json_t *list = json_array();

    for (size_t i = 0; i < db_row_count(rows); i++) {
        json_array_append_new(list, json_of(rows, i));
    }
    (void)json_dumpf(list, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
    json_decref(list);
}

int case_references(struct cli *cli, const char *database, int64_t count)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    int code;

    if (operator_session_open(&session, cli, database, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
        operator_session_close(&session);
        return code;
    }
    reference_store_list(session.db, count > 0 ? count : COUNT_USUAL);
    const struct db_reply *reply = db_run_wait(session.db);
    if (reply->outcome != DB_OK) {
        err = reply->err;
        code = operator_session_failed(cli, &session, &err);
    } else {
        if (cli->is_json) {
            print_json(reply->rows[0]);
        } else {
            print(reply->rows[0]);
        }
        code = CLI_OK;
    }
    operator_session_close(&session);
    return code;
}
