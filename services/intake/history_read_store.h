/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_read_store.h - the part of intake_void_store.h that reads what happened to cases, for
 * case_history.h.
 *
 * Parameters are the buckets ($1) and numbers ($2) of cases. What came in since the case was read
 * makes its version stale: then nothing of this is written.
 */
#ifndef TROTH_INTAKE_HISTORY_READ_STORE_H
#define TROTH_INTAKE_HISTORY_READ_STORE_H

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

extern const struct db_query history_read_contacts;
extern const struct db_query history_read_case_events; /* loaded after the contacts */
extern const struct db_query history_read_promise_events;
extern const struct db_query history_read_compensations;

void history_read_load_contacts(const struct db_rows *rows, struct intake_work *w);
void history_read_load_case_events(const struct db_rows *rows, struct intake_work *w);
void history_read_load_promise_events(const struct db_rows *rows, struct intake_work *w);
void history_read_load_compensations(const struct db_rows *rows, struct intake_work *w);

#endif
