/* SPDX-License-Identifier: Apache-2.0 */
/* troth_wake.h - one descriptor that is readable when a loop has something to do. */
#ifndef TROTH_PROTO_LIBTROTH_TROTH_WAKE_H
#define TROTH_PROTO_LIBTROTH_TROTH_WAKE_H

#include "common/base/err.h"
#include "common/runtime/loop.h"

struct troth_wake;

/* loop is borrowed and outlives it. NULL with err "no_descriptor". */
struct troth_wake *troth_wake_new(struct loop *loop, struct err *err);
void troth_wake_free(struct troth_wake *w); /* NULL is fine */

int troth_wake_fd(const struct troth_wake *w);

/* After the turns of the loop: what it watches and when its next timer is due may have changed. */
void troth_wake_update(struct troth_wake *w);

#endif
