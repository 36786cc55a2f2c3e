/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/source_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

static const struct db_query list_sources = {
    .name = "source_store_list",
    .sql = "SELECT id, name, public_key, array_to_string(rights, ' '), is_historical"
           " FROM intake.source_public WHERE revoked_at IS NULL",
    .shape = DB_ROWS,
};

/* A right that this version does not know is left out: it opens nothing here. */
static uint32_t parse_rights(const char *names)
{
    uint32_t rights = 0;
    for (const char *p = names; *p; p += strspn(p, " ")) {
        char name[32];
        size_t len = strcspn(p, " ");
        if (len < sizeof(name)) {
            memcpy(name, p, len);
            name[len] = '\0';
            rights |= right_parse(name);
        }
        p += len;
    }
    return rights;
}

static int read_source(const struct db_rows *rows, size_t row, struct principal *ret,
                       struct err *err)
{
    struct bytes key = db_get_bytes(rows, row, 2);
    *ret = (struct principal){
        .id = (int32_t)db_get_int(rows, row, 0),
        .rights = parse_rights(db_get_text(rows, row, 3)),
        .is_historical = db_get_bool(rows, row, 4),
    };
    (void)text_copy(ret->name, sizeof(ret->name), db_get_text(rows, row, 1));
    if (key.len != sizeof(ret->key)) {
        return err_set(err, "source_invalid", "the public key of source %d has not %d bytes",
                       (int)ret->id, PRINCIPAL_KEY_LEN);
    }
    memcpy(ret->key, key.data, sizeof(ret->key));
    return 0;
}

int source_store_list(struct db *db, struct principal **ret_list, size_t *ret_count,
                      struct err *err)
{
    db_query(db, &list_sources, NULL);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        if (err) {
            *err = reply->err;
        }
        return -1;
    }
    size_t count = db_row_count(reply->rows[0]);
    struct principal *list = xcalloc(count + 1, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        if (read_source(reply->rows[0], i, &list[i], err) < 0) {
            free(list);
            return -1;
        }
    }
    *ret_list = list;
    *ret_count = count;
    return 0;
}
