/* SPDX-License-Identifier: Apache-2.0 */
/* case_link.h - asks reporting for a link to the customer's own page of a case, or takes all of
 * them back, and prints what came of it. */
#ifndef TROTH_SERVICES_CLI_CASE_LINK_H
#define TROTH_SERVICES_CLI_CASE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "services/cli/cli.h"

/* days 0: as many as is usual. Returns an enum cli_exit. */
int case_link(struct cli *cli, char *number, int64_t days, bool is_revoked);

#endif
