/* SPDX-License-Identifier: Apache-2.0 */
/* cli_help.h - help from the same tables that parse the arguments. */
#ifndef TROTH_SERVICES_CLI_CLI_HELP_H
#define TROTH_SERVICES_CLI_CLI_HELP_H

#include <stdio.h>

#include "services/cli/cli.h"

extern const struct cli_option cli_common_options[];

void cli_help_print(const struct cli_command *const *commands, FILE *out);

/* options: those of this call, NULL for none. */
void cli_help_print_command(const struct cli_command *command, const struct cli_option *options,
                            FILE *out);

#endif
