/* SPDX-License-Identifier: Apache-2.0 */
/* form_field.h - one field of application/x-www-form-urlencoded, as a page sends it. Pure. */
#ifndef TROTH_REPORTING_FORM_FIELD_H
#define TROTH_REPORTING_FORM_FIELD_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/text.h"

/* Appends the decoded value of a field; the first of that name. Returns whether there is one that
 * is UTF-8 without NUL. */
bool form_field(struct bytes body, const char *name, struct text *out);

#endif
