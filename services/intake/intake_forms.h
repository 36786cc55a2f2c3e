/* SPDX-License-Identifier: Apache-2.0 */
/* intake_forms.h - does a text look like what it should be? Pure; none looks at an empty text. */
#ifndef TROTH_INTAKE_FORMS_H
#define TROTH_INTAKE_FORMS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"

bool intake_form_is_channel(const char *text);
bool intake_form_is_language(const char *text);
bool intake_form_is_birthday(const char *text);
/* The same of the Chinese calendar: every month may have 30 days. */
bool intake_form_is_lunar_birthday(const char *text);
bool intake_form_is_currency(const char *text);      /* one of ISO 4217's codes */
bool intake_form_is_given_promise(const char *text); /* a kind of promise that a person gives */

/* Month and day of a birthday that has the form. */
void intake_form_birthday(const char *text, int *ret_month, int *ret_day);

/* When a UUIDv7 was made. Returns 0, or -1 when text is none. */
MUST_CHECK int intake_form_uuid7_time(const char *text, int64_t *ret_us);

#endif
