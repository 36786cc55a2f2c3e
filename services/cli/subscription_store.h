/* SPDX-License-Identifier: Apache-2.0 */
/* subscription_store.h - who is told of which events, by the operator. Waits. */
#ifndef TROTH_SERVICES_CLI_SUBSCRIPTION_STORE_H
#define TROTH_SERVICES_CLI_SUBSCRIPTION_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"

struct subscription_terms {
    const char *name;
    const char *kinds, *branches, *teams; /* parted by commas; NULL: all */
    const char *url, *mail;               /* one of them */
    const char *secret;                   /* with url */
};

/* *ret_is_new: false when the name is taken. */
MUST_CHECK int subscription_store_add(struct db *db, const struct subscription_terms *terms,
                                      bool *ret_is_new, struct err *err);
MUST_CHECK int subscription_store_end(struct db *db, const char *name, bool *ret_found,
                                      struct err *err);

/* A new secret. overlap_us: how long the one before signs too; 0: not at all. *ret_found: false
 * when no subscription in force that is told by webhooks has the name. */
MUST_CHECK int subscription_store_rotate(struct db *db, const char *name, const char *secret,
                                         int64_t overlap_us, bool *ret_found, struct err *err);
/* Ends the one before. */
MUST_CHECK int subscription_store_finish(struct db *db, const char *name, bool *ret_found,
                                         struct err *err);

struct subscription_range {
    int64_t from_us, to_us; /* business time of the record of the event; DB_NO_TIME: no limit */
    bool is_all;            /* also what was delivered */
};
/* *ret_count: how many are told again; -1: there is no such subscription. */
MUST_CHECK int subscription_store_replay(struct db *db, const char *name,
                                         const struct subscription_range *range, int64_t *ret_count,
                                         struct err *err);

/* Rows of text and numbers, borrowed until the next call:
 * 0 name, 1 kinds, 2 branches, 3 teams, 4 url or mail, 5 since,  6 waiting, 7 delivered, 8 dead,
 * 9 until when an old secret signs too, or null */
const struct db_rows *subscription_store_list(struct db *db, struct err *err);
/* name NULL: of all. 0 name, 1 id, 2 kind, 3 at, 4 attempts, 5 status, 6 code, 7 since when dead */
const struct db_rows *subscription_store_dead(struct db *db, const char *name, int64_t limit,
                                              struct err *err);

#endif
