/* SPDX-License-Identifier: Apache-2.0 */
/* questionnaire_check.h - what a questionnaire says and asks, and what somebody may have forgotten.
 */
#ifndef TROTH_SERVICES_CLI_QUESTIONNAIRE_CHECK_H
#define TROTH_SERVICES_CLI_QUESTIONNAIRE_CHECK_H

#include "services/cli/cli.h"

/* rules: a file of rules whose scripts have to be there; NULL: none. Returns the exit code. */
int questionnaire_check(const struct cli *cli, const char *path, const char *rules);

#endif
