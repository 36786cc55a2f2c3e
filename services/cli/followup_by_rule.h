/* SPDX-License-Identifier: Apache-2.0 */
/* followup_by_rule.h - 'troth followups --by-rule': what became of the follow-ups of each rule, and
 * for which reasons. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_BY_RULE_H
#define TROTH_SERVICES_CLI_FOLLOWUP_BY_RULE_H

#include "services/cli/cli.h"

/* Prints both tables. database NULL: the setting. Returns an enum cli_exit. */
int followup_by_rule(const struct cli *cli, const char *database);

#endif
