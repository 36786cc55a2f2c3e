/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_params.c - parameters and arrays in PostgreSQL's binary format: big-endian, instants counted
 * from 2000.
 *
 * The index of a db_params holds one struct slot per parameter. Offsets instead of pointers,
 * because the data move when the buffer grows.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/runtime/db_private.h"

#define EPOCH_2000_US INT64_C(946684800000000)
#define IS_NULL       (-1)

struct slot {
    Oid type;
    int32_t len; /* IS_NULL: no value */
    size_t offset;
};

/* From src/include/catalog/pg_type.dat; these never change. */
static const struct {
    Oid scalar, array;
} oids[] = {
    [DB_BOOL] = {16,   1000},
      [DB_INT2] = {21,   1005},
      [DB_INT4] = {23,   1007},
    [DB_INT8] = {20,   1016},
      [DB_FLOAT8] = {701,  1022},
      [DB_TEXT] = {25,   1009},
    [DB_BYTES] = {17,   1001},
      [DB_TIME] = {1184, 1185},
};

static Oid scalar_oid(enum db_type type)
{
    if (type < DB_BOOL || type > DB_TIME) {
        BUG("unknown db_type");
    }
    return oids[type].scalar;
}

void db_params_clear(struct db_params *p)
{
    buffer_clear(&p->data);
    buffer_clear(&p->index);
    p->count = 0;
}

void db_params_free(struct db_params *p)
{
    buffer_free(&p->data);
    buffer_free(&p->index);
    p->count = 0;
}

static void put(struct db_params *p, Oid type, const void *data, size_t len)
{
    if (len > INT32_MAX) {
        BUG("parameter over 2 GiB");
    }
    struct slot s = {.type = type, .len = data ? (int32_t)len : IS_NULL, .offset = p->data.len};
    if (data) {
        buffer_append(&p->data, data, len);
    }
    buffer_append(&p->index, &s, sizeof(s));
    p->count++;
}

void db_put_null(struct db_params *p, enum db_type type)
{
    put(p, scalar_oid(type), NULL, 0);
}

void db_put_bool(struct db_params *p, bool v)
{
    uint8_t wire = v;
    put(p, oids[DB_BOOL].scalar, &wire, sizeof(wire));
}

void db_put_int2(struct db_params *p, int16_t v)
{
    uint16_t wire = htobe16((uint16_t)v);
    put(p, oids[DB_INT2].scalar, &wire, sizeof(wire));
}

void db_put_int4(struct db_params *p, int32_t v)
{
    uint32_t wire = htobe32((uint32_t)v);
    put(p, oids[DB_INT4].scalar, &wire, sizeof(wire));
}

void db_put_int8(struct db_params *p, int64_t v)
{
    uint64_t wire = htobe64((uint64_t)v);
    put(p, oids[DB_INT8].scalar, &wire, sizeof(wire));
}

static uint64_t float8_wire(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return htobe64(bits);
}

void db_put_float8(struct db_params *p, double v)
{
    uint64_t wire = float8_wire(v);
    put(p, oids[DB_FLOAT8].scalar, &wire, sizeof(wire));
}

void db_put_text(struct db_params *p, const char *v)
{
    put(p, oids[DB_TEXT].scalar, v, v ? strlen(v) : 0);
}

void db_put_bytes(struct db_params *p, struct bytes v)
{
    put(p, oids[DB_BYTES].scalar, v.data, v.len);
}

/* Instants that do not fit become one that the server refuses, never '-infinity', which is
 * INT64_MIN there. */
static uint64_t time_wire(int64_t us)
{
    int64_t since_2000;
    if (__builtin_sub_overflow(us, EPOCH_2000_US, &since_2000) || since_2000 == INT64_MIN) {
        since_2000 = INT64_MIN + 1;
    }
    return htobe64((uint64_t)since_2000);
}

void db_put_time(struct db_params *p, int64_t us)
{
    uint64_t wire = time_wire(us);
    put(p, oids[DB_TIME].scalar, us == DB_NO_TIME ? NULL : &wire, sizeof(wire));
}

