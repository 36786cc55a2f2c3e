/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_settle.h - decides what a fate changes: the attempt and its follow-up. Works on rows
 * that are locked; the same rows and fates give the same changes. No database and no bus in here.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTLE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_outcome.h"

struct followup_settled {
    bool is_duplicate;         /* nothing changed */
    bool is_call;              /* this attempt ended with an outcome just now */
    enum follow_up_state from; /* of the follow-up, before */
};

/* An attempt and its follow-up, as locked; both may be changed. */
struct followup_settle_rows {
    struct follow_up *follow_up;
    struct followup_attempt *attempt;
    int32_t same_count;       /* see struct followup_outcome_end */
    bool was_accepted;        /* the attempt was placed before this fate; for who keeps leases */
    bool is_called_elsewhere; /* see struct followup_locked */
};

/* Returns 0, or -1 with err and nothing changed: a dialer that was not ordered (code
 * "wrong_dialer"), an outcome without a rule. */
MUST_CHECK int followup_settle(const struct followup_outcome_terms *terms,
                               const struct followup_fate *fate, int64_t now_us,
                               const struct followup_settle_rows *rows,
                               struct followup_settled *ret, struct err *err);

#endif
