/* SPDX-License-Identifier: Apache-2.0 */
/* weekly_store.h - which weekly reports are written, and who has got them. */
#ifndef TROTH_REPORTING_WEEKLY_STORE_H
#define TROTH_REPORTING_WEEKLY_STORE_H

#include <stdbool.h>

#include "common/runtime/db.h"
#include "common/runtime/lease.h"

#define WEEKLY_ADDRESS_KEY_SIZE 33

/* What an address is remembered by: 32 hex digits of its hash. Returns ret_key. */
const char *weekly_address_key(const char *address, char ret_key[WEEKLY_ADDRESS_KEY_SIZE]);

/* Queues the question about the week that begins on that day. */
void weekly_store_ask(struct db *db, const char *week);
/* False: it is not written. */
bool weekly_store_is_written(const struct db_rows *rows);
/* The mail server took or refused it for ever. */
bool weekly_store_is_settled(const struct db_rows *rows, const char *address_key);

/* Each queues a whole transaction that fails when another process has the first lane. */
void weekly_store_put_written(struct db *db, const struct lease_set *lanes, const char *week,
                              int64_t now_us);
void weekly_store_put_settled(struct db *db, const struct lease_set *lanes, const char *week,
                              const char *address_key);

#endif
