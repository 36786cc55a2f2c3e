/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_asterisk.h - settings of the driver `asterisk`. */
#ifndef TROTH_SERVICES_DIALER_DIALER_ASTERISK_H
#define TROTH_SERVICES_DIALER_DIALER_ASTERISK_H

#include <stdbool.h>
#include <stdint.h>

struct dialer_asterisk_settings {
    char *server;
    bool is_tls;
    char *user, *password;
    char *channel; /* the first leg: who talks to the customer */
    char *context; /* where the customer's leg is dialed, by the number as the extension */
    char *caller;
    int64_t ring_us; /* of the first leg */
};

#endif
