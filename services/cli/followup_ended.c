/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_ended.h"

#include <stdio.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"
#include "services/cli/followup_explain_store.h"
#include "services/cli/followup_reasons.h"
#include "services/cli/operator_session.h"

static const char *state_of(int64_t state, char text[CLI_NAME_SIZE])
{
    return cli_enum_text(&troth__v1__follow_up_state__descriptor, (int)state, text);
}

static const char *number_of(enum identifier_kind kind, int64_t number,
                             char text[IDENTIFIER_TEXT_SIZE])
{
    return number ? identifier_format(kind, number, text) : "-";
}

static const char *time_of(const struct db_rows *r, size_t i, int column, char text[CLI_NAME_SIZE])
{
    return cli_time_text(!db_is_null(r, i, column), db_get_time(r, i, column), text);
}

/* ---- counts and rows: each cell once, as JSON or in a table */

static json_t *count_to_json(const struct db_rows *r, size_t i)
{
    char state[CLI_NAME_SIZE];
    char first[CLI_NAME_SIZE];
    char last[CLI_NAME_SIZE];
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s}", "state", state_of(db_get_int(r, i, ENDED_STATE), state),
        "reason", db_get_text(r, i, ENDED_REASON), "rule", db_get_text(r, i, ENDED_RULE), "count",
        (json_int_t)db_get_int(r, i, ENDED_COUNT), "first", time_of(r, i, ENDED_FIRST_AT, first),
        "last", time_of(r, i, ENDED_LAST_AT, last));
}

static json_t *row_to_json(const struct db_rows *r, size_t i)
{
    char number[IDENTIFIER_TEXT_SIZE];
    char customer[IDENTIFIER_TEXT_SIZE];
    char leader[IDENTIFIER_TEXT_SIZE];
    char state[CLI_NAME_SIZE];
    char due[CLI_NAME_SIZE];
    char ended[CLI_NAME_SIZE];
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "follow_up",
        number_of(IDENTIFIER_FOLLOW_UP, db_get_int(r, i, ENDED_ROW_NUMBER), number), "customer",
        number_of(IDENTIFIER_CUSTOMER, db_get_int(r, i, ENDED_ROW_CUSTOMER), customer), "rule",
        db_get_text(r, i, ENDED_ROW_RULE), "state",
        state_of(db_get_int(r, i, ENDED_ROW_STATE), state), "reason",
        db_get_text(r, i, ENDED_ROW_REASON), "due", time_of(r, i, ENDED_ROW_DUE_AT, due), "ended",
        time_of(r, i, ENDED_ROW_SETTLED_AT, ended), "merged_into",
        number_of(IDENTIFIER_FOLLOW_UP, db_get_int(r, i, ENDED_ROW_MERGED_INTO), leader));
}

static json_t *zoneless_to_json(const struct db_rows *r, size_t i)
{
    char number[IDENTIFIER_TEXT_SIZE];
    char customer[IDENTIFIER_TEXT_SIZE];
    char due[CLI_NAME_SIZE];
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "follow_up",
                     number_of(IDENTIFIER_FOLLOW_UP, db_get_int(r, i, ZONELESS_NUMBER), number),
                     "customer",
                     number_of(IDENTIFIER_CUSTOMER, db_get_int(r, i, ZONELESS_CUSTOMER), customer),
                     "branch", cli_text(db_get_text(r, i, ZONELESS_BRANCH)), "rule",
                     db_get_text(r, i, ZONELESS_RULE), "due", time_of(r, i, ZONELESS_DUE_AT, due),
                     "waits_for", cli_text(db_get_text(r, i, ZONELESS_REASON)));
}

static json_t *to_list(const struct db_rows *r, json_t *(*to_json)(const struct db_rows *, size_t))
{
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        (void)json_array_append_new(list, to_json(r, i));
    }
    return list;
}

