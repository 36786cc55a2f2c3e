/* SPDX-License-Identifier: Apache-2.0 */
/*
 * principal.h - who may connect and what they may do: a copy of intake.source in memory.
 *
 * A principal is known by its CURVE public key alone. Sources, our own services, dialers and people
 * at the command line are all rows of intake.source with different rights. The ZAP thread and the
 * loop read the copy; a mutex guards it.
 */
#ifndef TROTH_COMMON_RUNTIME_PRINCIPAL_H
#define TROTH_COMMON_RUNTIME_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
};

/* "records", "disclosure", ... Returns 0 for an unknown name. */
uint32_t right_parse(const char *name);

#define PRINCIPAL_KEY_LEN   32
#define PRINCIPAL_NAME_SIZE 64

struct principal {
    int32_t id; /* intake.source.id */
    char name[PRINCIPAL_NAME_SIZE];
    uint8_t key[PRINCIPAL_KEY_LEN];
    uint32_t rights;
    bool is_historical; /* its records are facts only: no calls */
};

struct principal_table;

struct principal_table *principal_table_new(void);
void principal_table_free(struct principal_table *t);

/* Replaces all; copies count principals. */
void principal_table_replace(struct principal_table *t, const struct principal *list, size_t count);

/* Copies the principal out. Returns false when unknown. Safe from any thread. */
bool principal_by_key(struct principal_table *t, const uint8_t key[PRINCIPAL_KEY_LEN],
                      struct principal *ret);
bool principal_by_id(struct principal_table *t, int32_t id, struct principal *ret);

struct db;
/* Reads all sources that are not revoked; waits for the answer, so only at start and on SIGHUP. */
MUST_CHECK int principal_table_load(struct principal_table *t, struct db *db, struct err *err);

#endif
