/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opened_text.h - sealed rows become what jobs and searches of our own work with: the texts of a
 * fact with the name of its customer masked. What is read with it is written down by who asks.
 */
#ifndef TROTH_INTAKE_OPENED_TEXT_H
#define TROTH_INTAKE_OPENED_TEXT_H

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/intake/keyring.h"
#include "services/intake/plain_text.h"

/* Five columns in a row of a question, the first of them at column: the customer whose key it is,
 * generation, wrapped key (null: erased), number of the fact, sealed texts (null: none). For
 * opened_text_plain() a sixth: the sealed person of that customer (null: nothing known). */
#define OPENED_TEXT_COLUMNS                                                                        \
    "k.number, k.key_generation, k.wrapped_key, t.number, t.sealed, s.sealed"

struct opened_place {
    const struct keyring *keyring;
    const struct db_rows *rows;
    size_t row;
    int column;
    struct arena *arena; /* for what is opened */
};

/* What a contact says: its subject and its body, without names. ret_text is emptied first; nothing
 * is said where nothing is stored. Returns 0, or -1 with "damaged" or "key_damaged". */
MUST_CHECK int opened_text_plain(const struct opened_place *p, struct plain_text *ret_text,
                                 struct err *err);

/* The text of that field, in the arena; NULL when there is none. Returns as above. */
MUST_CHECK int opened_text_field(const struct opened_place *p, const char *field,
                                 const char **ret_text, struct err *err);

/* Logs that the row does not open: whose and which it is, nothing of what it says. */
void opened_text_log_damaged(const struct opened_place *p, const struct err *err);

#endif
