/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_fates.h - the third committed step: what became of an order moves its follow-up, and its
 * answers into the outbox.
 *
 * A fate may come twice, late, or to another process than the one that ordered: the rows decide,
 * and the second time nothing changes. It is kept in memory only: dialers repeat their results
 * until the receipt, and the watch asks again for the rest.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_FATES_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_FATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/followup/call_told.h"
#include "services/followup/followup_dialers.h"
#include "services/followup/followup_order_key.h"

struct followup;
struct followup_fates;
struct inquiry;

enum followup_fate_kind {
    FOLLOWUP_FATE_BARRED = 1,
    FOLLOWUP_FATE_PLACED,
    FOLLOWUP_FATE_STAGE, /* placed, and how far it is */
    FOLLOWUP_FATE_FINISHED,
    FOLLOWUP_FATE_JOURNAL_LOST,
    FOLLOWUP_FATE_DIALER_GONE,
    FOLLOWUP_FATE_UNKNOWN,
    /* of people at the worklist */
    FOLLOWUP_FATE_ACCEPTED,   /* a person calls now */
    FOLLOWUP_FATE_RETURNED,   /* somebody else may have it */
    FOLLOWUP_FATE_SNOOZED,    /* not before until_us */
    FOLLOWUP_FATE_LEASE_OVER, /* nobody accepted it in time */
};

enum {
    FOLLOWUP_FATE_CODE_SIZE = 40,
    FOLLOWUP_FATE_TEXT_SIZE = 160,
};

struct followup_fate {
    int64_t follow_up;
    int32_t attempt;
    enum followup_fate_kind kind;
    char
        dialer[FOLLOWUP_DIALER_SIZE]; /* who says so; must be the one that was ordered. "": we do */
    /* with FINISHED */
    int32_t outcome; /* CallOutcome */
    int64_t started_us, ended_us;
    struct call_told told;
    int32_t stage;            /* DialStage; with STAGE */
    int64_t receipt_until_us; /* monotonic: its receipt is not sent any more then */
    bool wants_receipt;
    int64_t until_us; /* business time; with SNOOZED */
    /* Who is told what became of it, and why nothing did; NULL: nobody. Ended by the fates, unless
     * they are freed first. */
    struct inquiry *report;
    char code[FOLLOWUP_FATE_CODE_SIZE], text[FOLLOWUP_FATE_TEXT_SIZE];
    struct followup_fate *prev, *next;
};

struct followup_fate *followup_fate_new(int64_t follow_up, int32_t attempt,
                                        enum followup_fate_kind kind);
void followup_fate_free(struct followup_fate *fate); /* NULL is fine */

/* What a conversation ended with, as it was reported. */
void followup_fate_set_result(struct followup_fate *fate, const Troth__V1__DialResult *result);

struct followup_fates *followup_fates_new(struct followup *f);
void followup_fates_free(struct followup_fates *s); /* NULL is fine */

/* Takes the fate; drops it when too many wait, and stages sooner: nothing depends on them. */
void followup_fates_add(struct followup_fates *s, struct followup_fate *fate);

bool followup_fates_is_busy(const struct followup_fates *s);

#endif
