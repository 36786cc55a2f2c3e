/* SPDX-License-Identifier: Apache-2.0 */
/* followup_settings.h - what can be set, beyond what every service has. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTINGS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTINGS_H

#include <stdint.h>

#include "common/runtime/settings.h"
#include "services/followup/followup_plan.h"

struct followup_settings {
    char *intake;
    char *intake_events;
    char *intake_key_file;
    struct followup_limits limits;
    int64_t claim_for_us;    /* machine time */
    int64_t start_within_us; /* machine time */
    int64_t ask_every_us;    /* machine time */
    int64_t resend_after_us; /* machine time */
};

extern const struct setting followup_setting_table[];

#endif
