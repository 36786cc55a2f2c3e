/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_stop.h"

#include <signal.h>
#include <stddef.h>

/* Set by the signal handler alone. */
static volatile sig_atomic_t is_stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    is_stopped = 1;
}

const volatile int *cli_stop_catch(void)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    return &is_stopped;
}
