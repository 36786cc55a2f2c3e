/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_redacted.h - events from which an erasure took out what identified the customer.
 *
 * The body of such an event brings the commitment that stands in its leaf (Event.commitment, field
 * 11), so the leaf can still be made. Whoever can write the database could do the same to hide an
 * edit: so one is believed only if the erasure of its customer is on record (customer_erased).
 * Pure.
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_REDACTED_H
#define TROTH_COMMON_AUDIT_AUDIT_REDACTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/audit/audit_leaf.h"

/* Sets e->commitment, inside of e->body, if its kind is one that is redacted and its body brings
 * one. */
void audit_redacted_find(struct audit_event *e);

/* ---- who was erased, and whose events lack something */

struct audit_redacted { /* begins zeroed */
    struct audit_redacted_count {
        int64_t customer;
        int64_t lacking;  /* events that lack something */
        int64_t expected; /* as many as their erasure says */
    } * counts;
    size_t count, capacity;
};
/* An event of the record lacks something. */
void audit_redacted_add(struct audit_redacted *r, int64_t customer);
/* The erasure of the customer is on record: so many of their events do. */
void audit_redacted_expect(struct audit_redacted *r, int64_t customer, int64_t events);
typedef void audit_redacted_fn(void *ctx, int64_t customer, int64_t events);
/* Each customer of whose events more lack something than their erasure says, and how
 * many there are. */
void audit_redacted_suspects(struct audit_redacted *r, audit_redacted_fn *fn, void *ctx);
void audit_redacted_free(struct audit_redacted *r);

#endif
