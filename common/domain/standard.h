/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard.h - the rules that turn a contact into a priority, an owner and promises; which contacts
 * belong to a case that is open already; which references of customers are one customer.
 *
 * A standard is one file (deploy/config/standards.conf explains its form). Its rules are tried in
 * order and the first that matches decides, so a file whose last rule does not match everything is
 * refused, and so is a rule that can never be reached. The hash of the file's bytes is the version
 * that is stored with what was decided by it.
 */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_H
#define TROTH_COMMON_DOMAIN_STANDARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

struct standard; /* immutable once loaded */

enum {
    STANDARD_PROMISES_MAX = 4,
    STANDARD_PRIORITY_URGENT = 1,
    STANDARD_PRIORITY_LOW = 4,
    /* Mail that honest systems pass on collects a dozen Received lines at most. RFC 5321 (6.3) lets
     * servers cut loops at 100; common ones do at 25 (sendmail), 30 (Exim) or 50 (Postfix), and
     * what they cut never reaches us: below the lowest of them the loop is still seen. */
    STANDARD_HOPS_USUAL = 20,
};

/* What is known of a contact; NULL or "" is unknown, which only a rule without that condition
 * matches. */
struct standard_request {
    const char *kind; /* "complaint", "request", "enquiry", "praise" */
    const char *category;
    const char *channel;
    const char *branch;
};

struct standard_promise {
    const char *kind;  /* "first_response" or "resolution" */
    int64_t target_us; /* plain hours, more than 0 */
};

/* All texts are borrowed from the standard and live as long as it. */
struct standard_decision {
    const char *rule;
    int priority; /* STANDARD_PRIORITY_URGENT to STANDARD_PRIORITY_LOW */
    const char *owner_team;
    struct standard_promise promises[STANDARD_PROMISES_MAX]; /* in the order of the file */
    size_t promise_count;
};

/* NULL on failure: err has code "standard_unreadable" or "standard_invalid", its field is the
 * setting at fault ("rules[2].priority") and its text begins with file and line. The caller frees
 * what is returned. */
MUST_CHECK struct standard *standard_load(const char *path, struct err *err);
void standard_free(struct standard *s); /* NULL is fine */

/* Never fails: some rule matches every request. */
void standard_decide(const struct standard *s, const struct standard_request *request,
                     struct standard_decision *ret);

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

/* The version: BLAKE2b-128 of the file's bytes in lower-case hex. */
const char *standard_hash(const struct standard *s);

/* The file's bytes as they were read, to be stored beside the hash. */
const char *standard_text(const struct standard *s);

#endif
