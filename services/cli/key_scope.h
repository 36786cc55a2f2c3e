/* SPDX-License-Identifier: Apache-2.0 */
/* key_scope.h - what the rights of a key reach: record kinds, branches, kinds of disclosure, rate.
 */
#ifndef TROTH_SERVICES_CLI_KEY_SCOPE_H
#define TROTH_SERVICES_CLI_KEY_SCOPE_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"

/* Borrowed. Words parted by commas; NULL: everything. */
struct key_scope {
    const char *kinds;    /* fields of Record.body */
    const char *branches; /* that its records may name */
    const char *disclose; /* of DisclosureKind */
    int64_t rate;         /* records a second; 0: unlimited */
    int64_t burst;        /* records at once; 0: as many as in a second */
};

/* The words as a person gave them; -1 with the option and the word that is none. */
MUST_CHECK int key_scope_check(const struct key_scope *s, struct err *err);

/* "kinds contact,purchase; branches north; 50/s, 100 at once", or "everything". Appends to out. */
void key_scope_describe(const struct key_scope *s, struct text *out);

#endif
