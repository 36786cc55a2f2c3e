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
#include "services/dialer/dialer_driver.h"

struct dialer_simulation {
    int64_t seed;
    /* Shares of all calls; the rest is answered. */
    double no_answer, busy, voicemail, refused, wrong_number;
    double machine, partly_answered, call_back, language, invalid_number, failed;
    /* Shares of the refusals; the rest is for this time. */
    double refused_purpose, refused_everything;
    /* Shares of the answered calls. */
    double new_number, notes;
};

/* Returns 0, or -1 (code "setting_invalid") when the shares of something add up to more than 1. */
MUST_CHECK int dialer_simulation_check(const struct dialer_simulation *s, struct err *err);

/* A mail or a message is sent, or cannot be; its answer comes by itself, and not from here. */
void dialer_simulation_call(const struct dialer_simulation *s, const struct dialer_order *order,
                            struct dialer_result *ret);

/* In [0, 1): even over orders, and independent for each question. */
double dialer_simulation_chance(const struct dialer_simulation *s, const struct dialer_order *order,
                                const char *question);

#endif
