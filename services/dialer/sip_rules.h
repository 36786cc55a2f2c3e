/* SPDX-License-Identifier: Apache-2.0 */
/* sip_rules.h - what the telephone network's answers mean, and how we write to it. Pure. */
#ifndef TROTH_SERVICES_DIALER_SIP_RULES_H
#define TROTH_SERVICES_DIALER_SIP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"

struct sip_verdict {
    int32_t outcome; /* CallOutcome */
    int32_t refusal; /* DialRefusal; 0: none */
};

/* Of a call that was not picked up: its final status (RFC 3261 section 21; 607: RFC 8197; 608: RFC
 * 8688). 0: none came. What is not in the table failed. */
struct sip_verdict sip_rules_verdict(unsigned status);

/* Whether a call without a final status may have rung. sent_count: how often its INVITE was given
 * to the network; failure: the errno it ended with. Only when there was nothing to send it to, or
 * the first sending of all failed, it certainly has not. */
bool sip_rules_may_have_rung(unsigned sent_count, bool has_response, int failure);

/* The number as a telephone network takes it: digits and a '+' in front; blanks, dots, dashes and
 * brackets are left out. Returns 0, or -1: no customer has such a number. */
MUST_CHECK int sip_rules_number(const char *phone, char *ret_number, size_t size);

/* The voice of espeak-ng for a language tag (BCP 47), by its first part: "cmn" for Chinese. "en"
 * when the tag is none. */
void sip_rules_voice(const char *language, char ret_voice[9]);

/* Where a recorded sound stands: <folder>/<script>/<language>/<code>.wav. Returns 0, or -1 when a
 * part is empty or not made of letters, digits, '-' and '_' alone. */
MUST_CHECK int sip_rules_sound_path(const char *folder, const char *const parts[3], char *ret_path,
                                    size_t size);

#endif
