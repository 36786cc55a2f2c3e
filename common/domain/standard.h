/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard.h - the rules that turn a contact into a priority, an owner and promises.
 *
 * A standard is one file (deploy/config/standards.conf explains its form). Its rules are tried in
 * order and the first that matches decides, so a file whose last rule does not match everything is
 * refused, and so is a rule that can never be reached. The hash of the file's bytes is the version
 * that is stored with what was decided by it.
 */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_H
#define TROTH_COMMON_DOMAIN_STANDARD_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

struct standard; /* immutable once loaded */

enum {
    STANDARD_PROMISES_MAX = 4,
    STANDARD_PRIORITY_URGENT = 1,
    STANDARD_PRIORITY_LOW = 4,
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

/* The version: BLAKE2b-128 of the file's bytes in lower-case hex. */
const char *standard_hash(const struct standard *s);

/* The file's bytes as they were read, to be stored beside the hash. */
const char *standard_text(const struct standard *s);

#endif
