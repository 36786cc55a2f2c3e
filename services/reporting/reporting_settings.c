/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "services/reporting/reporting.h"

#define AT(field) offsetof(struct reporting_settings, field)

/* name, type, default, min, max, reloads, field, help */
/* The columns are too wide for it. */
/* clang-format off */
const struct setting reporting_settings[] = {
    {"time_zone",         SETTING_TEXT,  "Asia/Shanghai", NULL, NULL,   false, AT(time_zone),
     "IANA zone whose calendar days are counted; fixed with the first event that is folded."},
    {"intake_events",     SETTING_TEXT,  "",              NULL, NULL,   false, AT(intake_events),
     "PUB endpoints of intake, separated by blanks: they wake us. Empty: we look every poll."},
    {"intake_key_file",   SETTING_TEXT,  "",              NULL, NULL,   false, AT(intake_key_file),
     "File with intake's public CURVE key; needed with intake_events."},
    {"followup_events",   SETTING_TEXT,  "",              NULL, NULL,   false, AT(followup_events),
     "PUB endpoints of the follow-up scheduler, likewise."},
    {"followup_key_file", SETTING_TEXT,  "",              NULL, NULL,   false, AT(followup_key_file),
     "File with its public CURVE key; needed with followup_events."},
    {"loyalty_events",    SETTING_TEXT,  "",              NULL, NULL,   false, AT(loyalty_events),
     "PUB endpoints of loyalty scoring, likewise."},
    {"loyalty_key_file",  SETTING_TEXT,  "",              NULL, NULL,   false, AT(loyalty_key_file),
     "File with its public CURVE key; needed with loyalty_events."},
    {"batch_events",      SETTING_COUNT, "512",           "1",  "4096", false, AT(batch_events),
     "Events folded in one transaction at most."},
    {"intake",            SETTING_TEXT,  "tcp://127.0.0.1:5510", NULL, NULL, false, AT(intake),
     "Endpoint of intake for answers from the answer page; several are parted by blanks."},
    {"answer_secret_file", SETTING_TEXT, "",              NULL, NULL,   false, AT(answer_secret_file),
     "File (mode 0600) with the secret of answer links, the same as the mail dialer's; empty: no page."},
    {"webhook_secret_file", SETTING_TEXT, "",             NULL, NULL,   false, AT(webhook_secret_file),
     "File (mode 0600) with the secret of callbacks, the same as the dialers'; empty: none are taken."},
    {"dialers",           SETTING_TEXT,  "",              NULL, NULL,   false, AT(dialers),
     "HTTP endpoints of the dialers that callbacks are handed on to, parted by blanks."},
    {.type = SETTING_END},
};
/* clang-format on */
