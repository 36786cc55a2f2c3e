/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_sip.h - settings of the driver `sip`, and what keeps its calls until their line is up.
 *
 * dialer_sip is the driver itself (dialer_driver.h).
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_SIP_H
#define TROTH_SERVICES_DIALER_DIALER_SIP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "services/dialer/sip_wire.h"

struct dialer_sip_settings {
    char *server;
    char *transport;
    char *caller;
    char *user;
    char *password;
    char *address;
    char *ports; /* "20000-29999" */
    char *sounds;
    bool is_registering;
    bool may_speak;
    int64_t ring_us, answer_us;
    int64_t repeats;
};

/* Returns 0, or -1 (code "setting_invalid"). */
MUST_CHECK int dialer_sip_setup(const struct dialer_sip_settings *settings,
                                struct sip_setup *ret_setup, struct err *err);

#endif
