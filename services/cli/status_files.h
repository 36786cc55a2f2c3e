/* SPDX-License-Identifier: Apache-2.0 */
/* status_files.h - what `troth status` sees of this machine: how full its disks are, and how old
 * the copies of signed heads are. What the caller may not look at is left out. */
#ifndef TROTH_SERVICES_CLI_STATUS_FILES_H
#define TROTH_SERVICES_CLI_STATUS_FILES_H

#include "services/cli/status_facts.h"

/* After status_store_read(), which says where the data are. settings_folder: where intake.conf
 * stands, which names the copies; there need be none. */
void status_files_read(const char *settings_folder, struct status_facts *f);

/* Percent of the file system that a folder is on which are free to its users, and bytes. Returns
 * -1 with errno when it cannot be looked at. */
MUST_CHECK int status_files_free(const char *folder, int64_t *ret_percent, int64_t *ret_bytes);

#endif
