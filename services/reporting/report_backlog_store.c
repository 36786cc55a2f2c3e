/* SPDX-License-Identifier: Apache-2.0 */
/* report_backlog_store.c - leases are no backlog: who works on what does not matter, only whether
 * it is done. */
#include "services/reporting/report_backlog_store.h"

#include "common/base/xalloc.h"
#include "services/reporting/report_store.h"

/* A consumer and the services whose events it reads. */
#define EVENTS(consumer, services)                                                                 \
    "SELECT 'events/" consumer "', " REPORT_STORE_BEHIND("'" consumer "'", services) " UNION ALL "

/* The formatter would run the lines together. */
/* clang-format off */
static const struct db_query waiting = {
    .name = "report_waiting",
    .sql = EVENTS("followup", "'intake'")
           EVENTS("loyalty", "'intake'")
           EVENTS("reporting", "'intake', 'followup', 'loyalty'")
           "SELECT 'promise_steps_due', count(*) FROM intake.promise_public AS p"
           " WHERE p.next_step_at <= log.now()"
           " UNION ALL SELECT b.name, b.count FROM followup.backlog AS b",
    .shape = DB_ROWS,
};
/* clang-format on */

static const struct db_query now = {
    .name = "report_now",
    .sql = "SELECT log.now()",
    .shape = DB_ONE,
};

void report_backlog_store_ask(struct db *db)
{
    report_store_begin(db);
    db_query(db, &waiting, NULL);
    db_query(db, &now, NULL);
    db_commit(db);
}

Troth__V1__Backlog *report_backlog_store_take(const struct db_reply *reply)
{
    const struct db_rows *rows = reply->rows[REPORT_STORE_FIRST];
    Troth__V1__Backlog *view = xcalloc(1, sizeof(*view));

    troth__v1__backlog__init(view);
    view->entries = xcalloc(db_row_count(rows) + 1, sizeof(void *));
    for (size_t row = 0; row < db_row_count(rows); row++) {
        Troth__V1__BacklogEntry *entry = xcalloc(1, sizeof(*entry));
        troth__v1__backlog_entry__init(entry);
        entry->name = xstrdup(db_get_text(rows, row, 0));
        entry->has_count = true;
        entry->count = db_get_int(rows, row, 1);
        view->entries[view->n_entries++] = entry;
    }
    view->has_now_us = true;
    view->now_us = db_get_time(reply->rows[REPORT_STORE_FIRST + 1], 0, 0);
    return view;
}
