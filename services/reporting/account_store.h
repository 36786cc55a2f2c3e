/* SPDX-License-Identifier: Apache-2.0 */
/* account_store.h - the questions to reporting.user_account and reporting.login_failure. Machine
 * time throughout. */
#ifndef TROTH_REPORTING_ACCOUNT_STORE_H
#define TROTH_REPORTING_ACCOUNT_STORE_H

#include <jansson.h>

#include "common/runtime/db.h"
#include "common/runtime/user_account.h"
#include "services/reporting/account_delay.h"

/* ---- a try to log in: in one transaction, so that tries at the same time are counted one after
 * the other */

/* Queues three statements. */
void account_store_put_try(struct db *db, const char *name, const struct account_subjects *subjects,
                           int64_t now_us);
struct account_found {
    int64_t id;                        /* 0: nobody has the name, or who has it may not log in so */
    char hash[USER_HASH_SIZE];         /* as it stands there; "" */
    int64_t wait_us;                   /* until the next try may be */
    int64_t last_us[ACCOUNT_SUBJECTS]; /* the last failures before this try */
};
void account_store_take_try(const struct db_reply *reply, const struct account_subjects *subjects,
                            int64_t now_us, struct account_found *ret);
void account_store_put_count(struct db *db, const struct account_subjects *subjects,
                             int64_t now_us);
/* The try that was counted was none: he logged in. now_us and last_us: of the try. */
void account_store_put_forgive(struct db *db, const struct account_subjects *subjects,
                               int64_t now_us, const int64_t last_us[ACCOUNT_SUBJECTS]);

/* ---- changes */

/* Only while the old hash stands there. is_other: it is another password, sessions that began
 * before now_us are over. DB_OPTIONAL: a row when it was changed. */
struct account_password {
    int64_t id;
    const char *old_hash, *new_hash;
    bool is_other;
    int64_t now_us;
};
void account_store_put_password(struct db *db, const struct account_password *change);
void account_store_put_language(struct db *db, int64_t id, const char *language);

struct account_new {
    const char *name;
    int16_t role;
    const char *hash; /* NULL: comes by the proxy alone */
    const char *staff, *language;
    int64_t now_us;
};
/* DB_OPTIONAL: a row when the name was free. */
void account_store_put_new(struct db *db, const struct account_new *account);

struct account_change {
    const char *name;
    int16_t role;                 /* 0: stays */
    const char *staff, *language; /* NULL: stays */
    const char *hash;             /* NULL: stays */
    int is_disabled;              /* -1: stays */
    int64_t now_us;
};
/* A transaction. A new password or an end of the account ends its sessions. */
void account_store_put_change(struct db *db, const struct account_change *change);
enum account_changed {
    ACCOUNT_CHANGED = 1,
    ACCOUNT_NOBODY,     /* has the name */
    ACCOUNT_LAST_ADMIN, /* nobody would be left to keep accounts; nothing was changed */
};
/* *ret_id: of the account when there is one. */
enum account_changed account_store_take_change(const struct db_reply *reply, int64_t *ret_id);

void account_store_put_list(struct db *db);
/* {"users": [...]}; new reference. */
json_t *account_store_take_list(const struct db_rows *rows);

#endif
