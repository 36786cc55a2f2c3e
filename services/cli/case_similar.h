/* SPDX-License-Identifier: Apache-2.0 */
/* case_similar.h - asks intake for solved cases that are like one, and prints them. */
#ifndef TROTH_SERVICES_CLI_CASE_SIMILAR_H
#define TROTH_SERVICES_CLI_CASE_SIMILAR_H

#include <stdint.h>

#include "services/cli/cli.h"

/* count 0: as many as is usual. purpose NULL: the case itself. Returns an enum cli_exit. */
int case_similar(struct cli *cli, const char *number, int64_t count, const char *purpose);

#endif
