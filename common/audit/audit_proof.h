/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_proof.h - what a customer takes away: the events of one case, and that each of them stands
 * in the signed record, unchanged.
 *
 * A JSON document. Whoever checks it needs the public file of the installation alone; whatever is
 * written in plain words beside the bytes ("event") must be made from the bytes again by who shows
 * it, which is not done here (services/proof does it).
 *
 *     format    "troth-proof-1"
 *     case      number of the case, for people; number: as it stands in the events
 *     head      as in audit_head.h
 *     since     perhaps: an older head; consistency: [HEX64, ...] from it to head
 *     entries   [{position, stream, bucket, seq, at_us, customer, version, kind, nonce (HEX32),
 *                 body (hex), event (in words), path: [HEX64, ...]}, ...]
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_PROOF_H
#define TROTH_COMMON_AUDIT_AUDIT_PROOF_H

#include <jansson.h>

#include "common/audit/audit_head.h"
#include "common/audit/audit_leaf.h"

enum {
    AUDIT_PROOF_ENTRIES_MAX = 100000
};

struct audit_entry {
    uint64_t position;
    struct audit_event event; /* its kind, stream and body belong to the proof */
    uint8_t nonce[AUDIT_NONCE_LEN];
    struct merkle_path path;
    json_t *words; /* in plain words; not looked at here */
};

struct audit_proof {
    char case_text[64];
    int64_t case_number;
    struct audit_head head;
    bool has_since;
    struct audit_head since;
    struct merkle_path consistency;
    size_t entry_count;
    struct audit_entry *entries;
    json_t *json; /* owns the texts */
    struct buffer bodies;
};

/* Start with {0}; end with audit_proof_clear() whatever it returns. Code proof_unreadable. */
MUST_CHECK int audit_proof_read(const char *text, size_t len, struct audit_proof *ret,
                                struct err *err);
void audit_proof_clear(struct audit_proof *p);

/* Head, older head and each entry. Codes head_invalid, proof_wrong; the text says which entry. */
MUST_CHECK int audit_proof_check(const struct audit_proof *p, const struct audit_trust *t,
                                 struct err *err);
/* Whether a head that somebody kept is the head of the proof or its older one: then the record
 * still begins with what that head was signed for. Codes head_invalid, head_differs (same size,
 * another root: the record was changed), head_unrelated (the proof does not lead there). */
MUST_CHECK int audit_proof_check_head(const struct audit_proof *p, const struct audit_head *kept,
                                      const struct audit_trust *t, struct err *err);

/* For who makes one: new references. */
json_t *audit_proof_entry_json(const struct audit_entry *e); /* takes e->words along */
json_t *audit_proof_path_json(const struct merkle_path *path);

#endif
