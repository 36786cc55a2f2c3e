/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_removal.h - a signed statement that events were removed on purpose, because they were kept
 * long enough: their leaves stay in the tree, and a check does not take them for deleted.
 *
 * What is signed (Ed25519, with the key that signs the heads) is this text, each line ended by a
 * line feed; a place is a run of neighbours of one (stream, bucket):
 *
 *     troth-audit-removal 1
 *     installation NAME
 *     number N            1, 2, 3, ... without a gap
 *     part N              of log.event_part
 *     closed N            microseconds since 1970, UTC: the events were appended before
 *     events N            of all places together
 *     at N                microseconds since 1970, UTC; the clock of the machine that signed
 *     STREAM BUCKET FIRST LAST
 *     ...
 *
 * Pure.
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_REMOVAL_H
#define TROTH_COMMON_AUDIT_AUDIT_REMOVAL_H

#include "common/audit/audit_key.h"
#include "common/audit/audit_leaf.h"
#include "common/base/text.h"

struct audit_removal {
    char installation[AUDIT_NAME_SIZE];
    int64_t number;
    int32_t part;
    int64_t closed_us, at_us;
    int64_t events;
    const char *places; /* borrowed: the lines above */
    uint8_t key_id[AUDIT_KEY_ID_LEN];
    uint8_t signature[AUDIT_SIGNATURE_LEN];
};

/* A line for places; counts its events. */
void audit_removal_add(struct text *places, int64_t *events, const struct audit_place *first,
                       int64_t last_seq);
/* Fills installation, key_id and signature. */
void audit_removal_sign(const struct audit_key *k, struct audit_removal *r);
/* Code removal_invalid: of another installation, by a key that is not trusted, or changed. */
MUST_CHECK int audit_removal_check(const struct audit_removal *r, const struct audit_trust *t,
                                   struct err *err);

/* ---- all places that are told of */

struct audit_removals;

struct audit_removals *audit_removals_new(void);
void audit_removals_free(struct audit_removals *l); /* NULL is fine */
/* Those of a statement that was checked. Code removal_invalid: its places cannot be read, or are
 * not as many as it says. */
MUST_CHECK int audit_removals_add(struct audit_removals *l, const struct audit_removal *r,
                                  struct err *err);
/* Whether a statement tells of the place. After all were added. */
bool audit_removals_has(struct audit_removals *l, const struct audit_place *place);

#endif
