/* SPDX-License-Identifier: Apache-2.0 */
/*
 * principal_refresh.h - keeps the copy of intake.source fresh while the loop turns.
 *
 * Twice a second it asks for the revision of the sources, and for the sources only when that has
 * moved. While the database is away the copy stays as it is: who was let in goes on, and the age of
 * the copy says how old it is (metric troth_principals_age_seconds).
 */
#ifndef TROTH_COMMON_RUNTIME_PRINCIPAL_REFRESH_H
#define TROTH_COMMON_RUNTIME_PRINCIPAL_REFRESH_H

#include "common/runtime/db.h"
#include "common/runtime/loop.h"
#include "common/runtime/metrics.h"
#include "common/runtime/principal.h"

#define PRINCIPAL_REFRESH_EVERY_US INT64_C(500000)

struct principal_refresh;

/* Begins at the next turn of the loop. All arguments are borrowed; pool is one whose work is small,
 * so that nothing makes a revocation late. */
struct principal_refresh *principal_refresh_new(struct loop *loop, struct db_pool *pool,
                                                struct principal_table *table,
                                                struct metrics *metrics);

/* Calls lost(ctx) after a change by which somebody lost one of these rights. One per refresh. */
void principal_refresh_on_loss(struct principal_refresh *r, uint32_t rights,
                               void (*lost)(void *ctx), void *ctx);

/* Before the pool. NULL is fine. */
void principal_refresh_free(struct principal_refresh *r);

/* Reads the sources soon, whether the revision has moved or not: SIGHUP. */
void principal_refresh_now(struct principal_refresh *r);

#endif
