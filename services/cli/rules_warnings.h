/* SPDX-License-Identifier: Apache-2.0 */
/* rules_warnings.h - what somebody may have forgotten in a rulebook that is right. Pure. */
#ifndef TROTH_SERVICES_CLI_RULES_WARNINGS_H
#define TROTH_SERVICES_CLI_RULES_WARNINGS_H

#include <jansson.h>

#include "common/domain/rulebook.h"

/* An array of texts, for json_decref(). */
json_t *rules_warnings(const struct rulebook *b);

#endif
