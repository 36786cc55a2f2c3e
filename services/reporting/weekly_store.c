/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_store.h"

#include <string.h>

#include <sodium.h>

const char *weekly_address_key(const char *address, char ret_key[WEEKLY_ADDRESS_KEY_SIZE])
{
    unsigned char hash[16];

    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)address, strlen(address),
                             NULL, 0);
    return sodium_bin2hex(ret_key, WEEKLY_ADDRESS_KEY_SIZE, hash, sizeof(hash));
}

static const struct db_query ask = {
    .name = "weekly_ask",
    .sql = "SELECT a.key FROM reporting.weekly_report AS w"
           " LEFT JOIN unnest(w.settled) AS a (key) ON true"
           " WHERE w.week = CAST($1::text AS date)",
    .shape = DB_ROWS,
};

static const struct db_query put_written = {
    .name = "weekly_put_written",
    .sql = "INSERT INTO reporting.weekly_report (week, written_at) VALUES (CAST($1::text AS date),"
           " $2) ON CONFLICT DO NOTHING",
    .shape = DB_NONE,
};

static const struct db_query put_settled = {
    .name = "weekly_put_settled",
    .sql = "UPDATE reporting.weekly_report SET settled = array_append(settled, $2::text)"
           " WHERE week = CAST($1::text AS date) AND NOT $2::text = ANY (settled)",
    .shape = DB_NONE,
};

void weekly_store_ask(struct db *db, const char *week)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, week);
    db_query(db, &ask, &params);
    db_params_free(&params);
}

bool weekly_store_is_written(const struct db_rows *rows)
{
    return db_row_count(rows) > 0;
}

bool weekly_store_is_settled(const struct db_rows *rows, const char *address_key)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        if (!db_is_null(rows, i, 0) && strcmp(db_get_text(rows, i, 0), address_key) == 0) {
            return true;
        }
    }
    return false;
}

void weekly_store_put_written(struct db *db, const struct lease_set *lanes, const char *week,
                              int64_t now_us)
{
    struct db_params params = {.count = 0};

    db_begin(db);
    lease_put_fence(db, lanes, 0);
    db_put_text(&params, week);
    db_put_time(&params, now_us);
    db_query(db, &put_written, &params);
    db_commit(db);
    db_params_free(&params);
}

void weekly_store_put_settled(struct db *db, const struct lease_set *lanes, const char *week,
                              const char *address_key)
{
    struct db_params params = {.count = 0};

    db_begin(db);
    lease_put_fence(db, lanes, 0);
    db_put_text(&params, week);
    db_put_text(&params, address_key);
    db_query(db, &put_settled, &params);
    db_commit(db);
    db_params_free(&params);
}
