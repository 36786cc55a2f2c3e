/* SPDX-License-Identifier: Apache-2.0 */
/* case_references.h - prints the reference answers and their success rates. */
#ifndef TROTH_SERVICES_CLI_CASE_REFERENCES_H
#define TROTH_SERVICES_CLI_CASE_REFERENCES_H

#include <stdint.h>

#include "services/cli/cli.h"

/* database NULL: the setting. count 0: all, within reason. Returns an enum cli_exit. */
int case_references(struct cli *cli, const char *database, int64_t count);

#endif
