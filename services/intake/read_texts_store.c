/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/read_texts_store.h"

#include <inttypes.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/intake/opened_text.h"

#define JOB "read-texts"

static void send(struct db *db, const struct db_query *q, struct db_params *p)
{
    db_query(db, q, p);
    db_params_free(p);
}

/* ---- since when */

static const struct db_query read_texts_get_last = {
    "read_texts_get_last", "SELECT began_at FROM intake.upkeep WHERE name = '" JOB "'",
    DB_OPTIONAL};

static const struct db_query read_texts_set_last = {
    "read_texts_set_last",
    "INSERT INTO intake.upkeep AS u (name, began_at) VALUES ('" JOB "', $1)"
    " ON CONFLICT (name) DO UPDATE SET began_at = greatest(u.began_at, excluded.began_at)",
    DB_NONE};

void read_texts_last(struct db *db)
{
    db_query(db, &read_texts_get_last, NULL);
}

void read_texts_began(struct db *db, int64_t at_us)
{
    struct db_params p = {0};
    db_put_time(&p, at_us);
    send(db, &read_texts_set_last, &p);
}

/* ---- fingerprints */

/* What was said by a machine opens no case. A void one is nothing that was said. */
static const struct db_query read_texts_read_cases = {
    "read_texts_read_cases",
    "SELECT c.number, c.customer_number, " OPENED_TEXT_COLUMNS "  FROM intake.service_case AS c"
    "  JOIN intake.customer AS o ON (o.bucket, o.number)"
    "                             = ((c.customer_number & 255)::int2, c.customer_number)"
    "  LEFT JOIN intake.contact AS n ON (n.bucket, n.number)"
    "                                 = ((c.opened_by & 255)::int2, c.opened_by) AND NOT n.is_void"
    "  LEFT JOIN intake.contact_text AS t ON (t.bucket, t.number) = (n.bucket, n.number)"
    "  LEFT JOIN intake.customer AS k ON (k.bucket, k.number)"
    "                                  = ((t.customer_number & 255)::int2, t.customer_number)"
    "  LEFT JOIN intake.person AS s ON (s.bucket, s.customer_number) = (k.bucket, k.number)"
    " WHERE c.bucket = $1 AND c.number > $2 AND o.wrapped_key IS NOT NULL"
    "   AND NOT EXISTS (SELECT FROM intake.case_fingerprint AS f"
    "                    WHERE f.bucket = c.bucket AND f.case_number = c.number)"
    " ORDER BY c.number LIMIT $3",
    DB_ROWS};

static const struct db_query read_texts_add_cases = {
    "read_texts_add_cases",
    "WITH added AS ("
    "     INSERT INTO intake.case_fingerprint (bucket, case_number, customer_number, fingerprints)"
    "     SELECT $4, unnest($1::int8[]), unnest($2::int8[]), unnest($3::text[])::int4[]"
    "     ON CONFLICT (bucket, case_number) DO NOTHING RETURNING fingerprints),"
    "     counted AS (SELECT f, count(*) AS cases FROM added, unnest(added.fingerprints) AS f"
    "                  GROUP BY f"
    "                  UNION ALL SELECT 0, count(*) FROM added WHERE fingerprints <> '{}')"
    " INSERT INTO intake.fingerprint_count AS c (fingerprint, cases)"
    " SELECT f, cases FROM counted WHERE cases > 0 ORDER BY f"
    " ON CONFLICT (fingerprint) DO UPDATE SET cases = c.cases + excluded.cases",
    DB_NONE};

static const struct db_query read_texts_forget_cases = {
    "read_texts_forget_cases",
    "SELECT intake.forget_fingerprints($1, ARRAY("
    "       SELECT f.case_number FROM intake.case_fingerprint AS f"
    "         JOIN intake.service_case AS c ON (c.bucket, c.number) = (f.bucket, f.case_number)"
    "         LEFT JOIN intake.customer AS o ON (o.bucket, o.number)"
    "                                = ((c.customer_number & 255)::int2, c.customer_number)"
    "         LEFT JOIN intake.contact AS n ON (n.bucket, n.number)"
    "                                        = ((c.opened_by & 255)::int2, c.opened_by)"
    "        WHERE f.bucket = $1"
    "          AND (o.wrapped_key IS NULL OR n.is_void AND f.fingerprints <> '{}')))",
    DB_ONE};

