/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_settle.h - decides what a fate changes: the attempt, its follow-up, and which records
 * carry the answers. Works on rows that are locked; the same rows and fates give the same changes.
 * No database and no bus in here.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTLE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_plan.h"

struct followup_settled {
    bool is_duplicate;         /* nothing changed */
    bool is_call;              /* this attempt ended with an outcome just now */
    enum follow_up_state from; /* of the follow-up, before */
};

/* An attempt and its follow-up, as locked; both may be changed. */
struct followup_settle_rows {
    struct follow_up *follow_up;
    struct followup_attempt *attempt;
};

/* Returns 0, or -1 with err and nothing changed: a dialer that was not ordered (code
 * "wrong_dialer"), an outcome without a rule. */
MUST_CHECK int followup_settle(const struct followup_limits *limits,
                               const struct followup_fate *fate, int64_t now_us,
                               const struct followup_settle_rows *rows,
                               struct followup_settled *ret, struct err *err);

/* Appends the packed SurveyAnswer record of one answer to ret_record; ret_key is its key. */
void followup_settle_record(const struct follow_up *f, const struct followup_attempt *a,
                            const struct followup_answer *answer,
                            char ret_key[FOLLOWUP_ANSWER_KEY_SIZE], struct buffer *ret_record);

#endif
