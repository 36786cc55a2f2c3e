/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_records.h - what a customer told in a follow-up becomes records for intake. Pure.
 *
 *   answers, a note                see answer_writer.h, also for the keys
 *   refusal of the purpose         Consent: refused, on all channels
 *   refusal of everything          Consent: do not call
 *   another number, or language    CustomerProfile, one each
 */
#ifndef TROTH_SERVICES_FOLLOWUP_ANSWER_RECORDS_H
#define TROTH_SERVICES_FOLLOWUP_ANSWER_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/domain/answer_writer.h"
#include "common/domain/questionnaire.h"
#include "services/followup/agenda.h"
#include "services/followup/call_told.h"
#include "services/followup/followup_order_key.h"

enum {
    ANSWER_RECORDS_MAX = 40, /* of one result: 32 answers, and what else was told */
};

/* The suffix of the key of the Consent record. */
#define ANSWER_RECORDS_CONSENT "customer-consent"

/* The conversation. */
struct answer_call {
    const struct agenda *agenda;               /* at least one reason */
    const struct questionnaire *questionnaire; /* in force; NULL: none */
    int32_t attempt;                           /* of the leading follow-up */
    int64_t ended_us;                          /* business time: when it was said */
    const char *trace;                         /* of the leading follow-up; NULL or "": none */
};

/* Appends packed records to *out and describes them. Returns how many. */
size_t answer_records_make(const struct answer_call *call, const struct call_told *told,
                           struct buffer *out,
                           struct answer_record ret_records[ANSWER_RECORDS_MAX]);

/* One of them is a Consent: the customer does not want such calls, or none at all. */
bool answer_records_refusal(const struct call_told *told);

#endif
