/* SPDX-License-Identifier: Apache-2.0 */
/* intake_erasure.h - answers what became of an erasure, with a signed receipt: as often as it is
 * asked for, the same one. */
#ifndef TROTH_INTAKE_INTAKE_ERASURE_H
#define TROTH_INTAKE_INTAKE_ERASURE_H

#include "common/base/bytes.h"
#include "common/runtime/bus.h"

struct intake;

/* wire: the ErasureReceiptRequest inside m. */
void intake_erasure_ask(struct intake *in, struct bus_socket *s, const struct bus_message *m,
                        struct bytes wire);

#endif
