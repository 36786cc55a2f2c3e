/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_reload.h - puts a changed standards file in force while the loop turns.
 *
 * 1. read the file        -> one with a mistake is logged, and changes nothing
 * 2. store it             -> its id; while the database is away this is tried again
 * 3. put it on the shelf  -> batches from then on are decided by it; those under way go on as they
 *                            began, for nothing leaves the shelf
 */
#ifndef TROTH_INTAKE_STANDARD_RELOAD_H
#define TROTH_INTAKE_STANDARD_RELOAD_H

#include "services/intake/intake.h"

struct standard_reload;

/* Borrowed: it sets in->standard and in->standard_id. */
struct standard_reload *standard_reload_new(struct intake *in);
void standard_reload_free(struct standard_reload *r); /* NULL is fine; before the pool */

/* Reads the file of the settings. A later call replaces what an earlier one has not stored yet. */
void standard_reload_begin(struct standard_reload *r);

#endif
