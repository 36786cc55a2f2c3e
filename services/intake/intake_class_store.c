/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_class_store.h"

#include "services/intake/case_history.h"
#include "services/intake/intake_read_rows.h"
#include "services/intake/intake_rows.h"

/* ---- writing */

static const struct db_query intake_class_classes = {
    "intake_class_classes",
    "INSERT INTO intake.case_class (bucket, number, case_number, kind, category, priority,"
    "       kind_before, category_before, category_by_before, asked_priority_before,"
    "       priority_before, owner_team_before, rule_before, standard_id_before,"
    "       kind_after, category_after, category_by_after, asked_priority_after,"
    "       priority_after, owner_team_after, rule_after, standard_id_after)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int2[]),"
    "      unnest($5::text[]), unnest($6::int2[]), unnest($7::int2[]), unnest($8::text[]),"
    "      unnest($9::int2[]), unnest($10::int2[]), unnest($11::int2[]), unnest($12::text[]),"
    "      unnest($13::text[]), unnest($14::int4[]), unnest($15::int2[]), unnest($16::text[]),"
    "      unnest($17::int2[]), unnest($18::int2[]), unnest($19::int2[]), unnest($20::text[]),"
    "      unnest($21::text[]), unnest($22::int4[])",
    DB_NONE};

#define CLASS_TYPES DB_INT2, DB_TEXT, DB_INT2, DB_INT2, DB_INT2, DB_TEXT, DB_TEXT, DB_INT4

static void put_class(struct rows *rows, const struct work_class *class)
{
    put_int(rows, (int64_t) class->kind);
    put_optional(rows, class->category);
    put_int(rows, class->category_by);
    put_number(rows, class->asked_priority);
    put_int(rows, class->priority);
    put_optional(rows, class->owner_team);
    put_text(rows, class->rule);
    put_int(rows, class->standard_id);
}

static size_t write_classes(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, DB_INT8, DB_INT2, DB_TEXT, DB_INT2, CLASS_TYPES, CLASS_TYPES);
    WORK_EACH(const struct work_case_class, said, &w->case_classes)
    {
        put_key(&rows, said->number);
        put_int(&rows, said->service_case);
        put_number(&rows, (int64_t)said->kind);
        put_optional(&rows, said->category);
        put_number(&rows, said->priority);
        put_class(&rows, &said->before);
        put_class(&rows, &said->after);
    }
    return rows_send(&rows, db, &intake_class_classes);
}

#define INSERT_FIRST_TERMS                                                                         \
    "INSERT INTO intake.promise_first_terms AS k (bucket, promise_number, standard_id, rule,"      \
    "       target_us)"                                                                            \
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int4[]), unnest($4::text[]),"      \
    "      unnest($5::int8[])"                                                                     \
    " ON CONFLICT (bucket, promise_number) DO "

/* The first ones that were kept stay. */
static const struct db_query intake_class_first_terms = {"intake_class_first_terms",
                                                         INSERT_FIRST_TERMS "NOTHING", DB_NONE};
/* Until they are derived anew. */
static const struct db_query intake_class_derived_terms = {
    "intake_class_derived_terms",
    INSERT_FIRST_TERMS "UPDATE SET standard_id = excluded.standard_id, rule = excluded.rule,"
                       "           target_us = excluded.target_us",
    DB_NONE};

/* A later one of the same promise, in the same work, replaces it. */
static bool is_replaced(const struct work_first_terms *first)
{
    const struct work_first_terms *later = first->next;
    while (later && !(later->is_derived && later->promise == first->promise)) {
        later = later->next;
    }
    return later != NULL;
}

static size_t write_first_terms(struct db *db, const struct intake_work *w)
{
    ROWS(firsts, DB_INT2, DB_INT8, DB_INT4, DB_TEXT, DB_INT8);
    ROWS(derived, DB_INT2, DB_INT8, DB_INT4, DB_TEXT, DB_INT8);
    WORK_EACH(const struct work_first_terms, first, &w->first_terms)
    {
        struct rows *rows = first->is_derived ? &derived : &firsts;
        if (!is_replaced(first)) {
            put_key(rows, first->promise);
            put_int(rows, first->standard_id);
            put_text(rows, first->rule);
            put_int(rows, first->target_us);
        }
    }
    return rows_send(&firsts, db, &intake_class_first_terms) +
           rows_send(&derived, db, &intake_class_derived_terms);
}

size_t intake_class_queue(struct db *db, const struct intake_work *w)
{
    size_t count = write_classes(db, w);
    count += write_first_terms(db, w);
    return count;
}

