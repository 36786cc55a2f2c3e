/* SPDX-License-Identifier: Apache-2.0 */
/* triage_store.h - the operator's questions about models in force and cases that need a person. All
 * wait for the answer. */
#ifndef TROTH_SERVICES_CLI_TRIAGE_STORE_H
#define TROTH_SERVICES_CLI_TRIAGE_STORE_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/domain/triage_model.h"
#include "common/runtime/db.h"

/* From then on the model is in force for its purpose. */
MUST_CHECK int triage_store_install(struct db *db, const struct triage_model *m, struct bytes file,
                                    int32_t *ret_id, struct err *err);

/* Everything is borrowed for the call. */
struct triage_stored_model {
    const char *report; /* how it did on what it had not seen; may be empty */
    struct bytes file;
};
typedef void triage_store_model_fn(void *ctx, const struct triage_stored_model *row);
/* The models in force, one for each purpose at most. */
MUST_CHECK int triage_store_in_force(struct db *db, triage_store_model_fn *each, void *ctx,
                                     struct err *err);

struct triage_undecided {
    int64_t service_case, opened_us;
    const char *channel, *branch; /* NULL: not told */
    int64_t in_all;               /* how many there are, also those beyond the limit */
};
typedef void triage_store_undecided_fn(void *ctx, const struct triage_undecided *row);
/* Open cases whose category nobody knows, the one that waits longest first. */
MUST_CHECK int triage_store_undecided(struct db *db, int64_t limit, triage_store_undecided_fn *each,
                                      void *ctx, struct err *err);

#endif
