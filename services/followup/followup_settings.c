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
    {"rules", SETTING_TEXT, "", NULL, NULL, true, AT(rules),
     "File with the rules of follow-ups: what makes one due, when, and how much is too much."},
    {"questionnaire", SETTING_TEXT, "", NULL, NULL, true, AT(questionnaire),
     "File with what is said and asked in a follow-up; empty: dialers know that themselves."},
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
    {"delivery_retry", SETTING_DURATION, "5s", "10ms", "1h", true, AT(delivery_retry_us),
     "Machine time before an event is told to a subscription again; doubled after each failure."},
    {"delivery_retry_max", SETTING_DURATION, "12h", "10ms", "7d", true, AT(delivery_retry_max_us),
     "The longest of these waits."},
    {"delivery_give_up", SETTING_DURATION, "5d", "0", "90d", true, AT(delivery_give_up_us),
     "Machine time after the first attempt from which on a delivery is dead."},
    {"delivery_timeout", SETTING_DURATION, "15s", "10ms", "2m", true, AT(delivery_timeout_us),
     "How long a receiver may take."},
    {"delivery_keep", SETTING_DURATION, "30d", "1m", "3650d", true, AT(delivery_keep_us),
     "How long what was delivered can be replayed."},
    {"mail_server", SETTING_TEXT, "", NULL, NULL, false, AT(mail_server),
     "Mail server for subscriptions by mail: smtp://HOST:PORT or smtps://HOST:PORT; empty: none."},
    {"mail_from", SETTING_TEXT, "troth@localhost", NULL, NULL, false, AT(mail_from),
     "Address of the sender of these mails."},
    {"mail_starttls", SETTING_BOOL, "true", NULL, NULL, false, AT(mail_starttls),
     "With smtp://: nothing is said before the connection is encrypted."},
    {"ca_file", SETTING_TEXT, "", NULL, NULL, false, AT(ca_file),
     "File with the certificates to believe of receivers; empty: those of the system."},
    {"proxy", SETTING_TEXT, "", NULL, NULL, false, AT(proxy),
     "HTTP proxy to receivers; empty: none, whatever the environment says."},
    {.type = SETTING_END},
};
/* clang-format on */
