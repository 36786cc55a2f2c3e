/* SPDX-License-Identifier: Apache-2.0 */
/* rules_list.h - the rules that were ever in force, and how many follow-ups each planned. */
#ifndef TROTH_SERVICES_CLI_RULES_LIST_H
#define TROTH_SERVICES_CLI_RULES_LIST_H

#include "services/cli/standards_open.h"

/* Counts bucket by bucket, so that no single question takes long. Returns an enum cli_exit. */
int rules_list(struct standards_access *a);

#endif
