/* SPDX-License-Identifier: Apache-2.0 */
/* progress_link_store.h - links to progress pages, and the case behind one, in the database. */
#ifndef TROTH_REPORTING_PROGRESS_LINK_STORE_H
#define TROTH_REPORTING_PROGRESS_LINK_STORE_H

#include <stdbool.h>

#include "common/runtime/db.h"
#include "services/reporting/progress_case.h"
#include "services/reporting/progress_token.h"

struct progress_new_link {
    uint8_t hash[PROGRESS_HASH_LEN];
    int64_t service_case;
    const char *created_by;
    int64_t now_us, expires_us; /* business time */
};

/* All links of the customer's cases; nothing is answered. */
void progress_link_store_revoke_of(struct db *db, int64_t customer, int64_t now_us);

/* One statement. Its set has a row when there is such a case and its customer is not erased. */
void progress_link_store_put(struct db *db, const struct progress_new_link *link);
/* One statement: all links of the case that still count are taken back. Its set has a row when
 * there is such a case. */
void progress_link_store_revoke(struct db *db, int64_t service_case, int64_t now_us);
bool progress_link_store_is_known(const struct db_rows *rows);

enum progress_link_state {
    PROGRESS_LINK_GOOD = 1,
    PROGRESS_LINK_UNKNOWN,
    PROGRESS_LINK_ENDED, /* expired or taken back */
    PROGRESS_LINK_GONE,  /* the customer is erased */
};

/* One statement: the link, and the case that goes on, with what a page needs of its customer. */
void progress_link_store_find(struct db *db, const uint8_t hash[PROGRESS_HASH_LEN]);
/* Fills *ret in for a good link. */
enum progress_link_state progress_link_store_take(const struct db_rows *rows, int64_t now_us,
                                                  struct progress_case *ret);

#endif
