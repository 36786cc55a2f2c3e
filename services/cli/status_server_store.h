/* SPDX-License-Identifier: Apache-2.0 */
/* status_server_store.h - the questions of `troth status` about schema and server, and how a
 * question is asked. */
#ifndef TROTH_SERVICES_CLI_STATUS_SERVER_STORE_H
#define TROTH_SERVICES_CLI_STATUS_SERVER_STORE_H

#include "common/runtime/db.h"
#include "services/cli/status_facts.h"

struct status_question {
    const char *part; /* for people */
    const struct db_query *query;
    void (*take)(const struct db_rows *rows, struct status_facts *f);
};

/* Asks and waits. What cannot be read is noted in f->unread. */
void status_server_store_ask(struct db *db, const struct status_question *q,
                             struct status_facts *f);

/* Schema, server, sessions, standbys and the archive. */
void status_server_store_read(struct db *db, struct status_facts *f);

#endif