void db_params_arguments(const struct db_params *p, struct db_arguments *ret)
{
    ret->count = p ? (int)p->count : 0;
    if (ret->count > DB_PARAMS_MAX) {
        BUG("too many parameters for one statement");
    }
    for (int i = 0; i < ret->count; i++) {
        struct slot s;
        memcpy(&s, p->index.data + (size_t)i * sizeof(s), sizeof(s));
        ret->types[i] = s.type;
        /* An empty value is not NULL, also when nothing was ever appended. */
        const char *data = p->data.data ? (const char *)p->data.data + s.offset : "";
        ret->values[i] = s.len == IS_NULL ? NULL : data;
        ret->lengths[i] = s.len == IS_NULL ? 0 : s.len;
        ret->formats[i] = 1;
    }
}

/* ---- arrays: elements are length and data; the head is written when the array becomes a parameter
 */

void db_array_init(struct db_array *a, enum db_type type)
{
    (void)scalar_oid(type);
    *a = (struct db_array){.type = type};
}

void db_array_clear(struct db_array *a)
{
    buffer_clear(&a->data);
    a->count = 0;
    a->has_null = false;
}

void db_array_free(struct db_array *a)
{
    buffer_free(&a->data);
    *a = (struct db_array){.type = a->type};
}

static void append_be32(struct buffer *b, int32_t v)
{
    uint32_t wire = htobe32((uint32_t)v);
    buffer_append(b, &wire, sizeof(wire));
}

static void add(struct db_array *a, enum db_type type, const void *data, size_t len)
{
    if (a->type != type || len > INT32_MAX || a->count == INT32_MAX) {
        BUG("array element of another type, or too large");
    }
    append_be32(&a->data, (int32_t)len);
    buffer_append(&a->data, data, len);
    a->count++;
}

void db_array_add_null(struct db_array *a)
{
    if (a->count == INT32_MAX) {
        BUG("array too large");
    }
    append_be32(&a->data, -1);
    a->has_null = true;
    a->count++;
}

void db_array_add_bool(struct db_array *a, bool v)
{
    uint8_t wire = v;
    add(a, DB_BOOL, &wire, sizeof(wire));
}

void db_array_add_int(struct db_array *a, int64_t v)
{
    uint64_t wire8 = htobe64((uint64_t)v);
    uint32_t wire4 = htobe32((uint32_t)v);
    uint16_t wire2 = htobe16((uint16_t)v);
    if (a->type == DB_INT8) {
        add(a, DB_INT8, &wire8, sizeof(wire8));
    } else if (a->type == DB_INT4 && v >= INT32_MIN && v <= INT32_MAX) {
        add(a, DB_INT4, &wire4, sizeof(wire4));
    } else if (a->type == DB_INT2 && v >= INT16_MIN && v <= INT16_MAX) {
        add(a, DB_INT2, &wire2, sizeof(wire2));
    } else {
        BUG("integer out of range for its array");
    }
}

void db_array_add_float8(struct db_array *a, double v)
{
    uint64_t wire = float8_wire(v);
    add(a, DB_FLOAT8, &wire, sizeof(wire));
}

void db_array_add_text(struct db_array *a, const char *v)
{
    if (v) {
        add(a, DB_TEXT, v, strlen(v));
    } else {
        db_array_add_null(a);
    }
}

void db_array_add_bytes(struct db_array *a, struct bytes v)
{
    if (v.data) {
        add(a, DB_BYTES, v.data, v.len);
    } else {
        db_array_add_null(a);
    }
}

void db_array_add_time(struct db_array *a, int64_t us)
{
    if (us != DB_NO_TIME) {
        uint64_t wire = time_wire(us);
        add(a, DB_TIME, &wire, sizeof(wire));
    } else {
        db_array_add_null(a);
    }
}

void db_put_array(struct db_params *p, const struct db_array *a)
{
    Oid element = scalar_oid(a->type);
    struct slot s = {.type = oids[a->type].array, .offset = p->data.len};
    append_be32(&p->data, a->count > 0); /* dimensions: an empty array has none */
    append_be32(&p->data, a->has_null);
    append_be32(&p->data, (int32_t)element);
    if (a->count > 0) {
        append_be32(&p->data, a->count);
        append_be32(&p->data, 1); /* the first subscript */
        buffer_append(&p->data, a->data.data, a->data.len);
    }
    size_t len = p->data.len - s.offset;
    if (len > INT32_MAX) {
        BUG("parameter over 2 GiB");
    }
    s.len = (int32_t)len;
    buffer_append(&p->index, &s, sizeof(s));
    p->count++;
}
