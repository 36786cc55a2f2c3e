/* SPDX-License-Identifier: Apache-2.0 */
/* cli_key_store.h - the operator's questions to intake.source. All wait for the answer. */
#ifndef TROTH_SERVICES_CLI_CLI_KEY_STORE_H
#define TROTH_SERVICES_CLI_CLI_KEY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "common/runtime/principal.h"
#include "services/cli/key_scope.h"

/* Registers, or changes key and rights of a name that is there. rights: names, rights_count of
 * them. */
struct key_registration {
    const char *name;
    uint8_t key[PRINCIPAL_KEY_LEN];
    const char *const *rights;
    size_t rights_count;
    bool is_historical;
    const struct key_scope *scope; /* checked */
};
MUST_CHECK int cli_key_store_register(struct db *db, const struct key_registration *r,
                                      int64_t *ret_id, struct err *err);

/* Of these four, found: false when no key in force has the name. overlap_us: how long the one
 * before enters too; 0: it ends at once. */
struct key_change {
    bool is_found;
    bool has_former; /* there is one before, and it enters for overlap_us */
};
MUST_CHECK int cli_key_store_revoke(struct db *db, const char *name, bool *ret_found,
                                    struct err *err);
/* The key alone; all else stays. */
MUST_CHECK int cli_key_store_rotate(struct db *db, const char *name,
                                    const uint8_t key[PRINCIPAL_KEY_LEN], int64_t overlap_us,
                                    struct key_change *ret, struct err *err);
/* digest NULL: no token any more. */
MUST_CHECK int cli_key_store_set_token(struct db *db, const char *name, const uint8_t *digest,
                                       int64_t overlap_us, struct key_change *ret, struct err *err);
/* What was before ends now, key and token. */
MUST_CHECK int cli_key_store_finish(struct db *db, const char *name, bool *ret_found,
                                    struct err *err);

/* Everything is borrowed for the call; revoked_us is DB_NO_TIME for keys in force. */
struct key_row {
    int64_t id;
    const char *name;
    struct bytes key;
    const char *rights; /* parted by commas */
    bool is_historical;
    int64_t created_us, revoked_us;
    struct key_scope scope; /* lists parted by commas */
    bool has_token;
    int64_t former_key_us, former_token_us; /* until when they enter; DB_NO_TIME: none does */
};
typedef void cli_key_store_row_fn(void *ctx, const struct key_row *row);
MUST_CHECK int cli_key_store_list(struct db *db, cli_key_store_row_fn *each, void *ctx,
                                  struct err *err);

#endif
