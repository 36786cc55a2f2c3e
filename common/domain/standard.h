/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard.h - the rules that turn a contact into a priority, an owner and promises; which contacts
 * belong to a case that is open already; which references of customers are one customer.
 *
 * A standard is one text: a file (deploy/config/standards.conf explains its form) with what it
 * includes. Its rules are tried in order and the first that matches decides, so a text whose last
 * rule does not match everything is refused, and so is a rule that can never be reached. The hash
 * of the text is the version that is stored with what was decided by it.
 */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_H
#define TROTH_COMMON_DOMAIN_STANDARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/calendar.h"

struct standard; /* immutable once loaded */

enum {
    STANDARD_PROMISES_MAX = 4, /* one of each kind */
    STANDARD_STEPS_MAX = 12,   /* of a ladder */
    STANDARD_PRIORITY_URGENT = 1,
    STANDARD_PRIORITY_LOW = 4,
    /* Mail that honest systems pass on collects a dozen Received lines at most. RFC 5321 (6.3) lets
     * servers cut loops at 100; common ones do at 25 (sendmail), 30 (Exim) or 50 (Postfix), and
     * what they cut never reaches us: below the lowest of them the loop is still seen. */
    STANDARD_HOPS_USUAL = 20,
};

/* What is known of a contact; NULL, "" or 0 is unknown, which only a rule without that condition
 * matches. */
struct standard_request {
    const char *kind; /* "complaint", "request", "enquiry", "praise" */
    const char *category;
    const char *channel;
    const char *branch;
    const char *tier;         /* of the customer, as loyalty calls it */
    int asked_priority;       /* set by hand */
    const char *const *texts; /* what was said; a rule's words are looked for in all of them */
    size_t text_count;
    const char *known_rule; /* of a case whose texts are sealed by now: that rule's words were found
                             * when it was opened, those of no other rule are */
};

struct standard_promise {
    const char *kind;  /* "first_response", "next_update", "resolution", "callback" */
    int64_t target_us; /* counted by the calendar, more than 0 */
    const struct calendar
        *calendar; /* resolved for the branch asked for; NULL: every hour counts */
};

/* What happens on the way to a promise's due time and after it, in the order of time. Each promise
 * of a rule without steps of its own has those of the standard. */
struct standard_step {
    int percent;      /* of the target: 1 to 100; 0: after the due time */
    int64_t after_us; /* of percent 0: plain time after the due time, more than 0 */
    const char *tell; /* team or role; NULL: nobody in particular */
};

struct standard_ladder {
    struct standard_step steps[STANDARD_STEPS_MAX]; /* 50, 80 and 100 percent are always there */
    size_t step_count;
    const char *const *renegotiators; /* teams that may agree on another date; NULL: anybody */
    size_t renegotiator_count;
};

/* All texts are borrowed from the standard and live as long as it. */
struct standard_decision {
    const char *rule;
    int priority; /* STANDARD_PRIORITY_URGENT to STANDARD_PRIORITY_LOW */
    const char *owner_team;
    struct standard_promise promises[STANDARD_PROMISES_MAX]; /* in the order of the file */
    size_t promise_count;
    const struct standard_ladder *ladder;
};

/* NULL on failure: err has code "standard_unreadable" or "standard_invalid", its field is the
 * setting at fault ("rules[2].priority") and its text begins with file and line. The caller frees
 * what is returned. */
MUST_CHECK struct standard *standard_load(const char *path, struct err *err);
/* The same from a stored text (standard_text()); name stands for the path in messages. */
MUST_CHECK struct standard *standard_parse(const char *text, const char *name, struct err *err);
void standard_free(struct standard *s); /* NULL is fine */

/* A contact's kind (its number in proto/intake.proto) as standards call it; "" for one that is not
 * said or not known. */
const char *standard_contact_kind(int contact_kind);

/* Never fails: some rule matches every request. */
void standard_decide(const struct standard *s, const struct standard_request *request,
                     struct standard_decision *ret);

/* What a rule says for a branch, by its name; false: there is no such rule. */
bool standard_find_rule(const struct standard *s, const char *rule, const char *branch,
                        struct standard_decision *ret);
/* NULL: nothing of that kind is promised. Borrowed from d. */
const struct standard_promise *standard_decision_find(const struct standard_decision *d,
                                                      const char *kind);
/* Of a promise made under that rule: its calendar and target. False: the rule is unknown, or
 * promises nothing of that kind; then every hour counts. */
bool standard_find_promise(const struct standard *s, const char *rule, const char *kind,
                           const char *branch, struct standard_promise *ret);

/* A rule asks for the customer's tier, or for words: whoever decides has to bring them. */
bool standard_needs_tier(const struct standard *s);
bool standard_needs_texts(const struct standard *s);

/* The category whose words stand in the texts, where nothing better is known; NULL: none. */
const char *standard_category_by_words(const struct standard *s, const char *const *texts,
                                       size_t count);
/* The texts say nothing but thanks: "谢谢", "OK, thanks!". False for empty ones. */
bool standard_is_thanks(const struct standard *s, const char *const *texts, size_t count);

struct calendar_book;
const struct calendar_book *standard_calendars(const struct standard *s);

/* ---- which references are one customer */

struct standard_identity {
    bool is_joined_by_phone; /* a verified one */
    bool is_joined_by_email;
    const char *country_code; /* digits, for national numbers; NULL: these join nothing */
    const char *trunk_prefix; /* what they begin with at home and not abroad; NULL, "": nothing */
};

const struct standard_identity *standard_identity(const struct standard *s);

/* ---- which contacts belong to a case that is open already */

enum standard_sameness { /* of contact and case; what one of them does not say is never the same */
    STANDARD_SAME_CATEGORY = 1 << 0,
    STANDARD_SAME_CHANNEL = 1 << 1,
    STANDARD_SAME_BRANCH = 1 << 2,
    STANDARD_SAME_PRODUCT = 1 << 3,
};

struct standard_dedup {
    const char *name;
    int64_t window_us; /* to the opening or the last contact of the case */
    unsigned same;     /* enum standard_sameness */
    bool reopens;      /* also a case that is resolved or closed */
};

/* The rules that look for a case for such a contact, in order: the first one after `after`, or of
 * all with NULL. NULL: there is none any more. */
const struct standard_dedup *standard_dedup_next(const struct standard *s,
                                                 const struct standard_request *request,
                                                 const struct standard_dedup *after);

/* A message that passed through more systems is going in circles. */
int standard_hops_max(const struct standard *s);

/* The version: BLAKE2b-128 of the text in lower-case hex. */
const char *standard_hash(const struct standard *s);

/* The file with what it includes, to be stored beside the hash: standard_parse() reads it. */
const char *standard_text(const struct standard *s);

#endif
