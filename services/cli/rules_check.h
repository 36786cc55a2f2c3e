/* SPDX-License-Identifier: Apache-2.0 */
/* rules_check.h - reads a file of rules and says what is in it. */
#ifndef TROTH_SERVICES_CLI_RULES_CHECK_H
#define TROTH_SERVICES_CLI_RULES_CHECK_H

#include "services/cli/cli.h"

/* Returns an enum cli_exit; warnings are no failure. */
int rules_check(const struct cli *cli, const char *path);

#endif
