/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "services/loyalty/loyalty.h"

#define AT(field) offsetof(struct loyalty_settings, field)

/* name, type, default, min, max, reloads, field, help */
/* The columns are too wide for it. */
/* clang-format off */
const struct setting loyalty_settings[] = {
    {"intake_events",   SETTING_TEXT,  "",    NULL, NULL,   false, AT(intake_events),
     "PUB endpoints of intake, separated by blanks: they wake us. Empty: we look every poll."},
    {"intake_key_file", SETTING_TEXT,  "",    NULL, NULL,   false, AT(intake_key_file),
     "File with intake's public CURVE key; needed with intake_events."},
    {"batch_events",    SETTING_COUNT, "512", "1",  "4096", false, AT(batch_events),
     "Events applied in one transaction at most."},
    {.type = SETTING_END},
};
/* clang-format on */
