/* SPDX-License-Identifier: Apache-2.0 */
/* date_format.h - times as a column writes them, by a format like that of strptime(3) but without
 * locale. */
#ifndef TROTH_SERVICES_CLI_DATE_FORMAT_H
#define TROTH_SERVICES_CLI_DATE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/zone.h"

/*
 * %Y year  %y its last two digits (69 to 99: 19xx)  %m month  %b its English name, whole or three
 * letters  %d day %H hour  %I hour of 12  %p AM or PM  %M minute  %S second  %f fraction of it, 1
 * to 6 digits %z "Z", "+08:00" or "+0800"  %s seconds since 1970  %% a percent sign. A blank stands
 * for any number of blanks. Numbers may lack leading zeros.
 */

/* Checks a format. ret_needs_zone: it says nothing about the offset. */
MUST_CHECK int date_format_check(const char *format, bool *ret_needs_zone, struct err *err);

/* Reads the whole text. What the format does not name is midnight. zone may be NULL when none is
 * needed. Returns 0, or -1 when the text does not fit, names a day that does not exist or lies
 * outside the years 1 to 9999. */
MUST_CHECK int date_format_read(const char *format, const char *text, const struct zone *zone,
                                int64_t *ret_us);

#endif