static const struct db_query read_texts_set_solved = {
    "read_texts_set_solved",
    "UPDATE intake.case_fingerprint AS f SET is_solved = NOT f.is_solved"
    " WHERE f.bucket = $1"
    "   AND f.is_solved <> EXISTS (SELECT FROM intake.case_solved AS s"
    "                               WHERE s.bucket = f.bucket AND s.number = f.case_number)",
    DB_NONE};

static const struct db_query read_texts_drop_counts = {
    "read_texts_drop_counts", "DELETE FROM intake.fingerprint_count WHERE cases <= 0", DB_NONE};

void read_texts_cases(struct db *db, int16_t bucket, int64_t after)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    db_put_int8(&p, after);
    db_put_int8(&p, READ_TEXTS_SLICE);
    send(db, &read_texts_read_cases, &p);
}

void read_texts_init_fingerprints(struct db_columns *ret_columns)
{
    static const enum db_type types[] = {DB_INT8, DB_INT8, DB_TEXT};
    db_columns_init(ret_columns, types, ARRAY_LEN(types));
}

void read_texts_add_fingerprints(struct db_columns *columns, int64_t service_case, int64_t customer,
                                 const struct fingerprints *f)
{
    struct text list = {0};
    text_append(&list, "{");
    for (size_t i = 0; i < f->count; i++) {
        text_appendf(&list, "%s%" PRId32, i > 0 ? "," : "", f->at[i]);
    }
    text_append(&list, "}");
    db_array_add_int(&columns->array[0], service_case);
    db_array_add_int(&columns->array[1], customer);
    db_array_add_text(&columns->array[2], list.data);
    text_free(&list);
}

void read_texts_write_fingerprints(struct db *db, int16_t bucket, struct db_columns *columns)
{
    struct db_params p = {0};
    db_columns_put(columns, &p);
    db_put_int2(&p, bucket);
    send(db, &read_texts_add_cases, &p);
}

static void send_bucket(struct db *db, const struct db_query *q, int16_t bucket)
{
    struct db_params p = {0};
    db_put_int2(&p, bucket);
    send(db, q, &p);
}

void read_texts_forget(struct db *db, int16_t bucket)
{
    send_bucket(db, &read_texts_forget_cases, bucket);
}

void read_texts_note_solved(struct db *db, int16_t bucket)
{
    send_bucket(db, &read_texts_set_solved, bucket);
}

void read_texts_forget_counts(struct db *db)
{
    db_query(db, &read_texts_drop_counts, NULL);
}

/* ---- words of a day */

static const struct db_query read_texts_get_days = {
    "read_texts_get_days",
    "SELECT DISTINCT date_trunc('day', occurred_at, 'UTC') FROM intake.contact"
    " WHERE received_at > $1"
    " UNION SELECT date_trunc('day', n.occurred_at, 'UTC') FROM intake.record_void AS v"
    "         JOIN intake.contact AS n ON (n.bucket, n.number) = (v.bucket, v.fact_number)"
    "        WHERE v.received_at > $1"
    " ORDER BY 1",
    DB_ROWS};

#define OF_DAY "n.occurred_at >= $1 AND n.occurred_at < $2"

static const struct db_query read_texts_get_size = {
    "read_texts_get_size", "SELECT count(*) FROM intake.contact AS n WHERE " OF_DAY, DB_ONE};

/* People alone: what machines and we ourselves write is no word of a customer. */
static const struct db_query read_texts_get_said = {
    "read_texts_get_said",
    "SELECT n.customer_number, o.merged_into IS NOT NULL, " OPENED_TEXT_COLUMNS
    "  FROM intake.contact AS n"
    "  JOIN intake.customer AS o ON (o.bucket, o.number)"
    "                             = ((n.customer_number & 255)::int2, n.customer_number)"
    "  JOIN intake.contact_text AS t ON (t.bucket, t.number) = (n.bucket, n.number)"
    "  JOIN intake.customer AS k ON (k.bucket, k.number)"
    "                             = ((t.customer_number & 255)::int2, t.customer_number)"
    "  LEFT JOIN intake.person AS s ON (s.bucket, s.customer_number) = (k.bucket, k.number)"
    " WHERE " OF_DAY " AND n.bucket BETWEEN $3 AND $4 AND NOT n.is_void AND n.origin IN (0, 1)"
    " ORDER BY n.customer_number, n.number",
    DB_ROWS};

