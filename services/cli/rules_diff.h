/* SPDX-License-Identifier: Apache-2.0 */
/* rules_diff.h - what changes from one rulebook to another, in words. Pure. */
#ifndef TROTH_SERVICES_CLI_RULES_DIFF_H
#define TROTH_SERVICES_CLI_RULES_DIFF_H

#include <jansson.h>

#include "common/domain/rulebook.h"

/* An array of {"part": "rule", "name": "birthday", "change": "window: 10h instead of 1d"}, for
 * json_decref(). Parts: rule, limits, outcome. */
json_t *rules_diff(const struct rulebook *before, const struct rulebook *after);

#endif
