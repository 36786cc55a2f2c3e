/* SPDX-License-Identifier: Apache-2.0 */
/* audit_verify.h - goes through the whole tamper-evident record, with the heads that were copied
 * elsewhere. */
#ifndef TROTH_SERVICES_CLI_AUDIT_VERIFY_H
#define TROTH_SERVICES_CLI_AUDIT_VERIFY_H

#include "common/audit/audit_check.h"
#include "common/runtime/db.h"

struct audit_verify_options {
    const struct audit_key *key;
    const char *const *copies; /* paths */
    size_t copy_count;
    int64_t from_head; /* begin there, and believe what it says; 0: at the beginning */
    audit_fault_fn *fault;
    void *ctx;
};

struct audit_verified {
    uint64_t from, entries; /* the record has entries; those before from were not looked at */
    size_t heads;
    size_t copied_heads;
    uint64_t removed; /* events that a signed statement says were removed: their hashes are there */
    int64_t faults;
};

/* -1 with err: it could not be looked at, which says nothing about it. */
MUST_CHECK int audit_verify(struct db *db, const struct audit_verify_options *options,
                            struct audit_verified *ret, struct err *err);

#endif
