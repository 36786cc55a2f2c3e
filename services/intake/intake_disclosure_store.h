/* SPDX-License-Identifier: Apache-2.0 */
/* intake_disclosure_store.h - personal data, and who read it. */
#ifndef TROTH_INTAKE_DISCLOSURE_STORE_H
#define TROTH_INTAKE_DISCLOSURE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "intake.pb-c.h"

/* One reading, before and after. */
struct intake_disclosure {
    int64_t number;
    int64_t customer;
    int64_t service_case; /* 0: none */
    Troth__V1__DisclosureKind kind;
    const char *purpose;
    int32_t reader_id;
    int64_t at_us;
    bool was_found;
};

/* Queues the question; its rows are (field text, at timestamptz, body text), oldest first. */
void intake_disclosure_read(struct db *db, const struct intake_disclosure *d);
/* Queues that it was read. */
void intake_disclosure_write(struct db *db, const struct intake_disclosure *d);

#endif
