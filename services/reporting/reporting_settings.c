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
    {.type = SETTING_END},
};
/* clang-format on */
