/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_hindsight.h - what the staff of the garage chain do about what they could not know
 * beforehand: they say why a promise was broken, and work on a case that the customer opened again
 * because it was not solved.
 *
 * They look at nine, at twelve, and at three o'clock. Every choice comes from the instants of the
 * case itself, so it does not depend on the order in which numbers were given out.
 */
#ifndef TROTH_SERVICES_CLI_DEMO_HINDSIGHT_H
#define TROTH_SERVICES_CLI_DEMO_HINDSIGHT_H

#include <stdint.h>

#include "services/cli/demo_garage.h"
#include "services/cli/demo_player.h"
#include "services/cli/demo_teller.h"

struct demo_hindsight_work {
    uint64_t seed;
    int64_t looked_us; /* until then everything was seen */
    struct demo_teller teller;
};

/* ret_work is filled, and must live as long as what is returned. */
struct demo_hindsight demo_hindsight_of_garage(const struct demo_garage_options *options,
                                               struct demo_hindsight_work *ret_work);

#endif
