/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arbitration.h - may this follow-up be held now, how, and if not: why, and when then? Pure: the
 * same function decides when it is due, again when the order is written, and for whoever asks why.
 *
 * The questions are asked in one order (arbitration.c has the table), and the first "no" decides.
 * What never may happen comes first (erased, do not call, consent), then what is no longer wanted
 * (the matter has changed, the window has passed), then whether another call covers it (agenda),
 * then what is not now (quiet hours, budget). So what waited too long with a better reason not to
 * be called is not counted as missed.
 *
 * What is not now waits for the first instant at which nothing stands against it any more; when
 * the window is over by then, it is missed: nothing_permitted.
 */
#ifndef TROTH_COMMON_DOMAIN_ARBITRATION_H
#define TROTH_COMMON_DOMAIN_ARBITRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/duration.h"
#include "common/base/zone.h"
#include "common/domain/rulebook.h"

/* What a verdict asks the scheduler to do. */
enum arbitration_step {
    ARBITRATION_CALL = 1, /* by verdict.channel */
    ARBITRATION_MERGE,    /* into verdict.into */
    ARBITRATION_DEFER,    /* until verdict.until_us */
    ARBITRATION_SUPPRESS, /* for good */
    ARBITRATION_MISS,     /* its window has passed, or nothing in it is permitted any more */
    ARBITRATION_LIST,     /* a person has to look: no way to reach the customer */
};

/* Named reasons: stored, counted and shown. */
#define ARBITRATION_HISTORY         "history"
#define ARBITRATION_ERASED          "customer_erased"
#define ARBITRATION_DO_NOT_CALL     "do_not_call"
#define ARBITRATION_CONSENT_REFUSED "consent_refused"
#define ARBITRATION_CONSENT_MISSING                                                                \
    "consent_missing" /* the purpose needs one, and none was given */
#define ARBITRATION_CASE_REOPENED   "case_reopened"
#define ARBITRATION_PROMISE_SETTLED "promise_settled" /* kept, broken, given anew ... */
#define ARBITRATION_OPEN_COMPLAINT  "open_complaint"
#define ARBITRATION_BROKEN_PROMISE  "broken_promise"
#define ARBITRATION_REFUSED_LATELY  "refused_lately"
#define ARBITRATION_NO_LONGER_TRUE                                                                 \
    "no_longer_true" /* the birthday was corrected, the customer spoke up, ... */
#define ARBITRATION_WINDOW_PASSED "window_passed"
#define ARBITRATION_NOTHING_PERMITTED                                                              \
    "nothing_permitted" /* quiet hours and budget leave no instant of the window */
#define ARBITRATION_QUIET_HOURS       "quiet_hours"
#define ARBITRATION_DAY_NOT_PERMITTED "day_not_permitted"
#define ARBITRATION_ZONE_UNKNOWN      "zone_unknown" /* waits for the safest hours */
#define ARBITRATION_BUDGET_DAY        "budget_day"
#define ARBITRATION_BUDGET_WEEK       "budget_week"
#define ARBITRATION_BUDGET_MONTH      "budget_month"
#define ARBITRATION_BUDGET_NUMBER     "budget_number"
#define ARBITRATION_ATTEMPTS_DAY      "attempts_day"
#define ARBITRATION_AGENDA            "agenda"
#define ARBITRATION_JOINED            "joined"         /* the same person under another number */
#define ARBITRATION_CALL_UNDER_WAY    "call_under_way" /* another order to that person stands */
#define ARBITRATION_NO_CHANNEL        "no_channel" /* no number, no address, or all of them bad */

/* Whose only reason to wait is another call is looked at again after so long. */
#define ARBITRATION_LOOK_AGAIN_US (5 * DURATION_MIN)

/* One due follow-up and all that its call depends on. Instants are business time. */
struct arbitration_question {
    int64_t now_us;
    /* of the follow-up */
    int64_t due_us, window_end_us;
    int32_t purpose; /* Purpose */
    int priority;
    const int32_t *channels; /* of its rule, in order; from first_channel on */
    size_t channel_count, first_channel;
    int32_t attempts_today; /* of this follow-up, on this local day */
    bool is_asked_for;      /* by the customer, in the last call: no budget stands against it */
    bool is_historical;
    /* of the customer, and whoever is the same person by a merge: one "no" is enough */
    bool is_erased, do_not_call;
    int64_t refusals;          /* bit (purpose + 8 * channel) */
    int64_t consents;          /* the same: given; what no number of the person refuses */
    bool has_phone, has_email; /* that are not known to be bad */
    const struct zone
        *zone; /* of the customer, else of the branch, else the usual one; NULL: unknown */
    int64_t last_refusal_us; /* INT64_MIN: never; only a service call is made soon after it */
    int32_t orders_day, orders_week, orders_month;
    int32_t orders_number_week, orders_address_week; /* by telephone; by mail */
    /* When the oldest counted order leaves each; used when it is full. */
    int64_t budget_frees_day_us, budget_frees_week_us, budget_frees_month_us,
        budget_frees_number_us, budget_frees_address_us;
    /* of the matter */
    bool is_reopened;        /* the case goes on */
    bool is_settled;         /* the promise at risk was kept, renegotiated, withdrawn ... */
    bool is_untrue;          /* what it was planned for does not hold any more */
    bool has_open_complaint; /* other than what this one is about */
    bool has_broken_promise; /* not made good yet */
    /* of the agenda */
    int64_t agenda_leader;  /* follow-up of the same person that is called now and covers this; 0:
                               none */
    int32_t agenda_channel; /* of that call: Channel */
    bool is_joined;         /* that leader belongs to another number of the person */
    bool is_under_way; /* an order to the same person stands, which cannot cover this any more */
};

struct arbitration_verdict {
    enum arbitration_step step;
    const char *reason; /* NULL with CALL */
    int64_t until_us;   /* of DEFER */
    int64_t into;       /* of MERGE */
    int32_t channel;    /* of CALL */
    size_t channel_index;
};

/* CALL names the first channel of the rule, from first_channel on, that the customer allows and can
 * be reached by. Refusals bar a purpose everywhere (bit purpose) or on one channel (bit purpose + 8
 * * channel); do_not_call bars all channels but mail. What the limits say needs a consent (the same
 * bits) needs one that was given for the channel, or for all. */
void arbitrate(const struct rulebook_limits *limits, const struct arbitration_question *q,
               struct arbitration_verdict *ret);

/* The first instant not before from_us at which that purpose and zone may be called; INT64_MAX when
 * no day is permitted. *ret_reason (may be NULL) is why not at from_us itself; NULL when it may. */
int64_t arbitration_next_permitted(const struct rulebook_limits *limits, const struct zone *zone,
                                   int64_t from_us, const char **ret_reason);

/* The same, and farther than gap_us from the local time of day of failed_us (INT64_MIN: nothing
 * failed yet): who did not pick up at ten is tried at another hour. When the permitted hours leave
 * no other one, any of them. */
int64_t arbitration_other_hour(const struct rulebook_limits *limits, const struct zone *zone,
                               int64_t from_us, int64_t failed_us, int64_t gap_us);

#endif
