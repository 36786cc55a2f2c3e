/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_moves.h"

#include <stdio.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "common/base/instant.h"
#include "common/base/zone.h"
#include "common/domain/identifier.h"
#include "event.pb-c.h"
#include "services/cli/cli_table.h"
#include "services/cli/followup_moves_store.h"
#include "services/cli/operator_session.h"

struct listing {
    struct cli_table table;
    json_t *rows; /* NULL: for people */
};

/* "2031-07-01 09:00", as it is on the wall; "-" without one. */
static const char *wall_clock(const struct followup_move *m, char ret_text[CLI_NAME_SIZE])
{
    struct civil_time t;

    if (m->local_due_us == DB_NO_TIME) {
        return "-";
    }
    zone_from_instant(NULL, m->local_due_us, &t);
    (void)snprintf(ret_text, CLI_NAME_SIZE, "%04d-%02d-%02d %02d:%02d", t.date.year, t.date.month,
                   t.date.day, t.hour, t.minute);
    return ret_text;
}

static void add_json(json_t *rows, const struct followup_move *m)
{
    char number[IDENTIFIER_TEXT_SIZE];
    char local[CLI_NAME_SIZE];
    char due[INSTANT_TEXT_SIZE];
    char at[INSTANT_TEXT_SIZE];
    char state[CLI_NAME_SIZE];

    (void)json_array_append_new(
        rows,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "follow_up",
                  identifier_format(IDENTIFIER_FOLLOW_UP, m->number, number), "rule", m->rule,
                  "state", cli_enum_text(&troth__v1__follow_up_state__descriptor, m->state, state),
                  "local_due", wall_clock(m, local), "zone", m->zone, "due",
                  instant_format(m->due_us, due), "reason", m->reason, "moved_at",
                  instant_format(m->moved_us, at)));
}

static void add(void *ctx, const struct followup_move *m)
{
    struct listing *l = ctx;
    char text[CLI_NAME_SIZE];

    if (l->rows) {
        add_json(l->rows, m);
        return;
    }
    cli_table_add(
        &l->table, "%s",
        identifier_format(IDENTIFIER_FOLLOW_UP, m->number, (char[IDENTIFIER_TEXT_SIZE]){""}));
    cli_table_add(&l->table, "%s", m->rule);
    cli_table_add(&l->table, "%s",
                  cli_enum_text(&troth__v1__follow_up_state__descriptor, m->state, text));
    cli_table_add(&l->table, "%s", wall_clock(m, text));
    cli_table_add(&l->table, "%s", cli_text(m->zone));
    cli_table_add(&l->table, "%s", cli_time_text(1, m->due_us, text));
    cli_table_add(&l->table, "%s", m->reason);
    cli_table_add(&l->table, "%s", cli_time_text(1, m->moved_us, text));
}

static void print(const struct cli *cli, struct listing *l)
{
    if (cli->is_json) {
        cli_put_json(l->rows, stdout);
    } else if (l->table.cell_count == 0) {
        (void)puts("No follow-up was moved by new time zone data.");
    } else {
        cli_table_print(&l->table, stdout);
    }
}

int followup_moves(const struct cli *cli, const char *database, int64_t limit)
{
    static const char *const titles[] = {"follow-up", "rule",    "state", "local time",
                                         "zone",      "now due", "why",   "moved at"};
    struct operator_session session = {.db = NULL};
    struct listing l = {
        .table = {.titles = titles, .count = ARRAY_LEN(titles)},
        .rows = cli->is_json ? json_array() : NULL
    };
    struct err err = ERR_NONE;
    int code = CLI_OK;

    if (operator_session_open(&session, cli, database, &err) < 0 ||
        followup_moves_store_read(session.db, (int32_t)limit, add, &l, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
        json_decref(l.rows);
    } else {
        print(cli, &l);
    }
    operator_session_close(&session);
    return code;
}