static const struct db_query read_texts_get_products = {
    "read_texts_get_products",
    "SELECT c.product, count(*), count(DISTINCT o.number) FILTER (WHERE o.merged_into IS NULL)"
    "  FROM intake.contact AS n"
    "  JOIN intake.service_case AS c ON (c.bucket, c.number)"
    "                                 = ((n.case_number & 255)::int2, n.case_number)"
    "  JOIN intake.customer AS o ON (o.bucket, o.number)"
    "                             = ((n.customer_number & 255)::int2, n.customer_number)"
    " WHERE " OF_DAY " AND n.bucket BETWEEN $3 AND $4 AND NOT n.is_void AND n.origin IN (0, 1)"
    "   AND c.product IS NOT NULL"
    " GROUP BY c.product",
    DB_ROWS};

/* The day's rows as $1 to $4, the day itself as $5. */
#define OF_DATE "day = ($5::timestamptz AT TIME ZONE 'UTC')::date"
#define NEW_ROWS                                                                                   \
    "SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::int8[]), unnest($4::int8[])"

static const struct db_query read_texts_get_differences = {
    "read_texts_get_differences",
    "WITH stored AS (SELECT kind, word, contacts, customers FROM intake.word_day WHERE " OF_DATE
    "), told (kind, word, contacts, customers) AS (" NEW_ROWS ")"
    " SELECT (SELECT count(*) FROM (SELECT * FROM stored EXCEPT SELECT * FROM told) AS a)"
    "      + (SELECT count(*) FROM (SELECT * FROM told EXCEPT SELECT * FROM stored) AS b)",
    DB_ONE};

static const struct db_query read_texts_delete_words = {
    "read_texts_delete_words",
    "DELETE FROM intake.word_day WHERE day = ($1::timestamptz AT TIME ZONE 'UTC')::date", DB_NONE};

static const struct db_query read_texts_insert_words = {
    "read_texts_insert_words",
    "INSERT INTO intake.word_day (day, kind, word, contacts, customers)"
    " SELECT ($5::timestamptz AT TIME ZONE 'UTC')::date, told.*"
    "   FROM (" NEW_ROWS ") AS told",
    DB_NONE};

void read_texts_days(struct db *db, int64_t since_us)
{
    struct db_params p = {0};
    db_put_time(&p, since_us);
    send(db, &read_texts_get_days, &p);
}

void read_texts_day_size(struct db *db, int64_t day_us)
{
    struct db_params p = {0};
    db_put_time(&p, day_us);
    db_put_time(&p, day_us + DURATION_DAY);
    send(db, &read_texts_get_size, &p);
}

static void send_part(struct db *db, const struct db_query *q, const struct read_texts_part *part)
{
    struct db_params p = {0};
    db_put_time(&p, part->day_us);
    db_put_time(&p, part->day_us + DURATION_DAY);
    db_put_int2(&p, part->first);
    db_put_int2(&p, part->last);
    send(db, q, &p);
}

void read_texts_said(struct db *db, const struct read_texts_part *part)
{
    send_part(db, &read_texts_get_said, part);
}

void read_texts_products(struct db *db, const struct read_texts_part *part)
{
    send_part(db, &read_texts_get_products, part);
}

static void add_words(struct db_columns *columns, const char *kind, const struct word_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        db_array_add_text(&columns->array[0], kind);
        db_array_add_text(&columns->array[1], list->at[i].text);
        db_array_add_int(&columns->array[2], list->at[i].contacts);
        db_array_add_int(&columns->array[3], list->at[i].customers);
    }
}

static void send_words(struct db *db, const struct db_query *q, const struct words_of_day *w)
{
    static const enum db_type types[] = {DB_TEXT, DB_TEXT, DB_INT8, DB_INT8};
    struct db_columns columns;
    struct db_params p = {0};
    db_columns_init(&columns, types, ARRAY_LEN(types));
    add_words(&columns, "word", &w->words);
    add_words(&columns, "product", &w->products);
    db_columns_put(&columns, &p);
    db_put_time(&p, w->day_us);
    send(db, q, &p);
}

void read_texts_differences(struct db *db, const struct words_of_day *w)
{
    send_words(db, &read_texts_get_differences, w);
}

void read_texts_replace(struct db *db, const struct words_of_day *w)
{
    struct db_params p = {0};
    db_put_time(&p, w->day_us);
    send(db, &read_texts_delete_words, &p);
    send_words(db, &read_texts_insert_words, w);
}
