/* SPDX-License-Identifier: Apache-2.0 */
/* followup_numbers.h - asks intake for the phone number of each claimed follow-up; intake writes
 * down that we read it. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_NUMBERS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_NUMBERS_H

#include <stdbool.h>

#include "intake.pb-c.h"

struct followup;
struct followup_call;
struct followup_numbers;

struct followup_numbers *followup_numbers_new(struct followup *f);
void followup_numbers_free(struct followup_numbers *n); /* NULL is fine */

/* Takes the call. It goes on to followup_orders: with the number, or to give its claim up. */
void followup_numbers_ask(struct followup_numbers *n, struct followup_call *call);

void followup_numbers_on_reply(struct followup_numbers *n, const Troth__V1__DisclosureReply *reply);

bool followup_numbers_is_busy(const struct followup_numbers *n);

#endif
