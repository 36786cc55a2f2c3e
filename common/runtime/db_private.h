/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_private.h - what the files of db.h share; nobody else includes it.
 *
 *   db.c         conversations and the pool     db_params.c  parameters out
 *   db_link.c    opening, losing, reopening     db_rows.c    rows in
 *   db_step.c    one round trip                 db_outcome.c what an SQLSTATE means
 *
 * Two questions are kept apart: is the link to the server up (enum db_link_state), and who has the
 * connection (is_lent, step). A link that is lost while lent is reopened at once, but until the
 * borrower has heard of it every step ends in DB_RETRY: statements of a transaction that is gone
 * must not run on their own.
 */
#ifndef TROTH_COMMON_RUNTIME_DB_PRIVATE_H
#define TROTH_COMMON_RUNTIME_DB_PRIVATE_H

#include <stddef.h>

#include <libpq-fe.h>

#include "common/base/backoff.h"
#include "common/runtime/db.h"

enum db_limit {
    DB_PARAMS_MAX = 48,
    DB_POOL_MAX = 64,
};

#define DB_DEADLINE_US         (5 * INT64_C(1000000))
#define DB_CONNECT_DEADLINE_US (3 * INT64_C(1000000))

struct db_rows {
    PGresult *result;
    const char *name; /* of the statement */
};

/* ---- parameters */

/* What libpq wants to have; points into the db_params. */
struct db_arguments {
    int count;
    Oid types[DB_PARAMS_MAX];
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX];
    int formats[DB_PARAMS_MAX];
};
void db_params_arguments(const struct db_params *p, struct db_arguments *ret); /* p may be NULL */

/* ---- one step */

enum db_item_kind {
    DB_ITEM_PREPARE = 1,
    DB_ITEM_QUERY,
    DB_ITEM_BEGIN,
    DB_ITEM_COMMIT,
    DB_ITEM_ROLLBACK,
};

struct db_item {
    enum db_item_kind kind;
    const struct db_query *query; /* of PREPARE and QUERY */
    bool has_result;
};

struct db_step {
    struct db_item *items;
    size_t count, capacity;
    size_t next;          /* the item whose results are read */
    struct db_rows *sets; /* one per QUERY that has answered */
    const struct db_rows **set_list;
    size_t set_count, set_capacity;
    bool is_sent_badly;     /* a statement could not be queued */
    bool may_commit;        /* COMMIT, or a statement outside of BEGIN, was queued */
    bool is_not_replicated; /* committed here, but the standby did not say so */
    bool must_reopen;       /* the session is of no more use */
    enum db_outcome outcome;
    char sqlstate[6];
    struct err err;
};

enum db_step_state {
    DB_STEP_OPEN = 1, /* statements may be queued */
    DB_STEP_RUNNING,
    DB_STEP_ROLLING_BACK, /* failed; the server is told */
    DB_STEP_LOST,         /* to be reported from the loop */
};

enum db_link_state {
    DB_LINK_CLOSED = 1, /* the timer opens it again */
    DB_LINK_CONNECTING,
    DB_LINK_READY,
};

/* A statement that this connection knows, and the types of its parameters. */
struct db_prepared {
    const struct db_query *query;
    int count;
    Oid types[DB_PARAMS_MAX];
};

struct db {
    struct db_pool *pool;

    enum db_link_state link;
    PGconn *conn;
    struct loop_watch *watch;
    int watched_fd;
    struct loop_timer *timer; /* reopen, connect deadline or step deadline, by state */
    size_t host;              /* which of the pool's hosts is tried */
    unsigned attempt;         /* rounds over all hosts without success */
    struct db_prepared *prepared;
    size_t prepared_count, prepared_capacity;

    bool is_lent;
    bool is_loss_unreported; /* lost while lent between two steps */
    bool is_in_transaction;
    enum db_step_state state;
    struct db_step step;
    db_done_fn *done;
    void *done_ctx;
    struct loop_timer *report; /* calls done() of a lost step */
    struct db_step finished;   /* what the last reply points into */
    struct db_reply reply;
    bool is_kept; /* the reply outlives done() */
};

struct db_waiting {
    db_start_fn *start;
    void *ctx;
};

struct db_pool {
    struct loop *loop;
    char **keywords,
        **values; /* of the conninfo, NULL-ended, without host, hostaddr, port and options */
    char **hosts, **hostaddrs, **ports;
    size_t host_count;
    char *options; /* for the server */
    char *name;
    int64_t deadline_us;
    int64_t last_success_us;
    struct err last_err; /* why the last connection failed */
    struct db *all;
    size_t count;
    struct db_waiting *waiting; /* a queue: [first, end) */
    size_t waiting_first, waiting_end, waiting_capacity;
    struct loop_timer *dispatch;
};

/* Parses the conninfo. Text that libpq refuses is reported by each attempt to connect. */
void db_link_configure(struct db_pool *p, const char *conninfo, const char *settings);
void db_link_forget(struct db_pool *p);
void db_link_open(struct db *db);
void db_link_give_up(struct db *db); /* this host did not answer in time */
/* Ends the session, if any, and arranges for a new one. */
void db_link_lose(struct db *db, const char *reason);
void db_link_close(struct db *db);
/* Something is to be sent: watch for room, too. False when the link is lost. */
bool db_link_flush(struct db *db);
bool db_link_is_prepared(const struct db *db, const struct db_query *q,
                         const struct db_arguments *a);
void db_link_add_prepared(struct db *db, const struct db_query *q, const struct db_arguments *a);
void db_link_remove_prepared(struct db *db, const struct db_query *q);

struct db_item *db_step_add(struct db *db, enum db_item_kind kind, const struct db_query *q);
/* Input came: read what is complete. */
void db_step_read(struct db *db);
/* The link is gone, or the step took too long. */
void db_step_lose(struct db *db, const char *text);
void db_step_report_lost(void *ctx); /* the report timer */
void db_step_clear(struct db_step *s);
/* The server warned while a step ran. */
void db_step_on_notice(void *ctx, const PGresult *notice);

void db_pool_dispatch_soon(struct db_pool *p);

/* ---- outcomes */

enum db_outcome db_outcome_of(const char *sqlstate);
const char *db_outcome_code(enum db_outcome o); /* "db_retry", ... */
/* The server's primary message without the values that some of them quote. */
void db_outcome_describe(const PGresult *result, struct err *ret_err);

#endif
