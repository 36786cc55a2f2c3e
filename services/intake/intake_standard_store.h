/* SPDX-License-Identifier: Apache-2.0 */
/* intake_standard_store.h - the versions of the service standard that were ever in force. */
#ifndef TROTH_INTAKE_STANDARD_STORE_H
#define TROTH_INTAKE_STANDARD_STORE_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/standard.h"
#include "common/runtime/db.h"

/* Stores the standard unless it is there, and finds its id. Waits: at start only. */
MUST_CHECK int intake_standard_register(struct db_pool *pool, const struct standard *s,
                                        int64_t now_us, int32_t *ret_id, struct err *err);

#endif
