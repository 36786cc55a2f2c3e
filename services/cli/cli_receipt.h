/* SPDX-License-Identifier: Apache-2.0 */
/* cli_receipt.h - the answer to a record, for people. */
#ifndef TROTH_SERVICES_CLI_CLI_RECEIPT_H
#define TROTH_SERVICES_CLI_CLI_RECEIPT_H

#include <stdio.h>

#include "intake.pb-c.h"

void cli_receipt_print(const Troth__V1__Receipt *r, FILE *out);

#endif
