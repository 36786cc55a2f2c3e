/* SPDX-License-Identifier: Apache-2.0 */
/* rules_explain.h - which rules would fire for a customer, which have, which would not and why. */
#ifndef TROTH_SERVICES_CLI_RULES_EXPLAIN_H
#define TROTH_SERVICES_CLI_RULES_EXPLAIN_H

#include "services/cli/standards_open.h"

/* rules: a file or a version; NULL: the newest version. Returns an enum cli_exit. */
int rules_explain(struct standards_access *a, const char *customer, const char *rules);

#endif
