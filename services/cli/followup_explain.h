/* SPDX-License-Identifier: Apache-2.0 */
/* followup_explain.h - why a follow-up is where it is: its row, its history, what it covers, and
 * what arbitration would say of it now. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_EXPLAIN_H
#define TROTH_SERVICES_CLI_FOLLOWUP_EXPLAIN_H

#include "services/cli/cli.h"

/* number: "F-1234-5". database NULL: the setting. Prints; returns the exit code. */
int followup_explain(const struct cli *cli, const char *database, const char *number);

#endif
