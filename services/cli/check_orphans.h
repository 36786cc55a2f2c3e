/* SPDX-License-Identifier: Apache-2.0 */
/* check_orphans.h - rows of intake that name a customer or a case which does not exist. */
#ifndef TROTH_SERVICES_CLI_CHECK_ORPHANS_H
#define TROTH_SERVICES_CLI_CHECK_ORPHANS_H

#include "services/cli/cli.h"

/* Asks PostgreSQL as the operator, bucket by bucket, and prints what it found: CLI_OK without any,
 * CLI_REFUSED with some. conninfo NULL: the setting database. */
int check_orphans(const struct cli *cli, const char *conninfo);

#endif
