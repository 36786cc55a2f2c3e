/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_simulation.h - the simulated customer: what happens on a call, as a function of seed and
 * order.
 *
 * Chance depends on the seed, the number called, the business time of the order and the attempt,
 * and on nothing else: not on the order in which calls come, nor on the numbers that processes
 * happened to give. So the same seed and the same records give the same calls. The mood depends on
 * how the promises of the case were kept.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_SIMULATION_H
#define TROTH_SERVICES_DIALER_DIALER_SIMULATION_H

#include <stdint.h>

#include "common/base/err.h"
#include "services/dialer/dialer_backend.h"

/* Shares of all calls; the rest is answered. */
struct dialer_simulation {
    int64_t seed;
    double no_answer, busy, voicemail, refused, wrong_number;
};

/* Returns 0, or -1 (code "setting_invalid") when the shares add up to more than 1. */
MUST_CHECK int dialer_simulation_check(const struct dialer_simulation *s, struct err *err);

void dialer_simulation_call(const struct dialer_simulation *s, const struct dialer_order *order,
                            struct dialer_result *ret);

#endif
