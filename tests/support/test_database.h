/* SPDX-License-Identifier: Apache-2.0 */
/* test_database.h - what C tests do to the database of TROTH_TEST_DATABASE behind the back of the
 * code under test. */
#ifndef TROTH_TESTS_SUPPORT_TEST_DATABASE_H
#define TROTH_TESTS_SUPPORT_TEST_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/runtime/db.h"
#include "common/runtime/loop.h"

/* The conninfo of the test's database as this role; NULL: superuser. Valid for the life of the
 * process. A program that was started without a database ends with a message that says how to start
 * it. */
const char *test_conninfo(const char *role);

/* Runs one statement as superuser and waits. A failure fails the test. */
void test_sql(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The first column of the first row as a number. */
int64_t test_sql_int(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The code under test: a pool as this role, and a connection of it; waits for it, or fails the
 * test. */
struct db_pool *test_pool(struct loop *loop, const char *role, size_t size, int64_t deadline_us);
struct db *test_borrow(struct db_pool *pool);

/* A session of its own, for work that runs beside the test's (a held lock, a slow writer). */
struct test_session;
struct test_session *test_session_open(const char *role);
void test_session_close(struct test_session *s);
void test_session_sql(struct test_session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
int64_t test_session_int(struct test_session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Turns the loop until is_true(ctx); fails the test, naming what, after 20 s. */
void test_wait(struct loop *loop, bool (*is_true)(void *ctx), void *ctx, const char *what);
/* The same for a bool that a callback sets. */
void test_wait_flag(struct loop *loop, const bool *flag, const char *what);
/* Turns the loop until the query's number is the wanted one. */
void test_wait_sql(struct loop *loop, int64_t want, const char *sql);

#endif
