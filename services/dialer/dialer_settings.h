/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_settings.h - what can be set, beyond what every service has. */
#ifndef TROTH_SERVICES_DIALER_DIALER_SETTINGS_H
#define TROTH_SERVICES_DIALER_DIALER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/settings.h"
#include "services/dialer/dialer_asterisk.h"
#include "services/dialer/dialer_simulation.h"
#include "services/dialer/dialer_sip.h"

struct dialer_settings {
    char *name;
    char *driver;
    char *journal;
    char *followup;
    char *followup_key_file;
    char *hours;      /* when we work: see common/domain/working_hours.h */
    char *hours_zone; /* IANA */
    int64_t lines;
    int64_t keep_for_us;
    /* of the drivers that speak over the web */
    char *ca_file, *proxy;
    /* of the driver "webhook" */
    char *webhook_url, *webhook_secret_file, *webhook_callback;
    int64_t webhook_poll_us, webhook_give_up_us, webhook_timeout_us;
    /* of the driver "mail" */
    char *mail_server, *mail_from, *mail_from_name, *mail_user, *mail_password_file;
    bool mail_starttls;
    int64_t mail_timeout_us;
    char *answer_url, *answer_secret_file;
    int64_t answer_for_us;
    /* of the driver "simulated" */
    int64_t ring_time_us;
    double ring_jitter;
    bool simulate_staff;
    struct dialer_simulation simulation;
    struct dialer_sip_settings sip;
    struct dialer_asterisk_settings asterisk;
};

extern const struct setting dialer_setting_table[];

#endif
