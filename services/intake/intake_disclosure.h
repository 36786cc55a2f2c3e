/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_disclosure.h - a number or a text for somebody who may have it, with a purpose.
 *
 * 1. read it                   -> a transaction
 * 2. write down who read what  -> committed
 * 3. answer                    -> only then
 */
#ifndef TROTH_INTAKE_DISCLOSURE_H
#define TROTH_INTAKE_DISCLOSURE_H

#include "services/intake/intake.h"

enum {
    INTAKE_DISCLOSURES_MAX = 256,
    INTAKE_DISCLOSURE_TEXT_MAX = 128
};

/* wire: the DisclosureRequest inside m. */
void intake_disclosure_ask(struct intake *in, struct bus_socket *s, const struct bus_message *m,
                           struct bytes wire);

#endif
