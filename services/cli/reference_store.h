/* SPDX-License-Identifier: Apache-2.0 */
/* reference_store.h - asks which answers staff marked as references, and how well they did. */
#ifndef TROTH_SERVICES_CLI_REFERENCE_STORE_H
#define TROTH_SERVICES_CLI_REFERENCE_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"

/* Queues: rows (case int8, category, product, resolved or null, times used int8, times succeeded
 * int8), those used most first. */
enum {
    REFERENCE_CASE,
    REFERENCE_CATEGORY,
    REFERENCE_PRODUCT,
    REFERENCE_RESOLVED_AT,
    REFERENCE_TIMES_USED,
    REFERENCE_TIMES_SUCCEEDED
};
void reference_store_list(struct db *db, int64_t limit);

#endif
