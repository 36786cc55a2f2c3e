/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_simulated_line.h - the backend whose calls are simulated: the phone rings for a while,
 * then the simulation answers. */
#ifndef TROTH_SERVICES_DIALER_DIALER_SIMULATED_LINE_H
#define TROTH_SERVICES_DIALER_DIALER_SIMULATED_LINE_H

#include "common/runtime/loop.h"
#include "services/dialer/dialer_simulation.h"

struct dialer_simulated_line_options {
    struct loop *loop;
    const struct dialer_simulation *simulation; /* borrowed; may change */
    int64_t ring_time_us;                       /* machine time; 0: the call is over at once */
    dialer_finished_fn *finished;
    void *ctx;
};

extern const struct dialer_backend dialer_simulated_line;

/* The line to give to the functions of the backend. */
void *dialer_simulated_line_new(const struct dialer_simulated_line_options *options);

#endif
