/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_line.h - the child process of the driver `sip`: a telephone with many lines.
 *
 * Calls are placed and held here, on libre's own loop; sip_wire.h tells what comes in and goes out.
 * It ends when its driver does: calls under way are cancelled or hung up first. It never dials past
 * the start-by of an order, and never without having said so to its driver.
 */
#ifndef TROTH_SERVICES_DIALER_SIP_LINE_H
#define TROTH_SERVICES_DIALER_SIP_LINE_H

#include <stdbool.h>

#include "services/dialer/sip_wire.h"

/* The argument that makes a line of the dialer's program; its socket is SIP_LINE_FD. */
#define SIP_LINE_ARGUMENT "--sip-line"

/* Until the driver closes its end. Returns the exit status. */
int sip_line_main(void);

#endif
