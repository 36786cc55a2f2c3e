/* SPDX-License-Identifier: Apache-2.0 */
/* status_print.h - one screen of 80 columns and 24 lines: what is wrong first, then the parts. */
#ifndef TROTH_SERVICES_CLI_STATUS_PRINT_H
#define TROTH_SERVICES_CLI_STATUS_PRINT_H

#include <stdio.h>

#include <jansson.h>

#include "services/cli/finding.h"
#include "services/cli/status_facts.h"

/* now_us: this machine's clock. */
void status_print(const struct status_facts *f, const struct finding_list *findings, int64_t now_us,
                  FILE *out);

/* All of it, as an object: a new reference. */
json_t *status_json(const struct status_facts *f, const struct finding_list *findings,
                    int64_t now_us);

#endif
