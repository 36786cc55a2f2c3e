/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_libre.h - libre (SIP, SDP, RTP), included in one way everywhere: its headers ask which
 * standard headers there are, and bring macros that nobody else should see.
 *
 * Only sip_line, sip_call and sip_sounds know it. It has a loop of its own, which is why they run
 * in a child process (dialer_sip.c).
 */
#ifndef TROTH_SERVICES_DIALER_SIP_LIBRE_H
#define TROTH_SERVICES_DIALER_SIP_LIBRE_H

#define HAVE_INTTYPES_H 1
#define HAVE_STDBOOL_H  1
#define HAVE_INET6      1

/* Of what libre itself would print: nothing, for it may print numbers. */
#define DEBUG_MODULE "sip"
#define DEBUG_LEVEL  0

#include <re/re.h>
#include <re/re_dbg.h>

#endif
