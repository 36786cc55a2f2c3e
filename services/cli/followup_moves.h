/* SPDX-License-Identifier: Apache-2.0 */
/* followup_moves.h - 'troth followups --moved': what new time zone data moved. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_MOVES_H
#define TROTH_SERVICES_CLI_FOLLOWUP_MOVES_H

#include <stdint.h>

#include "services/cli/cli.h"

/* Prints the newest limit of them. database NULL: the setting. Returns an enum cli_exit. */
int followup_moves(const struct cli *cli, const char *database, int64_t limit);

#endif
