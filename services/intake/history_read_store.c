/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/history_read_store.h"

#include "services/intake/case_history.h"
#include "services/intake/intake_read_rows.h"

#define OF_CASES " FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"
#define CONTACT                                                                                    \
    "k.case_number, k.number, coalesce(k.case_version, 0), k.occurred_at,"                         \
    " k.received_at, k.source_id, k.is_void, k.kind, k.channel, k.origin,"                         \
    " k.is_historical, k.is_thanks"

const struct db_query history_read_contacts = {
    "history_read_contacts",
    "SELECT " CONTACT OF_CASES
    "  JOIN intake.service_case AS c ON (c.bucket, c.number) = (u.bucket, u.number)"
    "  JOIN intake.contact AS k ON (k.bucket, k.number) = (c.bucket, c.opened_by)"
    " UNION ALL SELECT " CONTACT OF_CASES
    "  JOIN intake.contact AS k ON (k.bucket, k.case_number) = (u.bucket, u.number)"
    "       AND k.case_version IS NOT NULL"
    " ORDER BY 1, 3", /* so that each has its place next to the one before: case_history.h */
    DB_ROWS};

const struct db_query history_read_case_events = {
    "history_read_case_events",
    "SELECT k.case_number, k.number, k.case_version, k.occurred_at, k.received_at, k.source_id,"
    "       k.is_void, k.contact_number, k.action, k.from_state, k.to_state, k.named_case,"
    "       k.standard_id" OF_CASES
    "  JOIN intake.case_event AS k ON (k.bucket, k.case_number) = (u.bucket, u.number)"
    " ORDER BY 1, 3",
    DB_ROWS};

const struct db_query history_read_promise_events = {
    "history_read_promise_events",
    "SELECT k.case_number, k.number, k.case_version, k.occurred_at, k.received_at, k.source_id,"
    "       k.is_void, k.promise_number, k.action, k.cause" OF_CASES
    "  JOIN intake.promise AS p ON (p.bucket, p.case_number) = (u.bucket, u.number)"
    "  JOIN intake.promise_event AS k ON (k.bucket, k.promise_number) = (p.bucket, p.number)"
    " ORDER BY 1, 3",
    DB_ROWS};

const struct db_query history_read_compensations = {
    "history_read_compensations",
    "SELECT k.case_number, k.promise_number, k.customer_number, k.kind, k.amount_minor,"
    "       k.currency, k.source_id, k.occurred_at, k.is_void" OF_CASES
    "  JOIN intake.promise AS p ON (p.bucket, p.case_number) = (u.bucket, u.number)"
    "  JOIN intake.compensation AS k ON (k.bucket, k.promise_number) = (p.bucket, p.number)",
    DB_ROWS};

/* ---- loading */

static struct case_entry *load_entry(const struct db_rows *rows, size_t i, struct intake_work *w,
                                     struct work_case *c, enum case_entry_kind kind)
{
    struct case_entry *e =
        case_history_add(w, c, kind, db_get_int(rows, i, 1), db_get_int(rows, i, 2));
    if (e) {
        e->occurred_us = db_get_time(rows, i, 3);
        e->received_us = db_get_time(rows, i, 4);
        e->source_id = (int32_t)db_get_int(rows, i, 5);
        e->is_void = db_get_bool(rows, i, 6);
    }
    return e;
}

void history_read_load_contacts(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_case *c = work_find_case(w, db_get_int(rows, i, 0));
        struct case_entry *e = c ? load_entry(rows, i, w, c, CASE_ENTRY_CONTACT) : NULL;
        if (e) {
            e->contact_kind = (Troth__V1__ContactKind)db_get_int(rows, i, 7);
            e->channel = intake_read_text(rows, i, 8);
            e->origin = (Troth__V1__ContactOrigin)db_get_int(rows, i, 9);
            e->is_historical = db_get_bool(rows, i, 10);
            e->is_thanks = db_get_bool(rows, i, 11);
        }
    }
}

void history_read_load_case_events(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_case *c = work_find_case(w, db_get_int(rows, i, 0));
        int64_t contact = db_get_int(rows, i, 7);
        struct case_entry *e = NULL;
        if (c && contact) {
            e = case_history_find(c, CASE_ENTRY_CONTACT, contact);
        } else if (c) {
            e = load_entry(rows, i, w, c, CASE_ENTRY_UPDATE);
        }
        if (e && !e->move.number) {
            e->move = (struct case_move){
                .number = db_get_int(rows, i, 1),
                .version = db_get_int(rows, i, 2),
                .action = (Troth__V1__CaseAction)db_get_int(rows, i, 8),
                .from = (Troth__V1__CaseState)db_get_int(rows, i, 9),
                .to = (Troth__V1__CaseState)db_get_int(rows, i, 10),
                .named_case = db_get_int(rows, i, 11),
                .standard_id = (int32_t)db_get_int(rows, i, 12),
                .is_void = db_get_bool(rows, i, 6),
            };
        }
    }
}

void history_read_load_promise_events(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_case *c = work_find_case(w, db_get_int(rows, i, 0));
        struct case_entry *e = c ? load_entry(rows, i, w, c, CASE_ENTRY_PROMISE) : NULL;
        if (e) {
            e->promise = db_get_int(rows, i, 7);
            e->action = (Troth__V1__PromiseAction)db_get_int(rows, i, 8);
            e->cause = (int)db_get_int(rows, i, 9);
        }
    }
}

void history_read_load_compensations(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_case *c = work_find_case(w, db_get_int(rows, i, 0));
        const struct work_compensation row = {
            .service_case = db_get_int(rows, i, 0),
            .promise = db_get_int(rows, i, 1),
            .customer = db_get_int(rows, i, 2),
            .kind = (Troth__V1__CompensationKind)db_get_int(rows, i, 3),
            .has_amount = !db_is_null(rows, i, 4),
            .amount_minor = db_get_int(rows, i, 4),
            .currency = intake_read_text(rows, i, 5),
            .source_id = (int32_t)db_get_int(rows, i, 6),
            .occurred_us = db_get_time(rows, i, 7),
        };
        if (c) {
            case_history_add_amends(w, c, &row, db_get_bool(rows, i, 8));
        }
    }
}
