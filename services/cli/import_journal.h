/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_journal.h - what an import has sent, on disk, so that it can be taken back.
 *
 * One file per import, named by the import's ID. The ID is a hash of who sends to whom, the
 * mapping, the CSV file and the edition: the same command again goes on in the same file, whether
 * the first one was finished or killed. A record is written down before it is sent, and once more
 * when it turned out not to be this import's: refused, or stored by an earlier import. So what a
 * kill leaves open counts as ours; to void a record that intake never got does no harm.
 */
#ifndef TROTH_SERVICES_CLI_IMPORT_JOURNAL_H
#define TROTH_SERVICES_CLI_IMPORT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "services/cli/cli.h"

#define IMPORT_ID_SIZE 17 /* 16 hex digits and NUL */

/* What makes an import the same one. Reads both files whole; with one that is no plain file
 * (standard input, a pipe) the ID is made by chance. */
MUST_CHECK int import_journal_id(const struct cli *cli, const char *csv_path,
                                 const char *mapping_path, int64_t edition,
                                 char ret_id[IMPORT_ID_SIZE], struct err *err);

struct import_journal;

/* Makes the file or goes on in it. NULL with err: "import_running" when another process writes it,
 * "import_damaged" when it is not as it was written, "setting_missing", "file_unwritable". */
struct import_journal *import_journal_open(const struct cli *cli, const char *id,
                                           const char *csv_path, struct err *err);
/* Forgets what was not flushed. NULL is fine. */
void import_journal_free(struct import_journal *j);

/* Was all that this import stored taken back before it was opened? */
bool import_journal_was_undone(const struct import_journal *j);

/* Returns the number of the entry. */
int64_t import_journal_add(struct import_journal *j, const char *key);
void import_journal_not_ours(struct import_journal *j, int64_t number);

/* Hands to the system what was added: before the records are sent. Code "file_unwritable". */
MUST_CHECK int import_journal_flush(struct import_journal *j, struct err *err);
/* The last flush; after it the file is on the disk. */
MUST_CHECK int import_journal_end(struct import_journal *j, struct err *err);

/* What an import has stored, as far as is known. */
struct import_stored {
    char *content; /* of the file; keys point into it */
    char **keys;   /* in the order of sending */
    size_t count;
    bool is_ended;   /* false: the run was killed, or the end of the file is lost */
    int64_t undo_us; /* when the first undo began: part of the voids, so always the same */
    char *path;
};

/* Reads it for an undo, which is noted in the file. Codes: "import_unknown", "file_unreadable",
 * "file_unwritable", "import_running", "import_damaged". */
MUST_CHECK int import_journal_load(const struct cli *cli, const char *id,
                                   struct import_stored *ret_stored, struct err *err);
void import_stored_free(struct import_stored *s);

/* All of it was taken back. */
MUST_CHECK int import_journal_mark_undone(const struct import_stored *s, struct err *err);

#endif
