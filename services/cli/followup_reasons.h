/* SPDX-License-Identifier: Apache-2.0 */
/* followup_reasons.h - what a stored reason of a follow-up means, in words. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_REASONS_H
#define TROTH_SERVICES_CLI_FOLLOWUP_REASONS_H

/* "quiet hours in the customer's zone"; "" for a reason that says it itself. */
const char *followup_reason_words(const char *reason);

#endif
