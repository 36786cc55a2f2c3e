/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_similar_store.h"

#include "common/domain/identifier.h"
#include "services/intake/opened_text.h"

static const struct db_query intake_similar_get_case = {
    "intake_similar_get_case",
    "SELECT c.customer_number, array_send(f.fingerprints), " OPENED_TEXT_COLUMNS
    "  FROM intake.service_case AS c"
    "  LEFT JOIN intake.case_fingerprint AS f ON (f.bucket, f.case_number) = (c.bucket, c.number)"
    "  LEFT JOIN intake.contact AS n ON (n.bucket, n.number)"
    "                                 = ((c.opened_by & 255)::int2, c.opened_by) AND NOT n.is_void"
    "  LEFT JOIN intake.contact_text AS t ON (t.bucket, t.number) = (n.bucket, n.number)"
    "  LEFT JOIN intake.customer AS k ON (k.bucket, k.number)"
    "                                  = ((t.customer_number & 255)::int2, t.customer_number)"
    "  LEFT JOIN intake.person AS s ON (s.bucket, s.customer_number) = (k.bucket, k.number)"
    " WHERE c.bucket = $1 AND c.number = $2",
    DB_OPTIONAL};

static const struct db_query intake_similar_get_counts = {
    "intake_similar_get_counts",
    "SELECT fingerprint, cases FROM intake.fingerprint_count"
    " WHERE fingerprint = ANY ($1::int4[])",
    DB_ROWS};

static const struct db_query intake_similar_get_candidates = {
    "intake_similar_get_candidates",
    "SELECT case_number, fingerprints FROM intake.similar_candidates($1, $2::int4[], $3, $4)",
    DB_ROWS};

/* The note of the update that resolved it; of a case that was closed at once, of that one. The
 * limit on answer_use is for the planner: without it all uses of all answers would be counted. */
static const struct db_query intake_similar_get_solved = {
    "intake_similar_get_solved",
    "SELECT c.number, a.rank, c.customer_number, c.category, c.opened_at,"
    "       coalesce(c.resolved_at, c.closed_at), c.is_reference, e.staff,"
    "       coalesce(u.times_used, 0), coalesce(u.times_succeeded, 0),"
    "       k.number, k.key_generation, k.wrapped_key, t.number, t.sealed"
    "  FROM unnest($1::int8[]) WITH ORDINALITY AS a (number, rank)"
    "  JOIN intake.service_case AS c ON (c.bucket, c.number) = ((a.number & 255)::int2, a.number)"
    "  JOIN intake.case_solved AS o ON (o.bucket, o.number) = (c.bucket, c.number)"
    "  LEFT JOIN LATERAL (SELECT v.number, v.staff FROM intake.case_event AS v"
    "                      WHERE v.bucket = c.bucket AND v.case_number = c.number"
    "                        AND v.action IN (6, 8) AND NOT v.is_void"
    "                      ORDER BY v.action = 6 DESC, v.case_version DESC LIMIT 1) AS e ON true"
    "  LEFT JOIN LATERAL (SELECT times_used, times_succeeded FROM intake.answer_use AS w"
    "                      WHERE w.solved_like = c.number LIMIT 1) AS u ON true"
    "  LEFT JOIN intake.contact_text AS t ON (t.bucket, t.number)"
    "                                      = ((e.number & 255)::int2, e.number)"
    "  LEFT JOIN intake.customer AS k ON (k.bucket, k.number)"
    "                                  = ((t.customer_number & 255)::int2, t.customer_number)"
    " ORDER BY a.rank LIMIT $2",
    DB_ROWS};

static void send(struct db *db, const struct db_query *q, struct db_params *p)
{
    db_query(db, q, p);
    db_params_free(p);
}

static void put_fingerprints(struct db_params *p, const struct fingerprints *f, bool with_all)
{
    struct db_array array;
    db_array_init(&array, DB_INT4);
    for (size_t i = 0; i < f->count; i++) {
        db_array_add_int(&array, f->at[i]);
    }
    if (with_all) {
        db_array_add_int(&array, 0);
    }
    db_put_array(p, &array);
    db_array_free(&array);
}

void intake_similar_case(struct db *db, int64_t service_case)
{
    struct db_params p = {0};
    db_put_int2(&p, identifier_bucket(service_case));
    db_put_int8(&p, service_case);
    send(db, &intake_similar_get_case, &p);
}

void intake_similar_counts(struct db *db, const struct fingerprints *f)
{
    struct db_params p = {0};
    put_fingerprints(&p, f, true);
    send(db, &intake_similar_get_counts, &p);
}

void intake_similar_candidates(struct db *db, int64_t service_case,
                               const struct fingerprints *chosen, bool is_any)
{
    struct db_params p = {0};
    db_put_int8(&p, service_case);
    put_fingerprints(&p, chosen, false);
    db_put_bool(&p, is_any);
    db_put_int8(&p, SIMILARITY_CANDIDATES);
    send(db, &intake_similar_get_candidates, &p);
}

void intake_similar_solved(struct db *db, const struct similar_list *list, int64_t count)
{
    struct db_params p = {0};
    struct db_array numbers;
    db_array_init(&numbers, DB_INT8);
    for (size_t i = 0; i < list->count; i++) {
        db_array_add_int(&numbers, list->at[i].case_number);
    }
    db_put_array(&p, &numbers);
    db_array_free(&numbers);
    db_put_int8(&p, count);
    send(db, &intake_similar_get_solved, &p);
}

/* An array on the wire: dimensions, whether there are nulls, the type, then for its one dimension
 * length and lower bound; each element after its length. All in 32 bits, high byte first. */
enum {
    ARRAY_HEAD = 12,
    ARRAY_DIMENSION = 8,
    ARRAY_ELEMENT = 8
};

static uint32_t word_at(struct bytes in, size_t at)
{
    return (uint32_t)in.data[at] << 24 | (uint32_t)in.data[at + 1] << 16 |
           (uint32_t)in.data[at + 2] << 8 | (uint32_t)in.data[at + 3];
}

void intake_similar_read(const struct db_rows *rows, size_t row, int column,
                         struct fingerprints *ret)
{
    struct bytes in = db_get_bytes(rows, row, column);
    ret->count = 0;
    if (in.len < ARRAY_HEAD + ARRAY_DIMENSION) {
        return; /* no dimension: nothing in it */
    }
    size_t count = word_at(in, ARRAY_HEAD);
    if (count > FINGERPRINTS_MAX ||
        in.len != ARRAY_HEAD + ARRAY_DIMENSION + count * ARRAY_ELEMENT) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        ret->at[i] = (int32_t)word_at(in, ARRAY_HEAD + ARRAY_DIMENSION + i * ARRAY_ELEMENT + 4);
    }
    ret->count = count;
}
