/* SPDX-License-Identifier: Apache-2.0 */
/* cli_user_store.h - accounts of the dashboard, as the operator. Machine time. */
#ifndef TROTH_SERVICES_CLI_CLI_USER_STORE_H
#define TROTH_SERVICES_CLI_CLI_USER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"

struct cli_user {
    const char *name;
    int16_t role;
    const char *hash; /* NULL: comes by a trusted proxy alone */
    const char *staff, *language;
    int64_t now_us;
};

enum cli_user_done {
    CLI_USER_DONE,
    CLI_USER_NAME,       /* is taken; nobody has it */
    CLI_USER_LAST_ADMIN, /* nobody would be left to keep accounts; nothing was changed */
};

/* Each waits. */
MUST_CHECK int cli_user_store_add(struct db *db, const struct cli_user *user,
                                  enum cli_user_done *ret_done, struct err *err);
/* role 0, staff and language NULL: stay. */
MUST_CHECK int cli_user_store_set(struct db *db, const struct cli_user *user,
                                  enum cli_user_done *ret_done, struct err *err);
/* Sessions that began before now_us are over. */
MUST_CHECK int cli_user_store_set_password(struct db *db, const struct cli_user *user,
                                           enum cli_user_done *ret_done, struct err *err);
MUST_CHECK int cli_user_store_set_disabled(struct db *db, const struct cli_user *user,
                                           bool is_disabled, enum cli_user_done *ret_done,
                                           struct err *err);

struct cli_user_row {
    const char *name, *staff, *language;
    int16_t role;
    bool has_password;
    int64_t created_us, disabled_us; /* DB_NO_TIME: not */
};
typedef void cli_user_row_fn(void *ctx, const struct cli_user_row *row);
MUST_CHECK int cli_user_store_list(struct db *db, cli_user_row_fn *each, void *ctx,
                                   struct err *err);

#endif
