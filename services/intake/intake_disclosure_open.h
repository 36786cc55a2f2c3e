/* SPDX-License-Identifier: Apache-2.0 */
/* intake_disclosure_open.h - sealed rows become what is answered. */
#ifndef TROTH_INTAKE_INTAKE_DISCLOSURE_OPEN_H
#define TROTH_INTAKE_INTAKE_DISCLOSURE_OPEN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "services/intake/intake_disclosure_store.h"
#include "services/intake/keyring.h"

/* What was found, and how much of it did not open: logged already, by ids alone. */
struct intake_opened {
    size_t texts;
    size_t damaged;
};

/* Those from begin on, before end. */
struct intake_sealed_rows {
    const struct db_rows *rows;
    size_t begin, end;
};

/* Fills texts, and is_cut when there are more than fit into max_bytes; all in the arena, which has
 * room for four times that. Rows of customers who were erased are nothing. */
struct intake_opened intake_disclosure_open(const struct intake_disclosure *d,
                                            const struct keyring *keyring,
                                            const struct intake_sealed_rows *sealed,
                                            size_t max_bytes, struct arena *arena,
                                            Troth__V1__DisclosureReply *ret_reply);

/* What a reading is for: "follow_up F-...", "case C-...", "page NAME", "job NAME" (a-z, 0-9, '_',
 * '-', '.', '/'). Nothing else, so that no personal data is written down with it. */
bool intake_disclosure_is_purpose(const char *text);

#endif
