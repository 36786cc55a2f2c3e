/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_journal_file.h - the file behind the journal: locked, read at once, appended to, replaced.
 * All errors have the code journal_unusable unless said. */
#ifndef TROTH_SERVICES_DIALER_DIALER_JOURNAL_FILE_H
#define TROTH_SERVICES_DIALER_DIALER_JOURNAL_FILE_H

#include "common/base/bytes.h"
#include "services/dialer/dialer_journal.h"

struct dialer_journal_file {
    int fd;
    char *path;
    struct dialer_journal_io io;
};

/* Makes it when it is not there. io NULL: the real one. Close it also after -1. Code
 * journal_in_use when another process holds it. */
MUST_CHECK int dialer_journal_file_open(struct dialer_journal_file *f, const char *path,
                                        const struct dialer_journal_io *io, struct err *err);
void dialer_journal_file_close(struct dialer_journal_file *f); /* does not sync */

MUST_CHECK int dialer_journal_file_read(const struct dialer_journal_file *f, struct buffer *ret,
                                        struct err *err);
/* Drops what comes after the first len bytes. */
MUST_CHECK int dialer_journal_file_cut(const struct dialer_journal_file *f, size_t len,
                                       struct err *err);
/* On the disk when it returns 0. */
MUST_CHECK int dialer_journal_file_append(const struct dialer_journal_file *f,
                                          const struct buffer *more, struct err *err);
MUST_CHECK int dialer_journal_file_sync(const struct dialer_journal_file *f, struct err *err);
/* The name, too. */
MUST_CHECK int dialer_journal_file_sync_folder(const struct dialer_journal_file *f,
                                               struct err *err);
/* The old content stays in force until the new one is complete on the disk. */
MUST_CHECK int dialer_journal_file_replace(struct dialer_journal_file *f,
                                           const struct buffer *content, struct err *err);

#endif
