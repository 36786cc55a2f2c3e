/* SPDX-License-Identifier: Apache-2.0 */
/* ami_outcome.h - what a PBX says about a call, in our words. Pure. */
#ifndef TROTH_SERVICES_DIALER_AMI_OUTCOME_H
#define TROTH_SERVICES_DIALER_AMI_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "services/dialer/dialer_driver.h"

/* The CallOutcome of a customer's leg: DialStatus of its DialEnd ("BUSY", "NOANSWER", ...), and the
 * cause (ITU-T Q.850) with which it was hung up, which tells numbers that there are not from lines
 * that failed. 0: it was answered. */
int32_t ami_outcome_of_leg(const char *dial_status, int64_t cause);

/* "answered", "call_back", ...: CallOutcome's names in lower case. Returns 0, or -1. */
MUST_CHECK int ami_outcome_parse(const char *name, int32_t *ret_outcome);
/* "this_time", "this_purpose", "everything": DialRefusal's. Returns 0, or -1. */
MUST_CHECK int ami_outcome_parse_refusal(const char *name, int32_t *ret_refusal);

/* Of a call that was answered, when nobody said more: partly answered when some of what was to be
 * asked was answered and some not; else answered, for people may have talked. */
int32_t ami_outcome_of_talk(const struct dialer_item *items, size_t item_count,
                            const struct dialer_result *result);

#endif
