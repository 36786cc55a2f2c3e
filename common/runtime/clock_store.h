/* SPDX-License-Identifier: Apache-2.0 */
/* clock_store.h - the questions every process asks the database: what time is it, which schema is
 * this, do you commit? */
#ifndef TROTH_COMMON_RUNTIME_CLOCK_STORE_H
#define TROTH_COMMON_RUNTIME_CLOCK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"

struct clock_sample {
    int64_t business_us; /* log.now() */
    int64_t real_us;     /* the database machine's clock */
    bool is_demo;        /* log.now() is a row that steps */
    int32_t demo_holds;  /* enum demo_hold of service.h; 0 unless is_demo */
};

/* Queues the question; its rows are read by clock_store_read_sample(). */
void clock_store_put_sample(struct db *db);
struct clock_sample clock_store_read_sample(const struct db_rows *rows);

/* Queues the row that a process commits to prove that it can. demo_now_us: the demo clock as this
 * process knows it, DB_NO_TIME on a real one; demo_holds with it. */
void clock_store_put_heartbeat(struct db *db, const char *holder, int64_t demo_now_us,
                               int32_t demo_holds);

/* See SCHEMA_VERSION and SCHEMA_EXPANSION in service.h. */
struct schema_numbers {
    int version;
    int expansion; /* 1: the schema of 0.1.0, which has no such number */
};

/* Waits for the answers: start-up only. The connection stays with the caller. */
MUST_CHECK int clock_store_schema(struct db *db, struct schema_numbers *ret, struct err *err);

#endif
