/* SPDX-License-Identifier: Apache-2.0 */
/* demo_hindsight_store.h - what went wrong since somebody looked. Both wait for the database; db
 * must be logged in as the owner of the schema. Both are for since < instant <= now. */
#ifndef TROTH_SERVICES_CLI_DEMO_HINDSIGHT_STORE_H
#define TROTH_SERVICES_CLI_DEMO_HINDSIGHT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"

#define DEMO_TROUBLE_TEXT_SIZE 32

/* A broken promise, or a case that is open again. */
struct demo_trouble {
    int64_t number;    /* of the promise or the case */
    int64_t opened_us; /* the case */
    int64_t began_us;  /* the promise was made; the case was opened again */
    char branch[DEMO_TROUBLE_TEXT_SIZE];
    char kind[DEMO_TROUBLE_TEXT_SIZE]; /* of the promise; empty for a case */
};

/* Promises that were broken and of which nobody said why. ret_list is to be freed. */
MUST_CHECK int demo_hindsight_store_read_breaks(struct db *db, int64_t since_us, int64_t now_us,
                                                struct demo_trouble **ret_list, size_t *ret_count,
                                                struct err *err);
/* Cases that a customer opened again by what was answered to our question. ret_list is to be
 * freed. */
MUST_CHECK int demo_hindsight_store_read_reopened(struct db *db, int64_t since_us, int64_t now_us,
                                                  struct demo_trouble **ret_list, size_t *ret_count,
                                                  struct err *err);

#endif
