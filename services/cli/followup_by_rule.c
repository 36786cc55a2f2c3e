/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_by_rule.h"

#include <inttypes.h>
#include <stdio.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "event.pb-c.h"
#include "services/cli/cli_table.h"
#include "services/cli/followup_by_rule_store.h"
#include "services/cli/followup_reasons.h"
#include "services/cli/operator_session.h"

#define FIRST_COUNT 2 /* after trigger and rule */

static const char *const rule_titles[] = {
    "trigger", "rule",        ">planned", ">deferred", ">called", ">reached", ">sent",
    ">merged", ">suppressed", ">missed",  ">failed",   ">listed", ">open"};

static const char *title_of(size_t column)
{
    return rule_titles[column] + (rule_titles[column][0] == '>' ? 1 : 0);
}

static const char *trigger_of(const struct db_rows *r, size_t row, char text[CLI_NAME_SIZE])
{
    return cli_enum_text(&troth__v1__follow_up_trigger__descriptor, (int)db_get_int(r, row, 0),
                         text);
}

/* What is planned and has a reason was deferred because of it. */
static const char *state_of(const struct db_rows *r, size_t row, char text[CLI_NAME_SIZE])
{
    int state = (int)db_get_int(r, row, 0);
    return state == 1 ? "deferred"
                      : cli_enum_text(&troth__v1__follow_up_state__descriptor, state, text);
}

static json_t *rules_to_json(const struct db_rows *r)
{
    char text[CLI_NAME_SIZE];
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        json_t *row = json_pack("{s:s, s:s}", "trigger", trigger_of(r, i, text), "rule",
                                db_get_text(r, i, 1));
        for (size_t c = FIRST_COUNT; c < ARRAY_LEN(rule_titles); c++) {
            (void)json_object_set_new(row, title_of(c), json_integer(db_get_int(r, i, (int)c)));
        }
        (void)json_array_append_new(list, row);
    }
    return list;
}

static json_t *reasons_to_json(const struct db_rows *r)
{
    char text[CLI_NAME_SIZE];
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:I}", "state", state_of(r, i, text), "reason",
                            db_get_text(r, i, 1), "count", (json_int_t)db_get_int(r, i, 2)));
    }
    return list;
}

static void print_rules(const struct db_rows *r)
{
    char text[CLI_NAME_SIZE];
    struct cli_table table = {.titles = rule_titles, .count = ARRAY_LEN(rule_titles)};
    for (size_t i = 0; i < db_row_count(r); i++) {
        cli_table_add(&table, "%s", trigger_of(r, i, text));
        cli_table_add(&table, "%s", db_get_text(r, i, 1));
        for (size_t c = FIRST_COUNT; c < ARRAY_LEN(rule_titles); c++) {
            cli_table_add(&table, "%" PRId64, db_get_int(r, i, (int)c));
        }
    }
    cli_table_print(&table, stdout);
}

static void print_reasons(const struct db_rows *r)
{
    static const char *const titles[] = {"state", "reason", ">count", "in words"};
    char text[CLI_NAME_SIZE];
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    for (size_t i = 0; i < db_row_count(r); i++) {
        cli_table_add(&table, "%s", state_of(r, i, text));
        cli_table_add(&table, "%s", db_get_text(r, i, 1));
        cli_table_add(&table, "%" PRId64, db_get_int(r, i, 2));
        cli_table_add(&table, "%s", followup_reason_words(db_get_text(r, i, 1)));
    }
    cli_table_print(&table, stdout);
}

static void print(const struct cli *cli, const struct db_rows *rules, const struct db_rows *reasons)
{
    if (cli->is_json) {
        cli_put_json(json_pack("{s:o, s:o}", "rules", rules_to_json(rules), "reasons",
                               reasons_to_json(reasons)),
                     stdout);
    } else if (db_row_count(rules) == 0) {
        (void)puts("No follow-ups.");
    } else {
        print_rules(rules);
        (void)puts("");
        print_reasons(reasons);
    }
}

int followup_by_rule(const struct cli *cli, const char *database)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    int code = CLI_OK;
    if (operator_session_open(&session, cli, database, &err) == 0) {
        followup_by_rule_store_put(session.db);
        const struct db_reply *reply = db_run_wait(session.db);
        if (reply->outcome == DB_OK) {
            print(cli, reply->rows[0], reply->rows[1]);
        } else {
            err = reply->err;
        }
    }
    if (err.code[0] != '\0') {
        code = operator_session_failed(cli, &session, &err);
    }
    operator_session_close(&session);
    return code;
}
