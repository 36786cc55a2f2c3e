/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/source_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* array_to_string() of an empty array is '' and of NULL is NULL: nothing, and everything. */
static const struct db_query list_sources = {
    .name = "source_store_list",
    .sql =
        "SELECT id, name, public_key, array_to_string(rights, ' '), is_historical,"
        " array_to_string(record_kinds, ' '), array_to_string(disclosure_kinds, ' '),"
        " CASE WHEN branches IS NOT NULL THEN array_to_string(branches || ARRAY[''], E'\\n') END,"
        " rate_per_second, burst, token_digest"
        " FROM intake.source_entry_public",
    .shape = DB_ROWS,
};

static const struct db_query read_revision = {
    .name = "source_store_revision",
    .sql = "SELECT revision FROM intake.source_entry_revision_public",
    .shape = DB_ONE,
};

static uint64_t parse_right(const char *name)
{
    return right_parse(name);
}

/* A name that this version does not know is left out: it opens nothing here. */
static uint64_t parse_names(const char *names, uint64_t (*parse)(const char *name))
{
    uint64_t set = 0;
    for (const char *p = names; *p; p += strspn(p, " ")) {
        char name[64];
        size_t len = strcspn(p, " ");
        if (len < sizeof(name)) {
            memcpy(name, p, len);
            name[len] = '\0';
            set |= parse(name);
        }
        p += len;
    }
    return set;
}

static uint64_t read_kinds(const struct db_rows *rows, size_t row, int column,
                           uint64_t (*parse)(const char *name))
{
    return db_is_null(rows, row, column) ? PRINCIPAL_ALL
                                         : parse_names(db_get_text(rows, row, column), parse);
}

static void read_rate(const struct db_rows *rows, size_t row, struct principal *ret)
{
    ret->rate_per_second = (int32_t)db_get_int(rows, row, 8);
    ret->burst =
        db_is_null(rows, row, 9) ? ret->rate_per_second : (int32_t)db_get_int(rows, row, 9);
}

static void read_token(struct bytes digest, struct principal *ret)
{
    ret->has_token = digest.len == sizeof(ret->token_digest);
    if (ret->has_token) {
        memcpy(ret->token_digest, digest.data, digest.len);
    }
}

static int read_source(const struct db_rows *rows, size_t row, struct principal *ret,
                       struct err *err)
{
    struct bytes key = db_get_bytes(rows, row, 2);
    *ret = (struct principal){
        .id = (int32_t)db_get_int(rows, row, 0),
        .rights = (uint32_t)parse_names(db_get_text(rows, row, 3), parse_right),
        .is_historical = db_get_bool(rows, row, 4),
        .record_kinds = read_kinds(rows, row, 5, record_kind_parse),
        .disclosure_kinds = read_kinds(rows, row, 6, disclosure_kind_parse),
        .branches = db_is_null(rows, row, 7) ? NULL : xstrdup(db_get_text(rows, row, 7)),
    };
    read_rate(rows, row, ret);
    read_token(db_get_bytes(rows, row, 10), ret);
    (void)text_copy(ret->name, sizeof(ret->name), db_get_text(rows, row, 1));
    if (key.len != sizeof(ret->key)) {
        return err_set(err, "source_invalid", "the public key of source %d has not %d bytes",
                       (int)ret->id, PRINCIPAL_KEY_LEN);
    }
    memcpy(ret->key, key.data, sizeof(ret->key));
    return 0;
}

void source_store_free_list(struct principal *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(list[i].branches);
    }
    free(list);
}

void source_store_put_list(struct db *db)
{
    db_query(db, &list_sources, NULL);
}

int source_store_read_list(const struct db_rows *rows, struct principal **ret_list,
                           size_t *ret_count, struct err *err)
{
    size_t count = db_row_count(rows);
    struct principal *list = xcalloc(count + 1, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        if (read_source(rows, i, &list[i], err) < 0) {
            source_store_free_list(list, count);
            return -1;
        }
    }
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int source_store_list(struct db *db, struct principal **ret_list, size_t *ret_count,
                      struct err *err)
{
    source_store_put_list(db);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        if (err) {
            *err = reply->err;
        }
        return -1;
    }
    return source_store_read_list(reply->rows[0], ret_list, ret_count, err);
}

void source_store_put_revision(struct db *db)
{
    db_query(db, &read_revision, NULL);
}

int64_t source_store_read_revision(const struct db_rows *rows)
{
    return db_get_int(rows, 0, 0);
}
