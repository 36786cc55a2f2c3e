/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_read_store.h"

#include "common/base/text.h"
#include "services/intake/intake_read_rows.h"
#include "services/intake/intake_rows.h"

/* ---- whose next step is due */

static const struct db_query promise_read_due = {
    "promise_read_due",
    "SELECT " CASE_COLUMNS ", NULL::int2, NULL::bytea, " PAUSE_COLUMNS
    "  FROM (SELECT * FROM intake.promise"
    "         WHERE bucket = ANY ($1::int2[]) AND next_step_at <= $2 LIMIT $3) AS p"
    "  JOIN intake.service_case AS c ON (c.bucket, c.number) = (p.bucket, p.case_number)"
    "  LEFT JOIN intake.case_event AS e ON (e.bucket, e.case_number) = (c.bucket, c.number)"
    "       AND (e.from_state = 3 OR e.to_state = 3) AND NOT e.is_void"
    " ORDER BY p.number, e.case_version",
    DB_ROWS};

enum {
    STEP_PAUSE = CASE_WRAPPED_KEY + 1 /* the first of PAUSE_COLUMNS */
};

void promise_read_steps(struct db *db, const int16_t *buckets, size_t bucket_count, int64_t now_us,
                        int64_t limit, struct intake_reads *ret_reads)
{
    struct db_params p = {0};
    struct db_array list;
    db_array_init(&list, DB_INT2);
    for (size_t i = 0; i < bucket_count; i++) {
        db_array_add_int(&list, buckets[i]);
    }
    db_put_array(&p, &list);
    db_put_time(&p, now_us);
    db_put_int8(&p, limit);
    *ret_reads = intake_read_nothing();
    db_query(db, &promise_read_due, &p);
    ret_reads->steps = ret_reads->next++;
    db_array_free(&list);
    db_params_free(&p);
}

/* One row for each pause of the case, with the promise and the case each time. */
void promise_read_load_steps(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        (void)intake_read_case(rows, i, w);
        if (!db_is_null(rows, i, STEP_PAUSE)) {
            intake_read_pause(rows, i, STEP_PAUSE, w);
        }
    }
}

/* The rows of one promise follow each other. */
size_t promise_read_count(const struct db_rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < db_row_count(rows); i++) {
        count += i == 0 ||
                 db_get_int(rows, i, PROMISE_NUMBER) != db_get_int(rows, i - 1, PROMISE_NUMBER);
    }
    return count;
}

/* ---- who renegotiates */

static const struct db_query promise_read_staff = {
    "promise_read_staff",
    "SELECT s.source_id, s.staff, s.team"
    "  FROM unnest($1::int4[], $2::text[]) AS u (source_id, staff)"
    "  JOIN intake.staff AS s ON (s.source_id, s.staff) = (u.source_id, u.staff)"
    " WHERE s.team IS NOT NULL",
    DB_ROWS};

static const char *renegotiator(const struct intake_record *r)
{
    const Troth__V1__PromiseUpdate *u = r->message->promise_update;
    return r->message->body_case == TROTH__V1__RECORD__BODY_PROMISE_UPDATE &&
                   u->action == TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_RENEGOTIATED &&
                   !text_is_empty(u->staff)
               ? u->staff
               : NULL;
}

void promise_read_ask_staff(struct db *db, struct intake_record *const *records, size_t count,
                            struct intake_reads *reads)
{
    ROWS(rows, DB_INT4, DB_TEXT);
    for (size_t i = 0; i < count; i++) {
        const char *staff = renegotiator(records[i]);
        if (staff) {
            put_int(&rows, records[i]->request->sender.source_id);
            put_text(&rows, staff);
        }
    }
    if (rows_send(&rows, db, &promise_read_staff) > 0) {
        reads->staff = reads->next++;
    }
}

void promise_read_load_staff(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_team *team = work_append(w, &w->teams, sizeof(*team));
        team->source_id = (int32_t)db_get_int(rows, i, 0);
        team->staff = db_get_text(rows, i, 1);
        team->team = db_get_text(rows, i, 2);
    }
}
