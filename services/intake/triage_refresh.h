/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_refresh.h - keeps the models in force fresh while the loop turns.
 *
 * Every two seconds it asks which models are in force, and for the models only when others are than
 * those that are here. While the database is away they stay. A stored model that cannot be read is
 * logged once, and counts as none: then the words of the standard decide.
 */
#ifndef TROTH_INTAKE_TRIAGE_REFRESH_H
#define TROTH_INTAKE_TRIAGE_REFRESH_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/db.h"
#include "common/runtime/loop.h"
#include "services/intake/contact_triage.h"

struct triage_refresh;

/* All arguments are borrowed. Looks by itself from the first load on. */
struct triage_refresh *triage_refresh_new(struct loop *loop, struct db_pool *pool,
                                          struct contact_triage *triage);
/* Before the pool and what it fills. NULL is fine. */
void triage_refresh_free(struct triage_refresh *r);

/* Waits for the models: at start only. Returns 0, or -1 when the database does not answer. */
MUST_CHECK int triage_refresh_load(struct triage_refresh *r, struct err *err);

#endif
