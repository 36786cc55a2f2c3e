/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/turn_until.h"

#include "common/base/instant.h"

#define DEADLINE_US INT64_C(10000000)
#define LOOK_US     INT64_C(1000)

bool turn_until(struct loop *loop, bool (*is_met)(void *ctx), void *ctx)
{
    int64_t end_us = instant_monotonic_us() + DEADLINE_US;
    while (!is_met(ctx)) {
        if (instant_monotonic_us() > end_us) {
            return false;
        }
        loop_turn(loop, LOOK_US);
    }
    return true;
}
