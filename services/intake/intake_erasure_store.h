/* SPDX-License-Identifier: Apache-2.0 */
/* intake_erasure_store.h - what is left of an erasure. */
#ifndef TROTH_INTAKE_INTAKE_ERASURE_STORE_H
#define TROTH_INTAKE_INTAKE_ERASURE_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"

/* The columns of its row. */
enum {
    ERASURE_CUSTOMER = 0,
    ERASURE_GROUND,
    ERASURE_ASKED_BY,
    ERASURE_KEEPS_DO_NOT_CALL,
    ERASURE_REMOVED,
    ERASURE_EVENTS,
    ERASURE_KEY_GENERATION,
    ERASURE_WANTS_ROTATION,
    ERASURE_ROTATED_AT,
    ERASURE_RECEIVED_AT,
    ERASURE_MEMBERS,
    ERASURE_REFERENCES,
    ERASURE_EVENTS_LEFT,
};

/* The newest erasure that the customer went with: one row or none. */
void intake_erasure_store_ask(struct db *db, int64_t customer);

#endif
