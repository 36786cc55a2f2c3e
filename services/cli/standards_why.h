/* SPDX-License-Identifier: Apache-2.0 */
/* standards_why.h - which rule a contact gets, why not those before it, and what it is promised. */
#ifndef TROTH_SERVICES_CLI_STANDARDS_WHY_H
#define TROTH_SERVICES_CLI_STANDARDS_WHY_H

#include "services/cli/standards_open.h"

/* Of a case, under the version that is stored with it. Returns an enum cli_exit. */
int standards_why_case(struct standards_access *a, const char *case_number);

/* Of a record with a contact in a JSON file, which need not have been sent. */
int standards_why_record(struct standards_access *a, const char *path, const char *standard,
                         const char *tier);

#endif
