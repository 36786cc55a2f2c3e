/* SPDX-License-Identifier: Apache-2.0 */
/* cli_stop.h - commands that put things in order when they are stopped. */
#ifndef TROTH_SERVICES_CLI_CLI_STOP_H
#define TROTH_SERVICES_CLI_CLI_STOP_H

/* From now on the first Ctrl-C or SIGTERM makes the flag that is returned true, and the command
 * ends in order; the second is the usual one. */
const volatile int *cli_stop_catch(void);

#endif
