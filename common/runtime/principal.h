/* SPDX-License-Identifier: Apache-2.0 */
/*
 * principal.h - who may connect and what they may do: a copy of intake.source in memory.
 *
 * A principal is known by its CURVE public key, at the HTTP door by its bearer token; never by what
 * it says about itself. Sources, our own services, dialers and people at the command line are all
 * rows of intake.source with different rights. While a key or a token is being replaced, its name
 * is there twice: with the new one and with the one before it. The ZAP thread and the loop read the
 * copy; a mutex guards it. principal_refresh.h keeps it fresh.
 */
#ifndef TROTH_COMMON_RUNTIME_PRINCIPAL_H
#define TROTH_COMMON_RUNTIME_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

enum right {
    RIGHT_RECORDS = 1 << 0,    /* send records to intake */
    RIGHT_DISCLOSURE = 1 << 1, /* ask intake for numbers and texts */
    RIGHT_DIAL = 1 << 2,       /* take dial orders from followup */
    RIGHT_WORKLIST = 1 << 3,   /* read follow-ups */
    RIGHT_SCORES = 1 << 4,     /* ask loyalty */
    RIGHT_REPORTS = 1 << 5,    /* ask reporting */
    RIGHT_EVENTS = 1 << 6,     /* subscribe to PUB sockets */
    RIGHT_ERASURE = 1 << 7,    /* erase customers: records of that kind, and their receipts */
};

/* "records", "disclosure", ... Returns 0 for an unknown name. */
uint32_t right_parse(const char *name);

/* The same by bit; NULL for a bit that has none. */
const char *right_name(uint32_t right);

#define PRINCIPAL_KEY_LEN   32
#define PRINCIPAL_TOKEN_LEN 32 /* BLAKE2b-256 of the bearer token */
#define PRINCIPAL_NAME_SIZE 64
#define PRINCIPAL_ALL       UINT64_MAX /* of a set of kinds: also those that come later */

struct principal {
    int32_t id; /* intake.source.id */
    char name[PRINCIPAL_NAME_SIZE];
    uint8_t key[PRINCIPAL_KEY_LEN];
    uint32_t rights;
    bool is_historical;        /* its records are facts only: no calls */
    uint64_t record_kinds;     /* bit 1 << field number of Record.body */
    uint64_t disclosure_kinds; /* bit 1 << DisclosureKind */
    /* Branch codes that its records may name, each followed by a line feed; NULL: all. Belongs to
     * the table: borrowed until the table is replaced, which only the loop's thread does. */
    char *branches;
    int32_t rate_per_second; /* records; 0: unlimited */
    int32_t burst;           /* records at once; at least 1 with a rate */
    bool has_token;
    uint8_t token_digest[PRINCIPAL_TOKEN_LEN];
};

/* What stands in intake.source for a bearer token, all of whose bytes count. */
void principal_digest_token(struct bytes token, uint8_t ret_digest[PRINCIPAL_TOKEN_LEN]);

/* May its records name this branch? */
bool principal_has_branch(const struct principal *p, const char *branch);

/* The set for a name: "contact" of a field of Record.body, "case_texts" of a DisclosureKind. 0 for
 * one that this version does not know. */
uint64_t record_kind_parse(const char *name);
uint64_t disclosure_kind_parse(const char *name);

struct principal_table;

struct principal_table *principal_table_new(void);
void principal_table_free(struct principal_table *t);

/* Replaces all; copies count principals and their branches. */
void principal_table_replace(struct principal_table *t, const struct principal *list, size_t count);

/* Has somebody the right now whose key would not have it with the new list? */
bool principal_table_would_lose(struct principal_table *t, const struct principal *list,
                                size_t count, uint32_t right);

/* Copies the principal out. Returns false when unknown. Safe from any thread. */
bool principal_by_key(struct principal_table *t, const uint8_t key[PRINCIPAL_KEY_LEN],
                      struct principal *ret);
bool principal_by_id(struct principal_table *t, int32_t id, struct principal *ret);
bool principal_by_token(struct principal_table *t, const uint8_t digest[PRINCIPAL_TOKEN_LEN],
                        struct principal *ret);

size_t principal_table_count(const struct principal_table *t);

/* Monotonic instant of the last look at the database, 0 before the first: the age of the copy. */
void principal_table_set_checked(struct principal_table *t, int64_t monotonic_us);
int64_t principal_table_checked_us(const struct principal_table *t);

struct db;
/* Reads all sources that are not revoked; waits for the answer, so only at start. */
MUST_CHECK int principal_table_load(struct principal_table *t, struct db *db, struct err *err);

#endif
