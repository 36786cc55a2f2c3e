/* SPDX-License-Identifier: Apache-2.0 */
/* customer_export.h - everything about one person, for that person. */
#ifndef TROTH_SERVICES_CLI_CUSTOMER_EXPORT_H
#define TROTH_SERVICES_CLI_CUSTOMER_EXPORT_H

#include "services/cli/cli.h"

struct customer_export_options {
    const char *source;   /* whose reference it is; NULL: the setting */
    const char *database; /* NULL: the setting */
    const char *output;   /* a file that is made, mode 0600; NULL: standard output */
};

/* ref: a source's reference or "K-...". Returns an enum cli_exit: CLI_REFUSED also when something
 * is missing, which the file names. */
int customer_export(struct cli *cli, const struct customer_export_options *o, const char *ref);
/* Which tables are shown where, and which are not and why, as JSON. */
int customer_export_coverage(void);

#endif
