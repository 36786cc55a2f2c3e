/* SPDX-License-Identifier: Apache-2.0 */
/* clock_json.h - a promise's clock as JSON: instants and lengths in microseconds, nothing rounded.
 */
#ifndef TROTH_SERVICES_CLI_CLOCK_JSON_H
#define TROTH_SERVICES_CLI_CLOCK_JSON_H

#include <stdio.h>

#include "common/domain/clock_view.h"
#include "services/cli/clock_print.h"

/* Everything; other NULL: without a comparison. */
void clock_json_print(const struct promise_history *h, const struct clock_view *v,
                      const struct clock_other *other, FILE *out);

#endif
