/* SPDX-License-Identifier: Apache-2.0 */
/* turn_until.h - how a test waits: turn the loop until a condition holds, with a deadline. */
#ifndef TROTH_TESTS_SUPPORT_TURN_UNTIL_H
#define TROTH_TESTS_SUPPORT_TURN_UNTIL_H

#include <stdbool.h>

#include "common/runtime/loop.h"

/* Returns false when is_met(ctx) still does not hold after 10 s. */
bool turn_until(struct loop *loop, bool (*is_met)(void *ctx), void *ctx);

#endif
