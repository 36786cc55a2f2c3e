/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_settings.h"

#include <stddef.h>

#define AT(field) offsetof(struct dialer_settings, field)

/* The formatter would push the columns far apart. */
/* clang-format off */
/* name, type, default, min, max, reloads, field, help */
const struct setting dialer_setting_table[] = {
    {"name", SETTING_TEXT, "dialer", NULL, NULL, false, AT(name),
     "Name of this dialer, stable over restarts: its journal is known by it."},
    {"journal", SETTING_TEXT, "/var/lib/troth/dialer.journal", NULL, NULL, false, AT(journal),
     "File that remembers which orders were dialed; one per dialer, on a disk that lasts."},
    {"followup", SETTING_TEXT, "tcp://127.0.0.1:5520", NULL, NULL, false, AT(followup),
     "Endpoint of the follow-up scheduler; several are parted by blanks."},
    {"followup_key_file", SETTING_TEXT, "", NULL, NULL, false, AT(followup_key_file),
     "File with the public key of the follow-up scheduler."},
    {"lines", SETTING_COUNT, "64", "1", "10000", false, AT(lines),
     "Calls at the same time."},
    {"keep_for", SETTING_DURATION, "90d", "1d", NULL, false, AT(keep_for_us),
     "How long the journal keeps orders that are over and done with."},
    {"ring_time", SETTING_DURATION, "0", "0", "10m", false, AT(ring_time_us),
     "Machine time that a simulated call takes."},
    {"seed", SETTING_COUNT, "1", NULL, NULL, false, AT(simulation.seed),
     "Chooses among simulated worlds: the same seed and the same orders give the same calls."},
    {"no_answer", SETTING_REAL, "0.12", "0", "1", false, AT(simulation.no_answer),
     "Share of simulated calls that nobody answers."},
    {"busy", SETTING_REAL, "0.08", "0", "1", false, AT(simulation.busy),
     "Share of simulated calls to a line that is busy."},
    {"voicemail", SETTING_REAL, "0.04", "0", "1", false, AT(simulation.voicemail),
     "Share of simulated calls that a machine answers."},
    {"refused", SETTING_REAL, "0.03", "0", "1", false, AT(simulation.refused),
     "Share of simulated calls on which the customer does not want to talk."},
    {"wrong_number", SETTING_REAL, "0.03", "0", "1", false, AT(simulation.wrong_number),
     "Share of simulated calls that reach somebody else."},
    {.type = SETTING_END},
};
/* clang-format on */
