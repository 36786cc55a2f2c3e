/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_delay.h - who guesses passwords waits longer and longer, and nobody for ever.
 *
 * Failures are counted three times: for a name from an address (who guesses), for an address (who
 * tries many names) and for a name (many addresses that guess together). The last waits a minute at
 * most. Neither of the last two holds for who logged in from the same address in the last thirty
 * days: so strangers, also those behind the same address, cannot keep somebody out of his own
 * account from where he usually is; from elsewhere they can, as long as they go on. Failures are
 * forgotten a day after the first of them, and failures alone make anybody wait, not logins.
 */
#ifndef TROTH_REPORTING_ACCOUNT_DELAY_H
#define TROTH_REPORTING_ACCOUNT_DELAY_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"

enum account_subject {
    ACCOUNT_PAIR = 0,
    ACCOUNT_ADDRESS,
    ACCOUNT_NAME,
    ACCOUNT_SUBJECTS,
};

#define ACCOUNT_SUBJECT_LEN  BYTES_DIGEST_LEN
#define ACCOUNT_KNOWN_US     (INT64_C(30) * 24 * 60 * 60 * DURATION_S)
#define ACCOUNT_FORGOTTEN_US (INT64_C(24) * 60 * 60 * DURATION_S)

struct account_subjects {
    uint8_t hash[ACCOUNT_SUBJECTS][ACCOUNT_SUBJECT_LEN];
};

/* Neither name nor address can be read out of them at a glance; that is all. */
void account_subjects_of(const char *name, const char *address, struct account_subjects *ret);

/* How long after the last of so many failures the next try may be: nothing for the first few, then
 * a second, doubled with each. */
int64_t account_delay_us(enum account_subject subject, int64_t failures);

#endif
