/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_store.h - the questions of `troth doctor` to PostgreSQL, with the operator's rights. Each
 * waits for its answer. */
#ifndef TROTH_SERVICES_CLI_DOCTOR_STORE_H
#define TROTH_SERVICES_CLI_DOCTOR_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

enum {
    DOCTOR_WORD_SIZE = 128,
    DOCTOR_ROWS_MAX = 16,
};

struct doctor_settings {
    int64_t version; /* 150008 */
    bool has_fsync, has_full_pages, has_checksums;
    bool commits_locally; /* synchronous_commit is on, or better */
    bool is_archived, is_utf8;
    char wal_level[DOCTOR_WORD_SIZE], encoding[DOCTOR_WORD_SIZE];
    int64_t connections_max;
    char weakened[DOCTOR_WORD_SIZE]; /* a role or database for which commits do not wait; "" none */
    int64_t skew_us;                 /* this machine's clock less the server's */
};
MUST_CHECK int doctor_store_settings(struct db *db, struct doctor_settings *ret, struct err *err);

MUST_CHECK int doctor_store_schema(struct db *db, int64_t *ret_version, struct err *err);
MUST_CHECK int doctor_store_expansion(struct db *db, int64_t *ret_expansion, struct err *err);

/* What roles have and must not, or have not and must: one line each, "troth_loyalty may write
 * intake.customer". */
struct doctor_lines {
    char line[DOCTOR_ROWS_MAX][DOCTOR_WORD_SIZE];
    size_t count; /* 16 at most */
};
MUST_CHECK int doctor_store_roles(struct db *db, struct doctor_lines *ret, struct err *err);
MUST_CHECK int doctor_store_too_much(struct db *db, struct doctor_lines *ret, struct err *err);
MUST_CHECK int doctor_store_too_little(struct db *db, struct doctor_lines *ret, struct err *err);

/* How far a zone is ahead of UTC at these instants, as the server knows it; ret_s has room for
 * count. */
MUST_CHECK int doctor_store_offsets(struct db *db, const char *zone, const int64_t *us,
                                    size_t count, int64_t *ret_s, struct err *err);

/* Whose public key it is, and which of these rights ("records,events") it lacks. name "": nobody's.
 */
struct doctor_source {
    char name[DOCTOR_WORD_SIZE], lacks[DOCTOR_WORD_SIZE];
    bool is_revoked;
};
MUST_CHECK int doctor_store_source(struct db *db, struct bytes public_key, const char *rights,
                                   struct doctor_source *ret, struct err *err);

/* Processes of a service that live. */
MUST_CHECK int doctor_store_alive(struct db *db, const char *service, int64_t *ret_count,
                                  struct err *err);

#endif
