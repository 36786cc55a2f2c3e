/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_settings.h"

#include <stddef.h>

#define AT(field) offsetof(struct followup_settings, field)

/* The formatter would push the columns far apart. */
/* clang-format off */
/* name, type, default, min, max, reloads, field, help */
const struct setting followup_setting_table[] = {
    {"intake", SETTING_TEXT, "tcp://127.0.0.1:5510", NULL, NULL, false, AT(intake),
     "Endpoint of intake for answers and phone numbers; several are parted by blanks."},
    {"intake_events", SETTING_TEXT, "", NULL, NULL, false, AT(intake_events),
     "Endpoint of intake's events, which only wake us up; empty means that the database is polled."},
    {"intake_key_file", SETTING_TEXT, "", NULL, NULL, false, AT(intake_key_file),
     "File with the public key of intake."},
    {"call_after", SETTING_DURATION, "24h", "0", "365d", true, AT(limits.call_after_us),
     "Business time from the resolution of a case to the call about it."},
    {"call_window", SETTING_DURATION, "48h", "1m", "365d", true, AT(limits.window_us),
     "Business time in which that call may happen; after it the follow-up is missed."},
    {"retry_after", SETTING_DURATION, "1h", "0", "30d", true, AT(limits.retry_after_us),
     "Business time between two calls when the customer was not reached."},
    {"calls_max", SETTING_COUNT, "3", "1", "100", true, AT(limits.calls_max),
     "Calls per follow-up; then it has failed."},
    {"orders_max", SETTING_COUNT, "10", "1", "1000", true, AT(limits.orders_max),
     "Dial orders per follow-up, those that no dialer took included; then a person has to look."},
    {"claim_for", SETTING_DURATION, "30s", "1s", "10m", true, AT(claim_for_us),
     "Machine time in which a claimed follow-up is ordered; then others may take it."},
    {"start_within", SETTING_DURATION, "30s", "100ms", "30s", true, AT(start_within_us),
     "Machine time in which a dialer must begin an order; later it never will."},
    {"ask_every", SETTING_DURATION, "2s", "50ms", "10m", true, AT(ask_every_us),
     "How often dialers are asked about orders past their start without a result."},
    {"ask_for", SETTING_DURATION, "2m", "1s", "30d", true, AT(limits.ask_for_us),
     "Machine time to wait for a dialer that is gone; then a person has to look."},
    {"call_limit", SETTING_DURATION, "30m", "100ms", "30d", true, AT(limits.call_limit_us),
     "Machine time that a placed call may take; then a person has to look."},
    {"resend_after", SETTING_DURATION, "2s", "100ms", "10m", true, AT(resend_after_us),
     "Machine time without any receipt of intake after which answers are sent again."},
    {.type = SETTING_END},
};
/* clang-format on */
