/* SPDX-License-Identifier: Apache-2.0 */
/* disclosure_store.h - who looked at whose data: what intake opened, and what reporting showed
 * beside that. As the operator. */
#ifndef TROTH_SERVICES_CLI_DISCLOSURE_STORE_H
#define TROTH_SERVICES_CLI_DISCLOSURE_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"

struct disclosure_filter {
    const struct db_array *members; /* of one person; empty: of everybody */
    int64_t since_us;               /* DB_NO_TIME: from the beginning */
    const char *who;                /* a reader or whom it asked for; "": anybody */
    int32_t limit;
};

/* Columns of a reading, the newest first. */
enum {
    DISCLOSURE_AT,
    DISCLOSURE_READER, /* the key it was read with */
    DISCLOSURE_WHO,    /* the person or system that it was read for; "" not known */
    DISCLOSURE_CUSTOMER,
    DISCLOSURE_CASE, /* null: none */
    DISCLOSURE_WHAT,
    DISCLOSURE_PURPOSE,
    DISCLOSURE_OUTCOME,
};

/* Each returns NULL with err. */
const struct db_rows *disclosure_store_list(struct db *db, const struct disclosure_filter *f,
                                            struct err *err);

/* Columns of a day of a reader. */
enum {
    DISCLOSURE_DAY, /* text, UTC */
    DISCLOSURE_DAY_READER,
    DISCLOSURE_DAY_WHO,
    DISCLOSURE_DAY_READINGS,
    DISCLOSURE_DAY_PERSONS,
    DISCLOSURE_DAY_USUAL, /* persons a day on which it read, over the 28 days before; null: none */
};
const struct db_rows *disclosure_store_days(struct db *db, const struct disclosure_filter *f,
                                            struct err *err);

#endif
