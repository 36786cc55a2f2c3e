/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_rows.h"

#include "common/domain/identifier.h"

static struct db_array *next(struct rows *r)
{
    struct db_array *a = &r->columns.array[r->at];
    r->at = r->at + 1 == r->columns.count ? 0 : r->at + 1;
    return a;
}

void put_int(struct rows *r, int64_t v)
{
    db_array_add_int(next(r), v);
}

void put_number(struct rows *r, int64_t v)
{
    struct db_array *a = next(r);
    if (v) {
        db_array_add_int(a, v);
    } else {
        db_array_add_null(a);
    }
}

void put_null(struct rows *r)
{
    db_array_add_null(next(r));
}

void put_double(struct rows *r, bool has, double v)
{
    struct db_array *a = next(r);
    if (has) {
        db_array_add_float8(a, v);
    } else {
        db_array_add_null(a);
    }
}

void put_bool(struct rows *r, bool v)
{
    db_array_add_bool(next(r), v);
}

void put_text(struct rows *r, const char *v)
{
    db_array_add_text(next(r), v);
}

void put_optional(struct rows *r, const char *v)
{
    db_array_add_text(next(r), v && v[0] ? v : NULL);
}

void put_bytes(struct rows *r, struct bytes v)
{
    db_array_add_bytes(next(r), v);
}

void put_time(struct rows *r, int64_t us)
{
    db_array_add_time(next(r), us);
}

void put_key(struct rows *r, int64_t number)
{
    put_int(r, identifier_bucket(number));
    put_int(r, number);
}

enum shared {
    SHARED_NONE,
    SHARED_COUNT,
    SHARED_TIME
};

static size_t send(struct rows *r, struct db *db, const struct db_query *q, enum shared shared,
                   int64_t at_us)
{
    size_t count = db_columns_rows(&r->columns);
    struct db_params p = {0};
    if (count == 0) {
        db_columns_free(&r->columns);
        return 0;
    }
    db_columns_put(&r->columns, &p);
    if (shared == SHARED_COUNT) {
        db_put_int8(&p, (int64_t)count);
    } else if (shared == SHARED_TIME) {
        db_put_time(&p, at_us);
    }
    db_query(db, q, &p);
    db_params_free(&p);
    return count;
}

size_t rows_send(struct rows *r, struct db *db, const struct db_query *q)
{
    return send(r, db, q, SHARED_NONE, 0);
}

size_t rows_send_at(struct rows *r, struct db *db, const struct db_query *q, int64_t at_us)
{
    return send(r, db, q, SHARED_TIME, at_us);
}

size_t rows_send_expecting(struct rows *r, struct db *db, const struct db_query *q)
{
    return send(r, db, q, SHARED_COUNT, 0);
}
