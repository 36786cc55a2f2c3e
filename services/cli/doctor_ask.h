/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_ask.h - runs a program to its end and takes what it prints. */
#ifndef TROTH_SERVICES_CLI_DOCTOR_ASK_H
#define TROTH_SERVICES_CLI_DOCTOR_ASK_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"

/* command ends with NULL. Appends standard output, or with takes_errors standard error too, at most
 * 1 MiB. Returns its exit status, -1 with err when it could not be started or did not end within
 * 20 s (then it is killed). */
MUST_CHECK int doctor_ask(char *const *command, bool takes_errors, struct text *out,
                          struct err *err);

#endif
