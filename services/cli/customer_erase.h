/* SPDX-License-Identifier: Apache-2.0 */
/* customer_erase.h - forgets a customer, and checks what says so. */
#ifndef TROTH_SERVICES_CLI_CUSTOMER_ERASE_H
#define TROTH_SERVICES_CLI_CUSTOMER_ERASE_H

#include "services/cli/cli.h"

struct customer_erase_options {
    const char *source; /* whose reference it is; NULL: the setting */
    const char
        *ground; /* "request", "consent-withdrawn", "purpose-ended", "order"; NULL: request */
    const char *asked_by; /* NULL: "customer" */
    const char *output;   /* where the receipt goes, a new file; NULL: erased-K-....json */
    bool wants_rotation;
    bool forgets_do_not_call;
    bool is_confirmed; /* nobody is asked */
};

/* ref: a source's reference, which reporting is asked for, or "K-...". Repeating it fetches the
 * receipt again. Returns an enum cli_exit. */
int customer_erase(struct cli *cli, const struct customer_erase_options *o, const char *ref);

/* Checks the receipt in a file, without any service, with the public file of the audit key. */
int customer_erased(const struct cli *cli, const char *path, const char *key);

#endif
