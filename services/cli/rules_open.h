/* SPDX-License-Identifier: Apache-2.0 */
/* rules_open.h - a rulebook by what people call it: a file, or a version that was in force. */
#ifndef TROTH_SERVICES_CLI_RULES_OPEN_H
#define TROTH_SERVICES_CLI_RULES_OPEN_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/domain/rulebook.h"
#include "services/cli/standards_open.h"

/* name: the path of a file if there is one, else the id of a stored version, or at least four
 * digits that its hash begins with. NULL with err; the caller frees it. */
struct rulebook *rules_open(struct standards_access *a, const char *name, struct err *err);

/* The version that was put in force last, and its id. */
struct rulebook *rules_open_newest(struct standards_access *a, int32_t *ret_id, struct err *err);

#endif
