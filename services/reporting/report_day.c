/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_day.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"

/* The digits from text[from] on; -1 when one is something else. */
static int number_at(const char *text, int from, int count)
{
    int number = 0;

    for (int i = from; i < from + count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = 10 * number + (text[i] - '0');
    }
    return number;
}

int report_day_parse(const char *text, int64_t *ret_days)
{
    if (text == NULL || strlen(text) != REPORT_DAY_SIZE - 1 || text[4] != '-' || text[7] != '-') {
        return -1;
    }
    const struct civil_date date = {
        .year = number_at(text, 0, 4),
        .month = number_at(text, 5, 2),
        .day = number_at(text, 8, 2),
    };
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) {
        return -1;
    }
    int64_t days = civil_to_days(date);
    struct civil_date back = civil_from_days(days);
    if (back.month != date.month || back.day != date.day) {
        return -1; /* such as the 30th of February */
    }
    *ret_days = days;
    return 0;
}

const char *report_day_format(int64_t days, char ret_text[REPORT_DAY_SIZE])
{
    struct civil_date date = civil_from_days(days);

    text_format(ret_text, REPORT_DAY_SIZE, "%04d-%02d-%02d", date.year, date.month, date.day);
    return ret_text;
}
