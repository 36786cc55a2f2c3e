/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_journal_line.h - one line of the journal, written and read. Format: see dialer_journal.h.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_JOURNAL_LINE_H
#define TROTH_SERVICES_DIALER_DIALER_JOURNAL_LINE_H

#include "common/base/bytes.h"
#include "services/dialer/dialer_journal.h"
#include "services/dialer/dialer_result.h"

enum dialer_line_verb {
    DIALER_LINE_HEADER = 1,
    DIALER_LINE_BARRED,
    DIALER_LINE_PLACED,
    DIALER_LINE_FINISHED,
    DIALER_LINE_TAKEN,
};

struct dialer_line {
    enum dialer_line_verb verb;
    char key[DIALER_KEY_SIZE];            /* header: the name of the dialer */
    char id[DIALER_JOURNAL_ID_SIZE];      /* header only */
    int64_t at_us;                        /* not of the header */
    char result[DIALER_RESULT_TEXT_SIZE]; /* finished only: see dialer_result.h */
};

/* A name that can stand in the header: 1 to 63 letters, digits, '.', '_' or '-'. */
bool dialer_journal_line_is_name(const char *name);

/* Appends the line with its checksum and line end. */
void dialer_journal_line_write(const struct dialer_line *line, struct buffer *out);

/* text without the line end. Returns 0, or -1 when the checksum or the form is wrong. */
MUST_CHECK int dialer_journal_line_read(struct bytes text, struct dialer_line *ret);

#endif
