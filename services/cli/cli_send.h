/* SPDX-License-Identifier: Apache-2.0 */
/* cli_send.h - one record to intake, from the connection to the exit status. */
#ifndef TROTH_SERVICES_CLI_CLI_SEND_H
#define TROTH_SERVICES_CLI_CLI_SEND_H

#include <stdbool.h>

#include "intake.pb-c.h"
#include "services/cli/cli.h"

/* Sends it until there is a final receipt, and prints that. A record without a key gets one of its
 * own, without a time the present one. Returns an enum cli_exit. */
int cli_send_record(struct cli *cli, bool is_json, Troth__V1__Record *record);

/* The same, but nothing is printed of a receipt that says accepted, or rejected with that code
 * (NULL: none): CLI_OK. */
int cli_send_quietly(struct cli *cli, Troth__V1__Record *record, const char *fine);

#endif
