/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/db_columns.h"

#include "common/base/log.h"

void db_columns_init(struct db_columns *c, const enum db_type *types, size_t count)
{
    if (count == 0 || count > DB_COLUMNS_MAX) {
        BUG("number of columns out of range");
    }
    c->count = count;
    for (size_t i = 0; i < count; i++) {
        db_array_init(&c->array[i], types[i]);
    }
}

void db_columns_free(struct db_columns *c)
{
    for (size_t i = 0; i < c->count; i++) {
        db_array_free(&c->array[i]);
    }
    c->count = 0;
}

size_t db_columns_rows(const struct db_columns *c)
{
    return c->count == 0 ? 0 : (size_t)c->array[0].count;
}

void db_columns_put(struct db_columns *c, struct db_params *p)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->array[i].count != c->array[0].count) {
            BUG("columns of different lengths");
        }
        db_put_array(p, &c->array[i]);
    }
    db_columns_free(c);
}

void db_columns_query(struct db_columns *c, struct db *db, const struct db_query *q)
{
    struct db_params params = {.count = 0};

    db_columns_put(c, &params);
    db_query(db, q, &params);
    db_params_free(&params);
}
