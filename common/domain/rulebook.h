/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook.h - the rules of follow-ups: what makes one due, when, how it is held, and what keeps it
 * from being held.
 *
 * A rulebook is one text: a file (deploy/config/followups.conf explains its form) with what it
 * includes. Its hash is the version that is stored with what was planned by it. Rules of one topic
 * compete: the first that matches is taken. A topic is the trigger unless the rule names another
 * one; festivals and services due usually do.
 *
 * What each trigger knows; rulebook_terms.c has it as a table. A rule that names anything else is
 * refused, and so is one that leaves out what stands in capitals, or all that stands between bars.
 *
 *   case_resolved    kind category product branch priority_at_least tier, all but the last of the
 *                    case
 *   promise_at_risk  the same and promise_kind
 *   promise_broken   the same and promise_kind
 *   low_answer       those of case_resolved, of the case it is about; INSTRUMENT AT_MOST, of
 *                    servqual also dimension
 *   churn_risk       tier |score_below churn_at_least|
 *   silence          tier MONTHS
 *   birthday         tier
 *   festival         tier DATE
 *   service_due      tier product branch |months every_km every_usage on_fault|; every_usage goes
 *                    with usage_unit, on_fault with fault_code and with none of the other three;
 *                    lead
 *   compensation     those of case_resolved
 *   improvement      those of case_resolved, of the case that reported it
 */
#ifndef TROTH_COMMON_DOMAIN_RULEBOOK_H
#define TROTH_COMMON_DOMAIN_RULEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

enum {
    RULEBOOK_NAME_SIZE = 32, /* of rules, topics and scripts, with the NUL */
    RULEBOOK_RULES_MAX = 256,
    RULEBOOK_CHANNELS_MAX = 4,
    RULEBOOK_LIST_MAX = 32, /* values of one condition */
};

/* The numbers of FollowUpTrigger in proto/event.proto. */
enum follow_up_trigger {
    FOLLOW_UP_ON_CASE_RESOLVED = 1, /* subject: case; occurrence: how often it was reopened */
    FOLLOW_UP_ON_PROMISE_AT_RISK,   /* subject: promise; occurrence: clock version */
    FOLLOW_UP_ON_PROMISE_BROKEN,    /* subject: promise; occurrence: "broken" */
    FOLLOW_UP_ON_LOW_ANSWER,        /* subject: answer */
    FOLLOW_UP_ON_CHURN_RISK,   /* subject: customer; occurrence: local year and quarter "2026Q4" */
    FOLLOW_UP_ON_SILENCE,      /* subject: customer; occurrence: date of the last contact */
    FOLLOW_UP_ON_BIRTHDAY,     /* subject: customer; occurrence: year */
    FOLLOW_UP_ON_FESTIVAL,     /* subject: customer; occurrence: date of the festival */
    FOLLOW_UP_ON_SERVICE_DUE,  /* subject: purchase or device signal; occurrence: which service */
    FOLLOW_UP_ON_COMPENSATION, /* subject: promise */
    FOLLOW_UP_ON_IMPROVEMENT,  /* subject: customer; occurrence: number of the improvement */
    FOLLOW_UP_TRIGGER_COUNT
};

/* "case_resolved", ...; NULL for none. */
const char *follow_up_trigger_name(int trigger);
/* 0: there is no such trigger. */
int follow_up_trigger_find(const char *name);

/* A texts' list; empty: any. */
struct rulebook_list {
    const char *const *items;
    size_t count;
};

/* All that a rule names must hold. */
struct rulebook_conditions {
    struct rulebook_list kinds;      /* of the case: "complaint", ... */
    struct rulebook_list categories; /* of the case */
    struct rulebook_list products;   /* of the case, the purchase or the device */
    struct rulebook_list branches;
    struct rulebook_list tiers;         /* of the customer */
    struct rulebook_list promise_kinds; /* of the promise: "resolution", ..., "compensation" */
    struct rulebook_list fault_codes;   /* of a device signal */
    int priority_at_least;              /* of the case: 1 is only urgent ones; 0: any */
};

/* When a rule without an instant of its own is due: these are of one trigger each, else 0. */
struct rulebook_measure {
    int32_t instrument;    /* low_answer: SurveyInstrument; 0: any */
    int32_t dimension;     /* low_answer by SERVQUAL: ServqualDimension; 0: any */
    double at_most;        /* low_answer: value, or gap of SERVQUAL */
    double score_below;    /* churn_risk: the loyalty index; NAN: not asked */
    double churn_at_least; /* churn_risk: probability in [0, 1]; NAN: not asked */
    int32_t months;        /* silence; service_due: after the purchase */
    const char
        *date; /* festival: "lunar 08-15", "10-01", "qingming", "lunar 12-30" (the last day) */
    double every_km;    /* service_due: mileage between services; 0: not by mileage */
    double every_usage; /* service_due: the same of usage, in usage_unit */
    const char *usage_unit;
    int64_t lead_us; /* service_due: so long before; plain time */
    bool on_fault;   /* service_due: a device signal with one of fault_codes is enough */
};