static const struct db_query intake_class_changes = {
    "intake_class_changes",
    "UPDATE intake.case_class AS k"
    "   SET kind_after = u.kind, category_after = u.category, category_by_after = u.category_by,"
    "       asked_priority_after = u.asked_priority, priority_after = u.priority,"
    "       owner_team_after = u.owner_team, rule_after = u.rule,"
    "       standard_id_after = u.standard_id"
    "  FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::text[], $5::int2[], $6::int2[],"
    "              $7::int2[], $8::text[], $9::text[], $10::int4[])"
    "       AS u (bucket, number, kind, category, category_by, asked_priority, priority,"
    "             owner_team, rule, standard_id)"
    " WHERE (k.bucket, k.number) = (u.bucket, u.number)",
    DB_NONE};

size_t intake_class_queue_changes(struct db *db, const struct intake_work *w)
{
    ROWS(rows, DB_INT2, DB_INT8, CLASS_TYPES);
    WORK_EACH(const struct work_case, c, &w->cases)
    {
        const struct case_entry *e = c->history ? c->history->first : NULL;
        for (; e; e = e->next) {
            if (e->move.class && e->move.class->is_changed) {
                put_key(&rows, e->move.class->number);
                put_class(&rows, &e->move.class->after);
            }
        }
    }
    return rows_send(&rows, db, &intake_class_changes);
}

/* ---- reading */

const struct db_query intake_class_read_classes = {
    "intake_class_read_classes",
    "SELECT k.case_number, k.number, k.kind, k.category, k.priority,"
    "       k.kind_before, k.category_before, k.category_by_before, k.asked_priority_before,"
    "       k.priority_before, k.owner_team_before, k.rule_before, k.standard_id_before,"
    "       k.kind_after, k.category_after, k.category_by_after, k.asked_priority_after,"
    "       k.priority_after, k.owner_team_after, k.rule_after, k.standard_id_after"
    "  FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"
    "  JOIN intake.case_class AS k ON (k.bucket, k.case_number) = (u.bucket, u.number)",
    DB_ROWS};
enum {
    SAID_CASE,
    SAID_NUMBER,
    SAID_KIND,
    SAID_CATEGORY,
    SAID_PRIORITY,
    SAID_BEFORE,
    CLASS_COLUMNS = 8, /* of before, and of after */
    SAID_AFTER = SAID_BEFORE + CLASS_COLUMNS,
};

const struct db_query intake_class_read_first_terms = {
    "intake_class_read_first_terms",
    "SELECT p.case_number, k.promise_number, k.standard_id, k.rule, k.target_us"
    "  FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"
    "  JOIN intake.promise AS p ON (p.bucket, p.case_number) = (u.bucket, u.number)"
    "  JOIN intake.promise_first_terms AS k"
    "       ON (k.bucket, k.promise_number) = (p.bucket, p.number)",
    DB_ROWS};

static struct work_class load_class(const struct db_rows *rows, size_t i, int column)
{
    return (struct work_class){
        .kind = (Troth__V1__ContactKind)db_get_int(rows, i, column),
        .category = intake_read_text(rows, i, column + 1),
        .category_by = (int)db_get_int(rows, i, column + 2),
        .asked_priority = (int)db_get_int(rows, i, column + 3),
        .priority = (int)db_get_int(rows, i, column + 4),
        .owner_team = intake_read_text(rows, i, column + 5),
        .rule = intake_read_text(rows, i, column + 6),
        .standard_id = (int32_t)db_get_int(rows, i, column + 7),
    };
}

void intake_class_load_classes(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const struct work_case *c = work_find_case(w, db_get_int(rows, i, SAID_CASE));
        struct case_entry *e =
            c ? case_history_find(c, CASE_ENTRY_UPDATE, db_get_int(rows, i, SAID_NUMBER)) : NULL;
        if (e && !e->move.class) {
            struct work_case_class *said = work_alloc(w, sizeof(*said));
            said->number = e->number;
            said->service_case = c->number;
            said->kind = (Troth__V1__ContactKind)db_get_int(rows, i, SAID_KIND);
            said->category = intake_read_text(rows, i, SAID_CATEGORY);
            said->priority = (int)db_get_int(rows, i, SAID_PRIORITY);
            said->before = load_class(rows, i, SAID_BEFORE);
            said->after = load_class(rows, i, SAID_AFTER);
            e->move.class = said;
        }
    }
}

void intake_class_load_first_terms(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_case *c = work_find_case(w, db_get_int(rows, i, 0));
        const struct work_first_terms row = {
            .service_case = db_get_int(rows, i, 0),
            .promise = db_get_int(rows, i, 1),
            .standard_id = (int32_t)db_get_int(rows, i, 2),
            .rule = intake_read_text(rows, i, 3),
            .target_us = db_get_int(rows, i, 4),
        };
        if (c) {
            case_history_add_first_terms(w, c, &row);
        }
    }
}
