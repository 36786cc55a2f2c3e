/* SPDX-License-Identifier: Apache-2.0 */
/* source_store.h - the question to intake.source: who may connect? */
#ifndef TROTH_COMMON_RUNTIME_SOURCE_STORE_H
#define TROTH_COMMON_RUNTIME_SOURCE_STORE_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "common/runtime/principal.h"

/* All sources that are not revoked; *ret_list is to be freed by the caller. Turns the loop until
 * the answer is there. The connection stays with the caller. */
MUST_CHECK int source_store_list(struct db *db, struct principal **ret_list, size_t *ret_count,
                                 struct err *err);

#endif
