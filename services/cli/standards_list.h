/* SPDX-License-Identifier: Apache-2.0 */
/* standards_list.h - the standards that were ever in force, and how much was decided by each. */
#ifndef TROTH_SERVICES_CLI_STANDARDS_LIST_H
#define TROTH_SERVICES_CLI_STANDARDS_LIST_H

#include "services/cli/standards_open.h"

/* Reads every case and promise once, bucket by bucket, so that no single question takes long.
 * Returns an enum cli_exit. */
int standards_list(struct standards_access *a);

#endif