static void print_list(const json_t *list, const char *const *titles, size_t count,
                       const char *none)
{
    struct cli_table table = {.titles = titles, .count = count};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *key;
        json_t *value;
        json_object_foreach(json_array_get(list, i), key, value)
        {
            if (json_is_integer(value)) {
                cli_table_add(&table, "%lld", (long long)json_integer_value(value));
            } else {
                cli_table_add(&table, "%s", json_string_value(value));
            }
        }
    }
    if (table.cell_count == 0) {
        (void)puts(none);
    }
    cli_table_print(&table, stdout);
}

static void print_words(const json_t *counts)
{
    for (size_t i = 0; i < json_array_size(counts); i++) {
        const char *reason =
            json_string_value(json_object_get(json_array_get(counts, i), "reason"));
        bool is_said = false;
        for (size_t k = 0; k < i; k++) {
            is_said |= json_equal(json_object_get(json_array_get(counts, k), "reason"),
                                  json_object_get(json_array_get(counts, i), "reason")) != 0;
        }
        if (!is_said && followup_reason_words(reason)[0]) {
            (void)printf("%s: %s\n", reason, followup_reason_words(reason));
        }
    }
}

static void print_ended(const json_t *counts, const json_t *rows)
{
    static const char *const count_titles[] = {"state",  "reason", "rule",
                                               ">count", "first",  "last"};
    static const char *const row_titles[] = {"follow-up", "customer", "rule",  "state",
                                             "reason",    "due",      "ended", "covered by"};
    print_list(counts, count_titles, ARRAY_LEN(count_titles), "None ended so.");
    if (json_array_size(counts) > 0) {
        (void)puts("");
        print_words(counts);
        (void)puts("");
        print_list(rows, row_titles, ARRAY_LEN(row_titles), "");
    }
}

/* ---- asking */

static const struct db_reply *answer(struct operator_session *s, struct err *err)
{
    const struct db_reply *reply = db_run_wait(s->db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply;
}

int followup_ended(const struct cli *cli, const char *database,
                   const Troth__V1__FollowUpState *states, size_t count, int64_t limit)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    struct db_array array;
    const struct db_reply *reply = NULL;
    int code = CLI_OK;
    db_array_init(&array, DB_INT2);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&array, states[i]);
    }
    if (operator_session_open(&session, cli, database, &err) == 0) {
        followup_explain_store_ask_ended(session.db, &array, (int32_t)limit);
        reply = answer(&session, &err);
    }
    if (!reply) {
        code = operator_session_failed(cli, &session, &err);
    } else {
        json_t *counts = to_list(reply->rows[0], count_to_json);
        json_t *rows = to_list(reply->rows[1], row_to_json);
        if (cli->is_json) {
            cli_put_json(json_pack("{s:O, s:O}", "counts", counts, "newest", rows), stdout);
        } else {
            print_ended(counts, rows);
        }
        json_decref(counts);
        json_decref(rows);
    }
    operator_session_close(&session);
    db_array_free(&array);
    return code;
}

int followup_zoneless(const struct cli *cli, const char *database, int64_t limit)
{
    static const char *const titles[] = {"follow-up", "customer", "branch",
                                         "rule",      "due",      "waits for"};
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    const struct db_reply *reply = NULL;
    int code = CLI_OK;
    if (operator_session_open(&session, cli, database, &err) == 0) {
        followup_explain_store_ask_zoneless(session.db, (int32_t)limit);
        reply = answer(&session, &err);
    }
    if (!reply) {
        code = operator_session_failed(cli, &session, &err);
    } else {
        json_t *rows = to_list(reply->rows[0], zoneless_to_json);
        if (cli->is_json) {
            cli_put_json(json_incref(rows), stdout);
        } else {
            print_list(rows, titles, ARRAY_LEN(titles), "The zone of every customer is known.");
        }
        json_decref(rows);
    }
    operator_session_close(&session);
    return code;
}
