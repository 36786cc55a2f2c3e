/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h - the only file that touches PQ*: non-blocking libpq in pipeline mode, inside the loop.
 *
 * A unit of work is a conversation on one connection. Each step queues statements (db_query) and
 * ends with db_run(): one round trip, after which done() gets one set of rows per statement and may
 * begin the next step or db_release() the connection. BEGIN and COMMIT are explicit (db_begin,
 * db_commit). When a statement fails, the wrapper has rolled back before done() is called; when the
 * connection is lost it is reopened in the background with backoff.
 *
 *   db_begin(db); db_query(db, &lock_case, &params); db_run(db, on_locked, work);      -- step 1
 *   on_locked: decide; db_query(db, &insert_case, ...); db_commit(db); db_run(db, on_committed,
 * work); on_committed: if (reply->outcome == DB_OK) send receipts; db_release(db);
 *
 * Parameters and results are binary. Instants are timestamptz in SQL and int64_t microseconds since
 * 1970 in C. There is no general "run this SQL": each *_store.c states its questions as static
 * struct db_query beside its functions.
 */
#ifndef TROTH_COMMON_RUNTIME_DB_H
#define TROTH_COMMON_RUNTIME_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/runtime/loop.h"

struct db;      /* one connection */
struct db_pool; /* a few of them, and the work that waits for one */

/* How many rows a statement may return; another number is an error (code "db_shape") naming the
 * statement. */
enum db_shape {
    DB_NONE = 1, /* no rows */
    DB_ONE,      /* exactly one */
    DB_OPTIONAL, /* none or one */
    DB_ROWS,     /* any number */
    DB_HIDDEN,   /* exactly one that nobody reads (a fence): no set of the reply */
};

/* Prepared on each connection at first use. Static, named "<store>_<question>". */
struct db_query {
    const char *name;
    const char *sql;
    enum db_shape shape;
};

/* ---- parameters, in the order $1, $2, ...; start with {0}; reuse after db_params_clear() */

#define DB_NO_TIME INT64_MIN /* SQL NULL for instants */

enum db_type {
    DB_BOOL = 1,
    DB_INT2,
    DB_INT4,
    DB_INT8,
    DB_FLOAT8,
    DB_TEXT,
    DB_BYTES,
    DB_TIME
};

struct db_params {
    struct buffer data;
    struct buffer index; /* private */
    size_t count;
};
void db_params_clear(struct db_params *p);
void db_params_free(struct db_params *p);
void db_put_null(struct db_params *p, enum db_type type);
void db_put_bool(struct db_params *p, bool v);
void db_put_int2(struct db_params *p, int16_t v);
void db_put_int4(struct db_params *p, int32_t v);
void db_put_int8(struct db_params *p, int64_t v);
void db_put_float8(struct db_params *p, double v);
void db_put_text(struct db_params *p, const char *v);   /* NULL is SQL NULL */
void db_put_bytes(struct db_params *p, struct bytes v); /* data NULL is SQL NULL */
void db_put_time(struct db_params *p, int64_t us);      /* DB_NO_TIME is SQL NULL */

/* One-dimensional arrays for set-based statements (unnest). Start with db_array_init; reuse after
 * db_array_clear(). */
struct db_array {
    enum db_type type;
    int32_t count;
    bool has_null;
    struct buffer data;
};
void db_array_init(struct db_array *a, enum db_type type);
void db_array_clear(struct db_array *a);
void db_array_free(struct db_array *a);
void db_array_add_null(struct db_array *a);
void db_array_add_bool(struct db_array *a, bool v);
void db_array_add_int(struct db_array *a,
                      int64_t v); /* for DB_INT2, DB_INT4, DB_INT8: must be in range */
void db_array_add_float8(struct db_array *a, double v);
void db_array_add_text(struct db_array *a, const char *v);
void db_array_add_bytes(struct db_array *a, struct bytes v);
void db_array_add_time(struct db_array *a, int64_t us);
void db_put_array(struct db_params *p, const struct db_array *a); /* copies */

/* ---- results: valid until done() returns */

struct db_rows; /* borrowed */
size_t db_row_count(const struct db_rows *r);
int64_t db_affected(const struct db_rows *r); /* rows inserted, updated or deleted */
bool db_is_null(const struct db_rows *r, size_t row, int column);
/* NULL reads as 0, false, "", empty, DB_NO_TIME. A wrong column type is our bug (BUG()). int reads
 * int2, int4, int8. */
