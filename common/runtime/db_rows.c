/* SPDX-License-Identifier: Apache-2.0 */
/* db_rows.c - reading results, which are in PostgreSQL's binary format. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/runtime/db_private.h"

#define EPOCH_2000_US INT64_C(946684800000000)

enum oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_JSON = 114,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
};

size_t db_row_count(const struct db_rows *r)
{
    return (size_t)PQntuples(r->result);
}

int64_t db_affected(const struct db_rows *r)
{
    int64_t n = 0;
    if (text_to_int64(PQcmdTuples(r->result), 0, INT64_MAX, &n) < 0) {
        return 0; /* a statement that affects nothing has an empty text here */
    }
    return n;
}

static void wrong_type(const struct db_rows *r, int column)
{
    log_error("db_column", LOG_TEXT("statement", r->name), LOG_INT("column", column),
              LOG_INT("oid", PQftype(r->result, column)));
    BUG("a column has another type than the one it is read as, or is not there");
}

/* The value, or NULL; checks that it is there at all. */
static const char *cell(const struct db_rows *r, size_t row, int column)
{
    if (row >= db_row_count(r) || column < 0 || column >= PQnfields(r->result)) {
        wrong_type(r, column);
    }
    return PQgetisnull(r->result, (int)row, column) ? NULL
                                                    : PQgetvalue(r->result, (int)row, column);
}

bool db_is_null(const struct db_rows *r, size_t row, int column)
{
    return cell(r, row, column) == NULL;
}

static uint64_t read_be64(const char *data)
{
    uint64_t wire;
    memcpy(&wire, data, sizeof(wire));
    return be64toh(wire);
}

static uint32_t read_be32(const char *data)
{
    uint32_t wire;
    memcpy(&wire, data, sizeof(wire));
    return be32toh(wire);
}

static uint16_t read_be16(const char *data)
{
    uint16_t wire;
    memcpy(&wire, data, sizeof(wire));
    return be16toh(wire);
}

bool db_get_bool(const struct db_rows *r, size_t row, int column)
{
    const char *data = cell(r, row, column);
    if (PQftype(r->result, column) != OID_BOOL) {
        wrong_type(r, column);
    }
    return data && *data != 0;
}

int64_t db_get_int(const struct db_rows *r, size_t row, int column)
{
    const char *data = cell(r, row, column);
    switch (PQftype(r->result, column)) {
    case OID_INT2:
        return data ? (int16_t)read_be16(data) : 0;
    case OID_INT4:
        return data ? (int32_t)read_be32(data) : 0;
    case OID_INT8:
        return data ? (int64_t)read_be64(data) : 0;
    default:
        wrong_type(r, column);
        return 0;
    }
}

double db_get_float8(const struct db_rows *r, size_t row, int column)
{
    const char *data = cell(r, row, column);
    Oid type = PQftype(r->result, column);
    if (type == OID_FLOAT8) {
        uint64_t bits = data ? read_be64(data) : 0;
        double v;
        memcpy(&v, &bits, sizeof(v));
        return v;
    }
    if (type == OID_FLOAT4) {
        uint32_t bits = data ? read_be32(data) : 0;
        float v;
        memcpy(&v, &bits, sizeof(v));
        return (double)v;
    }
    wrong_type(r, column);
    return 0;
}

const char *db_get_text(const struct db_rows *r, size_t row, int column)
{
    const char *data = cell(r, row, column);
    switch (PQftype(r->result, column)) {
    case OID_TEXT:
    case OID_VARCHAR:
    case OID_BPCHAR:
    case OID_NAME:
    case OID_JSON:
        return data ? data : ""; /* libpq ends binary values with a NUL, too */
    default:
        wrong_type(r, column);
        return "";
    }
}

struct bytes db_get_bytes(const struct db_rows *r, size_t row, int column)
{
    const char *data = cell(r, row, column);
    Oid type = PQftype(r->result, column);
    if (type != OID_BYTEA && type != OID_UUID) {
        wrong_type(r, column);
    }
    if (!data) {
        return (struct bytes){.data = NULL, .len = 0};
    }
    return (struct bytes){.data = (const uint8_t *)data,
                          .len = (size_t)PQgetlength(r->result, (int)row, column)};
}

int64_t db_get_time(const struct db_rows *r, size_t row, int column)
{
    const char *data = cell(r, row, column);
    if (PQftype(r->result, column) != OID_TIMESTAMPTZ) {
        wrong_type(r, column);
    }
    if (!data) {
        return DB_NO_TIME;
    }
    int64_t since_2000 = (int64_t)read_be64(data);
    int64_t us;
    if (since_2000 == INT64_MIN) {
        return DB_NO_TIME; /* '-infinity' */
    }
    return __builtin_add_overflow(since_2000, EPOCH_2000_US, &us) ? INT64_MAX : us;
}
