/* SPDX-License-Identifier: Apache-2.0 */
/* lunar_table_days.c - prints every day and every solar term of our tables, in the lines and the
 * order of lunar_javascript_days.js. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/domain/lunar.h"
#include "common/domain/solar_term.h"

static void print_day(struct civil_date day)
{
    struct lunar_date l;

    if (lunar_from_civil(day, &l) == 0) {
        (void)printf("%04d-%02d-%02d %d %d %d%s\n", day.year, day.month, day.day, l.year, l.month,
                     l.day, l.is_leap_month ? " leap" : "");
    }
}

static void print_term(struct civil_date day)
{
    for (int term = 2 * (day.month - 1); term < 2 * day.month; term++) {
        struct civil_date date;

        if (solar_term_date(term, day.year, &date) == 0 && date.day == day.day) {
            (void)printf("%s %04d-%02d-%02d\n", solar_term_name(term), day.year, day.month,
                         day.day);
        }
    }
}

int main(void)
{
    const int64_t end = civil_to_days((struct civil_date){2102, 1, 1});

    for (int64_t n = civil_to_days((struct civil_date){1900, 1, 1}); n < end; n++) {
        print_day(civil_from_days(n));
        print_term(civil_from_days(n));
    }
    return EXIT_SUCCESS;
}
