/* SPDX-License-Identifier: Apache-2.0 */
/* audit_prove.h - makes the proof of a case's history that a customer takes away. */
#ifndef TROTH_SERVICES_CLI_AUDIT_PROVE_H
#define TROTH_SERVICES_CLI_AUDIT_PROVE_H

#include "common/audit/audit_proof.h"
#include "common/runtime/db.h"

struct audit_prove_options {
    const struct audit_key *key;
    int64_t case_number;
    const struct audit_head *since; /* a head that the customer has; NULL: none */
};

struct audit_proved {
    size_t entries;
    size_t pending;     /* events of the case that no head covers yet */
    int64_t dropped_us; /* events until then were dropped, also of this case; DB_NO_TIME: none */
};

/* The proof as JSON, checked once more from its text; a new reference, or NULL with err: code
 * case_unknown, nothing_signed, proof_wrong (the record was changed: verify it) or the database's.
 */
json_t *audit_prove(struct db *db, const struct audit_prove_options *options,
                    struct audit_proved *ret, struct err *err);

#endif
