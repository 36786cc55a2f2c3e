/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_settings.h - what can be set, beyond what every service has. */
#ifndef TROTH_SERVICES_DIALER_DIALER_SETTINGS_H
#define TROTH_SERVICES_DIALER_DIALER_SETTINGS_H

#include <stdint.h>

#include "common/runtime/settings.h"
#include "services/dialer/dialer_simulation.h"

struct dialer_settings {
    char *name;
    char *journal;
    char *followup;
    char *followup_key_file;
    int64_t lines;
    int64_t keep_for_us;
    int64_t ring_time_us;
    struct dialer_simulation simulation;
};

extern const struct setting dialer_setting_table[];

#endif
