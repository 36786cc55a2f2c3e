/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_words.c - asks a calendar what the clocks ask it, so that what is shown is what counts.
 */
#include "services/cli/calendar_words.h"

#include <string.h>

static void append_clock(struct text *t, const struct zone *zone, int64_t at_us, int64_t end_us)
{
    struct civil_time local;

    zone_from_instant(zone, at_us, &local);
    if (at_us == end_us) {
        text_append(t, "24:00");
    } else {
        text_appendf(t, "%02d:%02d", local.hour, local.minute);
    }
}

void calendar_words_hours(struct text *t, const struct calendar *c, const struct zone *zone,
                          int64_t day)
{
    const int64_t end_us = calendar_day_begin(c, day + 1);
    const char *separator = "";

    for (int64_t at_us = calendar_day_begin(c, day); at_us < end_us;) {
        const int64_t change_us = calendar_next_change(c, at_us);
        const int64_t until_us = change_us < end_us ? change_us : end_us;

        if (calendar_is_open(c, at_us)) {
            text_append(t, separator);
            append_clock(t, zone, at_us, end_us);
            text_append(t, "-");
            append_clock(t, zone, until_us, end_us);
            separator = " ";
        }
        at_us = until_us;
    }
}

void calendar_words_branches(struct text *t, const struct calendar_book *book,
                             const struct calendar *c)
{
    const char *branch;

    for (size_t i = 0; (branch = calendar_book_branch(book, c, i)) != NULL; i++) {
        text_appendf(t, "%s%s", i > 0 ? ", " : "",
                     strcmp(branch, "*") == 0 ? "all others" : branch);
    }
}