bool db_get_bool(const struct db_rows *r, size_t row, int column);
int64_t db_get_int(const struct db_rows *r, size_t row, int column);
double db_get_float8(const struct db_rows *r, size_t row, int column);
const char *db_get_text(const struct db_rows *r, size_t row, int column);
struct bytes db_get_bytes(const struct db_rows *r, size_t row, int column);
int64_t db_get_time(const struct db_rows *r, size_t row, int column);

enum db_outcome {
    DB_OK = 1,
    DB_RETRY, /* the same unit with the same keys may work: lost connection, deadline, 40001, 40P01,
               * 55P03, 57014, 57P01, 25006, disk full, ...: the list stands in db_outcome.c */
    DB_CONFLICT, /* 23505: somebody else made the same key; read again, then retry */
    DB_DATA,     /* classes 22 and 23 otherwise: this data will never work */
    DB_BROKEN,   /* anything else: our statement or schema is wrong */
};

struct db_reply {
    enum db_outcome outcome;
    bool is_commit_unknown; /* not DB_OK, but COMMIT (or a statement outside of BEGIN) was sent: it
                               may well have happened */
    char sqlstate[6];       /* "none" when there is none */
    struct err err; /* code "db_<outcome>", field the statement's name, text the server's primary
                       message only */
    size_t count; /* sets of rows: one per db_query() of this step; BEGIN, COMMIT and DB_HIDDEN have
                     none */
    const struct db_rows *const *rows; /* all of them when DB_OK, else none */
};
typedef void db_done_fn(void *ctx, struct db *db, const struct db_reply *reply);

/* ---- one conversation */

void db_begin(struct db *db);
void db_query(struct db *db, const struct db_query *q,
              const struct db_params *p); /* p NULL: no parameters; copies p */
void db_commit(struct db *db);
void db_rollback(struct db *db);

/* Sends what is queued; done is called from the loop, never from inside db_run(). Its deadline is
 * the pool's. */
void db_run(struct db *db, db_done_fn *done, void *ctx);

/* The conversation is over; the connection takes the next waiting work. Not inside a transaction.
 */
void db_release(struct db *db);

/* Ends a conversation at any point, for who is being freed: done() is not called any more, the
 * session is closed and the server takes back what was not committed (a COMMIT that was queued may
 * still happen). */
void db_abandon(struct db *db);

/* ---- connections */

struct db_pool_options {
    const char *conninfo; /* a passfile or peer authentication; keepalives, tcp_user_timeout and
                             application_name are added */
    const char *name;     /* application_name */
    size_t size;          /* connections, 1 to 64; opened at once, kept open */
    int64_t deadline_us;  /* for one db_run(); 0: 5 s. A step that takes longer is given up and the
                             connection reopened */
    const char *settings; /* more of the server's settings, as "-c name=value ..."; NULL: none */
};

/* Never fails: connects in the background. search_path is emptied, jit is off, statement and
 * idle-in-transaction timeouts are set. */
struct db_pool *db_pool_new(struct loop *loop, const struct db_pool_options *options);
void db_pool_free(struct db_pool *p); /* NULL is fine; work that waits is dropped */

/* start(ctx, db) is called from the loop once a connection is free: first come, first served. */
typedef void db_start_fn(void *ctx, struct db *db);
void db_pool_submit(struct db_pool *p, db_start_fn *start, void *ctx);
/* The same, before all that waits: for what is small and must not be late, such as the renewal of a
 * lease. */
void db_pool_submit_first(struct db_pool *p, db_start_fn *start, void *ctx);
/* Drops the work that waits with this ctx, for who is being freed. */
void db_pool_withdraw(struct db_pool *p, const void *ctx);
bool db_pool_has_idle(
    const struct db_pool *p); /* an open connection is free now and nobody waits */

/* For people who watch. */
struct db_pool_usage {
    size_t size;    /* connections that there may be */
    size_t open;    /* of these, the ones that are open */
    size_t used;    /* of these, the ones that work for somebody */
    size_t waiting; /* pieces of work without a connection */
};
struct db_pool_usage db_pool_usage(const struct db_pool *p);

/* Monotonic instant of the last successful db_run of the pool, 0 if none yet: what /readyz looks
 * at. */
int64_t db_pool_last_success_us(const struct db_pool *p);

/* ---- waiting: for start-up, jobs and the command line only */

/* Turns the loop until a connection is free (or timeout: NULL with err). The caller ends with
 * db_release(). */
struct db *db_pool_wait(struct db_pool *p, int64_t timeout_us, struct err *err);
/* db_run and turn the loop until the answer; the reply is valid until the next db_ call. */
const struct db_reply *db_run_wait(struct db *db);

#endif
