/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_run.h - the work of an import: rows become records, records become receipts, refused rows
 * are written down.
 *
 * Records leave in the order of the file over one connection. A row is kept until each of its
 * records has its receipt, so that it can be written to the file of rejected rows once and whole.
 */
#ifndef TROTH_SERVICES_CLI_IMPORT_RUN_H
#define TROTH_SERVICES_CLI_IMPORT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "services/cli/cli_client.h"
#include "services/cli/import_journal.h"
#include "services/cli/import_progress.h"
#include "services/cli/import_rejects.h"
#include "services/cli/import_rows.h"
#include "services/cli/import_tally.h"

struct import_run_options {
    struct cli_client *client;
    struct import_rows *rows;
    struct import_rejects *rejects;
    struct import_journal *journal;   /* NULL: the import cannot be taken back */
    struct import_progress *progress; /* NULL: none */
    int64_t patience_us;              /* without any receipt for so long: give up */
    const volatile int *is_stopped; /* becomes true to end early; what is on its way is given up */
};

/* Returns 0 when the whole file has its receipts, else -1 with err: "no_answer", "stopped",
 * "csv_malformed", or what intake or the disk said. The tally counts what was done in either case.
 */
MUST_CHECK int import_run(const struct import_run_options *options, struct import_tally *tally,
                          struct err *err);

#endif