struct rulebook_rule {
    const char *name;
    const char *topic;
    int trigger;
    int32_t purpose;   /* Purpose */
    int priority;      /* 1 urgent to 4 low */
    int64_t after_us;  /* from what happened to due; counted in plain time */
    int64_t window_us; /* from due; more than 0 */
    int at_minute;     /* due at this local time of the customer, minutes since midnight; -1: at the
                          instant itself */
    int32_t channels[RULEBOOK_CHANNELS_MAX]; /* Channel, in order of preference */
    size_t channel_count;
    const char *script; /* what is said and asked: the questionnaire file has it; usual: the
                           trigger's name */
    int attempts;       /* calls at most */
    struct rulebook_conditions when;
    struct rulebook_measure measure;
};

/* Local hours in which nobody is disturbed, and how much is too much. Usual: quiet from 21:00 to
 * 08:00, every day, safest 12:00 to 13:00, no usual zone, no budget but 3 attempts a day, a pause
 * of 30 days, called back within 3 days, nothing ahead. */
struct rulebook_limits {
    int quiet_from_minute, quiet_until_minute; /* local; from > until: over midnight */
    unsigned days; /* bit (1 << weekday), 0 is Monday: days on which calls are allowed */
    int safest_from_minute,
        safest_until_minute; /* UTC hours for who has no known zone, see rulebook_limits.c */
    const char *usual_zone;  /* of who has none and whose branch has none; NULL: the safest hours */
    int per_day, per_week, per_month; /* orders to one customer over all reasons; 0: no limit */
    int per_number_week;              /* to one number */
    int attempts_per_day;             /* of one follow-up */
    int64_t refusal_pause_us; /* after an unasked refusal nothing but purpose SERVICE_CALL about an
                                 open matter */
    int64_t agenda_ahead_us;  /* what is due within this joins the agenda */
    int64_t consent_needed;   /* bit (purpose + 8 * channel), channel 0: on every one. What nobody
                                 may do without a consent that was given; all else needs none,
                                 and is stopped by a refusal. Usual: nothing */
    int64_t called_back_us;   /* a contact this long after an attempt closes the agenda */
};

/* What an outcome means for the next attempt: is_end, other_channel or retry_after_us, one of the
 * three. Usual:
 *
 *   answered, refused, sent                               end; no file can say otherwise
 *   busy 15m   failed 30m                                 retry_after
 *   no_answer 3h   voicemail 4h (at_most 2)               retry_after, other_hour 2h
 *   partly_answered                                       end: done with what was answered
 *   call_back                                             when the customer said; else after 4h
 *   wrong_number, invalid_number, machine, language       other_channel
 */
struct rulebook_outcome {
    int32_t outcome; /* CallOutcome */
    bool is_end;     /* no other attempt */
    int64_t retry_after_us;
    bool other_channel; /* go on with the next channel of the rule, at once when the window allows;
                           without one it ends */
    int64_t
        other_hour_us; /* not within so much of the local time of day that failed; 0: any hour */
    int at_most;       /* attempts with this outcome; then the next channel or the end; 0: no limit
                          but the rule's */
};

struct rulebook; /* immutable once loaded */

/* NULL on failure: err has code "rules_unreadable" or "rules_invalid", its field is the setting at
 * fault ("rules[2].window") and its text begins with file and line. The caller frees the result. */
MUST_CHECK struct rulebook *rulebook_load(const char *path, struct err *err);
/* The same from a stored text; name stands for the path in messages. */
MUST_CHECK struct rulebook *rulebook_parse(const char *text, const char *name, struct err *err);
void rulebook_free(struct rulebook *b); /* NULL is fine */

const char *rulebook_text(const struct rulebook *b);
const char *rulebook_hash(const struct rulebook *b); /* 32 hex digits */

size_t rulebook_rule_count(const struct rulebook *b);
const struct rulebook_rule *rulebook_rule(const struct rulebook *b, size_t i);
const struct rulebook_rule *rulebook_find(const struct rulebook *b,
                                          const char *name); /* NULL: none */
const struct rulebook_limits *rulebook_limits(const struct rulebook *b);
/* Every outcome has one: the file's, else the usual one. NULL: no such outcome. */
const struct rulebook_outcome *rulebook_outcome(const struct rulebook *b, int32_t outcome);
bool rulebook_has_trigger(const struct rulebook *b, int trigger);

/* ---- matching: pure */

/* What is known; NULL, "" or 0 is unknown, which only a rule without that condition matches. */
struct rulebook_facts {
    int trigger;
    const char *kind, *category, *product, *branch, *tier, *promise_kind, *fault_code;
    int priority;       /* of the case */
    int32_t instrument; /* low_answer: one answer, or one item of SERVQUAL */
    int32_t dimension;
    double value; /* low_answer: the value, or the gap */
    double score; /* churn_risk: NAN when unknown */
    double churn; /* churn_risk: NAN when unknown */
};

/* Whether a rule of that trigger matches; when not, *ret_why (may be NULL) names the condition that
 * fails: "tier", "at_most", ... */
bool rulebook_matches(const struct rulebook_rule *r, const struct rulebook_facts *f,
                      const char **ret_why);
/* The first rule of that trigger (and topic, unless NULL) that matches; NULL: none. */
const struct rulebook_rule *rulebook_match(const struct rulebook *b, const char *topic,
                                           const struct rulebook_facts *f);

#endif
