/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_journal_line.h - lines of an import's journal, each with a sum over itself and all before
 * it.
 *
 *   TEXT <tab> 16 hex digits
 *
 * What a disk changed or lost in the middle is noticed by the next line that is whole. Lines of
 * files that older programs wrote have no sum; after the first one with a sum each has to have one.
 */
#ifndef TROTH_SERVICES_CLI_IMPORT_JOURNAL_LINE_H
#define TROTH_SERVICES_CLI_IMPORT_JOURNAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"

enum {
    IMPORT_LINE_SUM_LEN = 16
};

/* Where one is in a file; zeros at its beginning. */
struct import_chain {
    uint8_t digest[32];
    bool has_sums; /* a line with a sum has passed */
};

/* Appends the line with its sum and line end. text has no line end. */
void import_line_write(struct import_chain *chain, const char *text, struct text *out);

/* Takes the sum off line, which has no line end. Returns 0, or -1 when the sum is wrong or missing.
 */
MUST_CHECK int import_line_read(struct import_chain *chain, char *line);

/* Everything there is to know from a journal. */
struct import_summary {
    int64_t count;
    int64_t undo_us; /* 0: none began */
    bool is_undone;
    bool is_ended;             /* after the last '+' line */
    size_t whole_len;          /* without a last line that was torn */
    int64_t damaged_line;      /* 0: none; the first one */
    struct import_chain chain; /* after the last whole line */
};

/* Cuts content into lines. keys, when not NULL, has room for every '+' line; it gets NULL for what
 * is not ours. */
struct import_summary import_lines_read(char *content, size_t len, char **keys);

/* Refuses what somebody or a disk has changed (code "import_damaged"), and cuts off what was torn.
 */
MUST_CHECK int import_lines_check(const struct import_summary *s, size_t len, int fd,
                                  const char *path, struct err *err);

#endif
