/* SPDX-License-Identifier: Apache-2.0 */
/* agenda_store.h - reads agendas: when an order is written, and when its result has come. */
#ifndef TROTH_SERVICES_FOLLOWUP_AGENDA_STORE_H
#define TROTH_SERVICES_FOLLOWUP_AGENDA_STORE_H

#include "common/domain/rulebook.h"
#include "common/runtime/db.h"
#include "services/followup/agenda.h"

/* Of these leading follow-ups (int8), each once. Locks nothing. Rows: one reason each, the reasons
 * of an agenda together, the leading one first; agendas by the number of the leader. */
void agenda_store_put(struct db *db, const struct db_array *leaders);

/* The leading follow-up of a row, and how many rows from that one on are of its agenda. Reads them
 * into *ret; scripts are left empty (the rulebook knows them). */
int64_t agenda_store_get(const struct db_rows *r, size_t row, struct agenda *ret,
                         size_t *ret_row_count);

/* The agenda of that leader; false: not among them. */
bool agenda_store_find(const struct db_rows *r, int64_t leader, struct agenda *ret);

/* The scripts of its reasons by the rules in force; of a rule that is gone, that of its trigger. */
void agenda_set_scripts(struct agenda *a, const struct rulebook *rules);

#endif
