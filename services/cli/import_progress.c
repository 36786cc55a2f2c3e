/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/text.h"

#define BAR_EVERY_US  (100 * DURATION_MS)
#define LINE_EVERY_US (5 * DURATION_S)
enum {
    BAR_COLUMNS = 20
};

void import_progress_start(struct import_progress *p, int64_t now_us, int64_t bytes_total)
{
    p->is_terminal = isatty(STDERR_FILENO) == 1;
    p->start_us = now_us;
    p->next_us = now_us + (p->is_terminal ? BAR_EVERY_US : LINE_EVERY_US);
    p->bytes_total = bytes_total;
}

static void append_bar(struct text *out, int percent)
{
    const int full = percent * BAR_COLUMNS / 100;

    text_append(out, "[");
    for (int i = 0; i < BAR_COLUMNS; i++) {
        text_append(out, i < full ? "#" : ".");
    }
    text_append(out, "] ");
}

void import_progress_line(const struct import_progress *p, int64_t now_us, int64_t bytes_read,
                          const struct import_tally *t, struct text *out)
{
    const int64_t elapsed_us = now_us - p->start_us;
    const int64_t done = t->accepted + t->duplicate + t->rejected;
    const int64_t rate = elapsed_us > 0 ? done * DURATION_S / elapsed_us : 0;

    if (p->bytes_total > 0) {
        const int percent = (int)(100 * bytes_read / p->bytes_total);

        text_appendf(out, "%3d%% ", percent > 100 ? 100 : percent);
        if (p->is_terminal) {
            append_bar(out, percent > 100 ? 100 : percent);
        }
    }
    text_appendf(out, "rows %" PRId64 "  done %" PRId64 "  %" PRId64 "/s", t->rows, done, rate);
    if (t->rejected + t->rows_unmapped > 0) {
        text_appendf(out, "  refused %" PRId64, t->rejected + t->rows_unmapped);
    }
}

static bool is_time(struct import_progress *p, int64_t now_us)
{
    if (now_us < p->next_us) {
        return false;
    }
    p->next_us = now_us + (p->is_terminal ? BAR_EVERY_US : LINE_EVERY_US);
    return true;
}

/* On a terminal each line takes the place of the one before; "\x1b[K" clears what is left of it.
 * Frees line. */
static void print_line(const struct import_progress *p, const char *what, struct text *line)
{
    if (p->is_terminal) {
        (void)fprintf(stderr, "\r%s\x1b[K", text_or_empty(line));
    } else {
        (void)fprintf(stderr, "%s: %s\n", what, text_or_empty(line));
    }
    text_free(line);
}

void import_progress_show(struct import_progress *p, int64_t now_us, int64_t bytes_read,
                          const struct import_tally *t)
{
    struct text line = {0};

    if (is_time(p, now_us)) {
        import_progress_line(p, now_us, bytes_read, t, &line);
        print_line(p, "import", &line);
    }
}

void import_progress_show_undo(struct import_progress *p, int64_t now_us, int64_t done,
                               int64_t records)
{
    struct text line = {0};

    if (is_time(p, now_us)) {
        const int percent = records > 0 ? (int)(100 * done / records) : 100;

        text_appendf(&line, "%3d%% ", percent);
        if (p->is_terminal) {
            append_bar(&line, percent);
        }
        text_appendf(&line, "taken back %" PRId64 " of %" PRId64, done, records);
        print_line(p, "undo", &line);
    }
}

void import_progress_end(const struct import_progress *p)
{
    if (p->is_terminal) {
        (void)fputs("\r\x1b[K", stderr);
    }
}
