/* SPDX-License-Identifier: Apache-2.0 */
/* check_mapping.h - shows what a mapping makes of a file, without sending anything. */
#ifndef TROTH_SERVICES_CLI_CHECK_MAPPING_H
#define TROTH_SERVICES_CLI_CHECK_MAPPING_H

#include <stdint.h>

#include "services/cli/cli.h"

/* Reads the mapping; with csv_path (NULL: none) also the whole file, printing the records of the
 * first rows and every reason for which rows are refused. Returns an enum cli_exit. */
int check_mapping(struct cli *cli, const char *mapping_path, const char *csv_path,
                  int64_t rows_shown);

#endif
