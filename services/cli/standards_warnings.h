/* SPDX-License-Identifier: Apache-2.0 */
/* standards_warnings.h - what is allowed in a standard, and yet somebody may have forgotten. Pure.
 */
#ifndef TROTH_SERVICES_CLI_STANDARDS_WARNINGS_H
#define TROTH_SERVICES_CLI_STANDARDS_WARNINGS_H

#include <stdint.h>

#include <jansson.h>

#include "common/domain/standard.h"

/* An array of texts, for json_decref(). */
json_t *standards_warnings(const struct standard *s, int64_t now_us);

#endif
