/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define PATIENCE_US (20 * DURATION_S)

struct test_session {
    PGconn *conn;
};

const char *test_conninfo(const char *role)
{
    static char texts[8][512];
    static size_t next;
    const char *conninfo = getenv("TROTH_TEST_DATABASE");
    if (!conninfo) {
        (void)fprintf(stderr,
                      "no database: run 'python3 -m tests.support.cluster run -- PROGRAM'\n");
        exit(EXIT_FAILURE);
    }
    if (!role) {
        return conninfo;
    }
    char *text = texts[next++ % ARRAY_LEN(texts)];
    (void)text_format(text, sizeof(texts[0]), "%s user=%s", conninfo, role);
    return text;
}

struct db_pool *test_pool(struct loop *loop, const char *role, size_t size, int64_t deadline_us)
{
    return db_pool_new(loop, &(struct db_pool_options){.conninfo = test_conninfo(role),
                                                       .name = "test",
                                                       .size = size,
                                                       .deadline_us = deadline_us});
}

struct db *test_borrow(struct db_pool *pool)
{
    struct err err = ERR_NONE;
    struct db *db = db_pool_wait(pool, PATIENCE_US, &err);
    if (!db) {
        fail_msg("%s", err.text);
    }
    return db;
}

struct test_session *test_session_open(const char *role)
{
    struct test_session *s = xcalloc(1, sizeof(*s));
    s->conn = PQconnectdb(test_conninfo(role));
    if (PQstatus(s->conn) != CONNECTION_OK) {
        fail_msg("%s", PQerrorMessage(s->conn));
    }
    return s;
}

void test_session_close(struct test_session *s)
{
    if (s) {
        PQfinish(s->conn);
        free(s);
    }
}

static int64_t PRINTF_LIKE(3, 0)
    execute(struct test_session *s, bool is_number_wanted, const char *fmt, va_list args)
{
    char sql[4096];
    int64_t number = 0;
    if (!text_vformat(sql, sizeof(sql), fmt, args)) {
        fail_msg("statement too long");
    }
    PGresult *result = PQexec(s->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    }
    if (is_number_wanted &&
        (PQntuples(result) == 0 ||
         text_to_int64(PQgetvalue(result, 0, 0), INT64_MIN, INT64_MAX, &number) < 0)) {
        fail_msg("%s: no number", sql);
    }
    PQclear(result);
    return number;
}

void test_session_sql(struct test_session *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)execute(s, false, fmt, args);
    va_end(args);
}

int64_t test_session_int(struct test_session *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int64_t number = execute(s, true, fmt, args);
    va_end(args);
    return number;
}

void test_sql(const char *fmt, ...)
{
    va_list args;
    struct test_session *s = test_session_open(NULL);
    va_start(args, fmt);
    (void)execute(s, false, fmt, args);
    va_end(args);
    test_session_close(s);
}

int64_t test_sql_int(const char *fmt, ...)
{
    va_list args;
    struct test_session *s = test_session_open(NULL);
    va_start(args, fmt);
    int64_t number = execute(s, true, fmt, args);
    va_end(args);
    test_session_close(s);
    return number;
}

void test_wait(struct loop *loop, bool (*is_true)(void *ctx), void *ctx, const char *what)
{
    int64_t end_us = instant_monotonic_us() + PATIENCE_US;
    while (!is_true(ctx)) {
        if (instant_monotonic_us() > end_us) {
            fail_msg("waited in vain until %s", what);
        }
        loop_turn(loop, 10 * DURATION_MS);
    }
}

static bool is_set(void *ctx)
{
    const bool *const *flag = ctx;
    return **flag;
}

void test_wait_flag(struct loop *loop, const bool *flag, const char *what)
{
    test_wait(loop, is_set, &flag, what);
}

struct wanted {
    struct test_session *session;
    int64_t number;
    const char *sql;
};

static bool is_number(void *ctx)
{
    const struct wanted *w = ctx;
    return test_session_int(w->session, "%s", w->sql) == w->number;
}

void test_wait_sql(struct loop *loop, int64_t want, const char *sql)
{
    struct wanted w = {.session = test_session_open(NULL), .number = want, .sql = sql};
    test_wait(loop, is_number, &w, sql);
    test_session_close(w.session);
}
