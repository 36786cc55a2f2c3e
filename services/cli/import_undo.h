/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_undo.h - takes an import back: voids each of its records, the last one first.
 *
 * The key of a void is made from the key of its record, so an undo that was broken off is finished
 * by the same command, and one that is repeated changes nothing.
 */
#ifndef TROTH_SERVICES_CLI_IMPORT_UNDO_H
#define TROTH_SERVICES_CLI_IMPORT_UNDO_H

#include "common/base/err.h"
#include "services/cli/cli_client.h"
#include "services/cli/import_journal.h"
#include "services/cli/import_progress.h"
#include "services/cli/import_tally.h"

struct import_undo_options {
    struct cli_client *client;
    const struct import_stored *stored;
    const char *id;
    struct import_progress *progress; /* NULL: none */
    int64_t patience_us;              /* without any receipt for so long: give up */
    const volatile int *is_stopped;   /* becomes true to end early */
};

/* voided + already + absent + refused.rejected = records, once all have their receipts. */
struct import_undo_tally {
    int64_t records; /* to be voided */
    int64_t voided;
    int64_t already;             /* voided before */
    int64_t absent;              /* intake never stored them */
    struct import_tally refused; /* what intake would not void, and why */
};

/* Returns 0 when every record has its answer, else -1 with err: "no_answer", "stopped", or what
 * intake said to the request as a whole. The tally counts in either case. */
MUST_CHECK int import_undo(const struct import_undo_options *options,
                           struct import_undo_tally *tally, struct err *err);

#endif
