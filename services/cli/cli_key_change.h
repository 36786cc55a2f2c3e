/* SPDX-License-Identifier: Apache-2.0 */
/* cli_key_change.h - the verbs of `troth key` that change a name which is there, and its options.
 */
#ifndef TROTH_SERVICES_CLI_CLI_KEY_CHANGE_H
#define TROTH_SERVICES_CLI_CLI_KEY_CHANGE_H

#include <stdbool.h>

#include "services/cli/cli.h"
#include "services/cli/key_scope.h"

struct key_options {
    const char *rights;
    const char *dir;
    const char *out;
    const char *key;
    const char *database;
    bool is_registered;
    bool is_historical;
    bool is_rotated;
    bool is_taken_back;
    int64_t overlap_us; /* how long the key or token before works too; 0: not at all */
    struct key_scope scope;
};

/* All return an enum cli_exit. */
int cli_key_rotate(const struct cli *cli, const struct key_options *o, const char *name);
int cli_key_revoke(const struct cli *cli, const struct key_options *o, const char *name);
int cli_key_finish(const struct cli *cli, const struct key_options *o, const char *name);
int cli_key_token(const struct cli *cli, const struct key_options *o, const char *name);

#endif
