/* SPDX-License-Identifier: Apache-2.0 */
/* date_format_fuzz.c - a format on the first line, a time on the next. */
#include "services/cli/date_format.h"

#include <stdlib.h>

#include "common/base/instant.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct zone *zone;
    char *format = fuzz_text(data, size);
    char *time = strchr(format, '\n');
    bool needs_zone = false;
    struct err err = ERR_NONE;
    int64_t us;

    if (!zone) {
        zone = zone_open("Europe/Berlin", &err);
        claim(zone != NULL, "the system has time zones");
    }
    if (time) {
        *time++ = '\0';
        if (date_format_check(format, &needs_zone, &err) < 0) {
            claim(err.code[0] != '\0', "a refusal has a code");
        } else if (date_format_read(format, time, needs_zone ? zone : NULL, &us) == 0) {
            const struct civil_date date = civil_from_days(us / (INT64_C(86400) * 1000000));

            claim(date.year >= 0 && date.year <= 10000, "a year has four digits");
        }
    }
    free(format);
    return 0;
}
