/* SPDX-License-Identifier: Apache-2.0 */
/* followup_settings.h - what can be set, beyond what every service has. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTINGS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/settings.h"
#include "services/followup/followup_plan.h"

struct followup_settings {
    char *intake;
    char *intake_events;
    char *intake_key_file;
    char *rules;         /* path of the file */
    char *questionnaire; /* the same; "": none */
    struct followup_limits limits;
    int64_t claim_for_us;    /* machine time */
    int64_t start_within_us; /* machine time */
    int64_t ask_every_us;    /* machine time */
    int64_t resend_after_us; /* machine time */
    /* telling others; machine time */
    int64_t delivery_retry_us, delivery_retry_max_us, delivery_give_up_us;
    int64_t delivery_timeout_us, delivery_keep_us;
    char *mail_server, *mail_from;
    bool mail_starttls;
    char *ca_file, *proxy;
};

extern const struct setting followup_setting_table[];

#endif
