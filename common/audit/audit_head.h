/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_head.h - a signed root of the tamper-evident record: who has one can tell later whether the
 * record still begins with what stood in it then.
 *
 * What is signed (Ed25519) is this text, each line ended by a line feed:
 *
 *     troth-audit-head 1
 *     installation NAME
 *     number N            1, 2, 3, ... without a gap
 *     size N              of the tree, in leaves
 *     root HEX64
 *     at N                microseconds since 1970, UTC; the clock of the machine that signed
 *
 * As one line of JSON, as copies outside of the database hold it, it has the same names, with "key"
 * (id, HEX16) and "signature" (HEX128), and "at" once more for people.
 */
#ifndef TROTH_COMMON_AUDIT_AUDIT_HEAD_H
#define TROTH_COMMON_AUDIT_AUDIT_HEAD_H

#include <jansson.h>

#include "common/audit/audit_key.h"
#include "common/audit/merkle.h"

enum {
    AUDIT_HEAD_LINE_SIZE = 1024 /* of the JSON line, with line end and NUL */
};

struct audit_head {
    char installation[AUDIT_NAME_SIZE];
    int64_t number;
    struct merkle_root root;
    int64_t at_us;
    uint8_t key_id[AUDIT_KEY_ID_LEN];
    uint8_t signature[AUDIT_SIGNATURE_LEN];
};

/* Fills installation, key_id and signature. */
void audit_head_sign(const struct audit_key *k, struct audit_head *h);
/* Code head_invalid: of another installation, by a key that is not trusted, or changed. */
MUST_CHECK int audit_head_check(const struct audit_head *h, const struct audit_trust *t,
                                struct err *err);
/* Field by field. */
bool audit_head_equal(const struct audit_head *a, const struct audit_head *b);

json_t *audit_head_to_json(const struct audit_head *h); /* new reference */
/* Code head_unreadable. Says nothing about the signature. */
MUST_CHECK int audit_head_from_json(const json_t *json, struct audit_head *ret, struct err *err);
/* One line, ended by a line feed. */
void audit_head_print(const struct audit_head *h, char ret_line[AUDIT_HEAD_LINE_SIZE]);
/* Of such a line, with or without its end, byte for byte: what is not signed, as the time for
 * people, is believed in a copy as well. */
MUST_CHECK int audit_head_parse(const char *line, size_t len, struct audit_head *ret,
                                struct err *err);

/* ---- for other readers of our JSON: 0, or -1 when it is not there, or not of that form */
MUST_CHECK int audit_json_hex(const json_t *object, const char *name, uint8_t *ret, size_t len);
MUST_CHECK int audit_json_int(const json_t *object, const char *name, int64_t min, int64_t *ret);

#endif
