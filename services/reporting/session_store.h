/* SPDX-License-Identifier: Apache-2.0 */
/* session_store.h - the questions to reporting.user_session. Machine time throughout. */
#ifndef TROTH_REPORTING_SESSION_STORE_H
#define TROTH_REPORTING_SESSION_STORE_H

#include "common/runtime/db.h"
#include "services/reporting/web_identity.h"

struct session_look {
    const uint8_t *hash; /* of the token, WEB_SESSION_HASH_LEN */
    int64_t now_us;
    int64_t idle_us;
    bool is_use; /* it is not idle any more */
};

/* Whose session is it, if it counts; written down at most once in a while. */
void session_store_put_find(struct db *db, const struct session_look *look);
/* Of a user whom a proxy names. */
void session_store_put_find_name(struct db *db, const char *name);
/* Of both. false: nobody. Fills user and csrf. */
bool session_store_take(const struct db_rows *rows, struct web_identity *ret);

struct session_start {
    const uint8_t *hash, *csrf;
    int64_t user;
    const char *password_hash; /* as it was verified: none begins when it changed meanwhile */
    int64_t now_us, expires_us;
};
/* DB_OPTIONAL: a row when it began. Older ones of the user than the newest 19 end. */
void session_store_put_start(struct db *db, const struct session_start *start);
void session_store_put_end(struct db *db, const uint8_t *hash);
/* All of the user but one (keep NULL: all), which counts as begun now. */
void session_store_put_end_others(struct db *db, int64_t user, const uint8_t *keep, int64_t now_us);
/* Those that are over, and login failures that are forgotten. */
void session_store_put_sweep(struct db *db, int64_t now_us, int64_t idle_us,
                             int64_t failures_until_us);

#endif
