/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_wire.h - orders and results between their messages (proto/dialer.proto) and our structs.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_WIRE_H
#define TROTH_SERVICES_DIALER_DIALER_WIRE_H

#include "dialer.pb-c.h"
#include "services/dialer/dialer_driver.h"

/* Copies all but link. Returns 0, or -1 when something is missing or too long without which it
 * cannot be dialed: ret then has as much of the key as there is. The caller wipes ret. */
MUST_CHECK int dialer_wire_read_order(const Troth__V1__DialOrder *message,
                                      struct dialer_order *ret);

/* A message that points into itself, key and r: valid as long as they are. */
struct dialer_wire_result {
    Troth__V1__DialResult result;
    Troth__V1__DialedAnswer answers[DIALER_ANSWERS_MAX];
    Troth__V1__DialedAnswer *pointers[DIALER_ANSWERS_MAX];
};

void dialer_wire_fill_result(char *key, struct dialer_result *r, struct dialer_wire_result *ret);

#endif
