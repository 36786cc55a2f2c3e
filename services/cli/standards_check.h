/* SPDX-License-Identifier: Apache-2.0 */
/* standards_check.h - reads a standards file and says what is in it. */
#ifndef TROTH_SERVICES_CLI_STANDARDS_CHECK_H
#define TROTH_SERVICES_CLI_STANDARDS_CHECK_H

#include "services/cli/cli.h"

/* Returns an enum cli_exit; warnings are no failure. */
int standards_check(const struct cli *cli, const char *path);

#endif
