/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_link.c - one connection to the server: opening, losing and reopening it, without ever waiting.
 *
 * libpq can be given several hosts, but PQconnectPoll() never gives up on one that is silent. So
 * each host is tried on its own, with our deadline, in turn; only after a whole round do we back
 * off. (Looking up a name does block inside libpq: put addresses or a socket folder into the
 * conninfo where names may be slow.)
 *
 * PQcancel() waits for the postmaster, so it is not used. A step that takes too long ends by
 * closing the connection; the server then notices by client_connection_check_interval, and at the
 * latest by statement_timeout.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/crash_point.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/db_private.h"

static const struct backoff reopen_backoff = {.base_us = 100000, .cap_us = 5000000};

/* The conninfo may say otherwise. A dead peer is noticed in about 5 s. */
static const struct {
    const char *keyword, *value;
} defaults[] = {
    {"keepalives_idle",      "5"         },
    {"keepalives_interval",  "2"         },
    {"keepalives_count",     "3"         },
    {"tcp_user_timeout",     "5000"      },
    {"target_session_attrs", "read-write"},
};

enum {
    KEYWORDS_MAX = 64,
    IDLE_MAX_MS = 10000, /* in a transaction: whoever stopped there holds up others no longer */
};

/* ---- what the conninfo says */

/* "a,b,c" into a NULL-ended list; nothing gives NULL. */
static char **split(const char *list, size_t *ret_count)
{
    if (text_is_empty(list)) {
        *ret_count = 0;
        return NULL;
    }
    size_t count = 1;
    for (const char *c = list; *c; c++) {
        count += *c == ',';
    }
    char **parts = xcalloc(count + 1, sizeof(*parts));
    char *copy = xstrdup(list);
    char *rest = copy;
    for (size_t i = 0; i < count; i++) {
        parts[i] = xstrdup(strsep(&rest, ","));
    }
    free(copy);
    *ret_count = count;
    return parts;
}

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++) {
        free(list[i]);
    }
    free(list);
}

static char *server_options(const struct db_pool *p, const char *more, const char *settings)
{
    struct text t = {0};
    long long deadline_ms = p->deadline_us / 1000;
    if (more) {
        text_appendf(&t, "%s ", more);
    }
    /* A wait for a lock ends before the step does, so that its reason is told. */
    text_appendf(
        &t,
        "-c search_path= -c jit=off -c DateStyle=ISO -c TimeZone=UTC -c client_min_messages=warning"
        " -c statement_timeout=%lld -c lock_timeout=%lld"
        " -c idle_in_transaction_session_timeout=%d"
        " -c client_connection_check_interval=1000",
        deadline_ms, deadline_ms / 2 + 1, CRASH_CONTROL("never_cut_off") ? 0 : IDLE_MAX_MS);
    if (settings) {
        text_appendf(&t, " %s", settings);
    }
    return t.data;
}

/* NULL when it is not valid: freed with PQconninfoFree(). libpq returns the same when it has no
 * memory, and then either no reason or that one: as wrong settings that would last for good. */
static PQconninfoOption *parse(const char *conninfo)
{
    char *reason = NULL;
    PQconninfoOption *parsed = PQconninfoParse(conninfo, &reason);
    if (!parsed && (!reason || strstr(reason, "out of memory"))) {
        xalloc_failed("libpq");
    }
    PQfreemem(reason);
    return parsed;
}

void db_link_configure(struct db_pool *p, const char *conninfo, const char *settings)
{
    const char *options = NULL;
    size_t host_count = 0;
    size_t hostaddr_count = 0;
    size_t port_count = 0;
    size_t count = 0;
    PQconninfoOption *parsed = parse(conninfo);
    p->keywords = xcalloc(KEYWORDS_MAX, sizeof(*p->keywords));
    p->values = xcalloc(KEYWORDS_MAX, sizeof(*p->values));
    for (PQconninfoOption *o = parsed; o && o->keyword; o++) {
        if (!o->val) {
            continue;
        }
        if (strcmp(o->keyword, "host") == 0) {
            p->hosts = split(o->val, &host_count);
        } else if (strcmp(o->keyword, "hostaddr") == 0) {
            p->hostaddrs = split(o->val, &hostaddr_count);
        } else if (strcmp(o->keyword, "port") == 0) {
            p->ports = split(o->val, &port_count);
        } else if (strcmp(o->keyword, "options") == 0) {
            options = o->val;
        } else if (count < KEYWORDS_MAX - 1) {
            p->keywords[count] = xstrdup(o->keyword);
            p->values[count++] = xstrdup(o->val);
        }
    }
    p->options = server_options(p, options, settings);
    size_t most = host_count > hostaddr_count ? host_count : hostaddr_count;
    p->host_count = most > 0 ? most : 1;
    /* As in libpq: one port for all hosts, or one for each. The lists must be in step. */
    bool is_valid = parsed && (host_count == 0 || host_count == p->host_count) &&
                    (hostaddr_count == 0 || hostaddr_count == p->host_count) &&
                    (port_count <= 1 || port_count == p->host_count);
    if (!is_valid) {
        p->host_count = 0;
    }
    PQconninfoFree(parsed);
}

void db_link_forget(struct db_pool *p)
{
    free_list(p->keywords);
    free_list(p->values);
    free_list(p->hosts);
    free_list(p->hostaddrs);
    free_list(p->ports);
    free(p->options);
}

/* ---- prepared statements of this connection: a service has few enough to look through */

/* prepared_count when it is not there. */
static size_t find_prepared(const struct db *db, const struct db_query *q)
{
    size_t i = 0;
    while (i < db->prepared_count && db->prepared[i].query != q) {
        i++;
    }
    return i;
}

bool db_link_is_prepared(const struct db *db, const struct db_query *q,
                         const struct db_arguments *a)
{
    size_t i = find_prepared(db, q);
    if (i == db->prepared_count) {
        return false;
    }
    const struct db_prepared *p = &db->prepared[i];
    if (p->count != a->count ||
        memcmp(p->types, a->types, (size_t)a->count * sizeof(a->types[0])) != 0) {
        log_error("db_parameters", LOG_TEXT("statement", q->name));
        BUG("a statement is used with parameters of other types than the first time");
    }
    return true;
}

void db_link_add_prepared(struct db *db, const struct db_query *q, const struct db_arguments *a)
{
    if (db->prepared_count == db->prepared_capacity) {
        db->prepared_capacity = db->prepared_capacity ? 2 * db->prepared_capacity : 16;
        db->prepared = xreallocarray(db->prepared, db->prepared_capacity, sizeof(*db->prepared));
    }
    struct db_prepared *p = &db->prepared[db->prepared_count++];
    *p = (struct db_prepared){.query = q, .count = a->count};
    memcpy(p->types, a->types, (size_t)a->count * sizeof(a->types[0]));
}

void db_link_remove_prepared(struct db *db, const struct db_query *q)
{
    size_t i = find_prepared(db, q);
    if (i < db->prepared_count) {
        db->prepared[i] = db->prepared[--db->prepared_count];
    }
}

/* ---- life */

void db_link_close(struct db *db)
{
    /* First the watch: the descriptor is closed with the connection. */
    loop_unwatch(db->watch);
    db->watch = NULL;
    db->watched_fd = -1;
    loop_timer_stop(db->timer);
    PQfinish(db->conn);
    db->conn = NULL;
    db->link = DB_LINK_CLOSED;
    db->prepared_count = 0;
}

static void open_later(struct db *db)
{
    uint64_t random;
    int64_t delay_us = 0;
    if (db->attempt > 0) {
        randombytes_buf(&random, sizeof(random));
        delay_us = backoff_delay_us(&reopen_backoff, db->attempt - 1, random);
    }
    db->attempt++;
    loop_timer_after(db->timer, delay_us);
}

/* One line per outage of the pool, not one per try. */
static void note_failure(struct db *db, const char *reason)
{
    struct db_pool *p = db->pool;
    bool is_first = !p->last_err.code[0];
    err_set(&p->last_err, "db_unavailable", "%s", reason);
    /* libpq's further lines ask whether the server is running. */
    p->last_err.text[strcspn(p->last_err.text, "\n")] = '\0';
    if (is_first) {
        log_warning("db_connection_failed", LOG_TEXT("pool", p->name), LOG_ERR(&p->last_err));
    }
}

static void fail_to_open(struct db *db, const char *reason)
{
    note_failure(db, reason);
    db_link_close(db);
    if (++db->host < db->pool->host_count) {
        loop_timer_after(db->timer, 0);
        return;
    }
    db->host = 0;
    open_later(db);
}

void db_link_lose(struct db *db, const char *reason)
{
    note_failure(db, reason);
    db_link_close(db);
    if (db->state == DB_STEP_RUNNING || db->state == DB_STEP_ROLLING_BACK) {
        db_step_lose(db, db->pool->last_err.text);
    } else if (db->is_in_transaction || db->step.count > 0) {
        db->is_loss_unreported = true;
    }
    open_later(db);
}

/* ---- opening */

static void on_ready(void *ctx, int events);

static void watch(struct db *db, int events)
{
    int fd = PQsocket(db->conn);
    if (fd != db->watched_fd) {
        loop_unwatch(db->watch);
        db->watch = loop_watch_fd(db->pool->loop, fd, events, on_ready, db);
        db->watched_fd = fd;
    }
    loop_watch_events(db->watch, events);
}

static void opened(struct db *db)
{
    if (PQsetnonblocking(db->conn, 1) != 0 || PQenterPipelineMode(db->conn) != 1) {
        fail_to_open(db, "libpq refuses pipeline mode");
        return;
    }
    (void)PQsetNoticeReceiver(db->conn, db_step_on_notice, db);
    loop_timer_stop(db->timer);
    watch(db, LOOP_READ);
    db->link = DB_LINK_READY;
    if (db->pool->last_err.code[0]) {
        log_info("db_connected", LOG_TEXT("pool", db->pool->name));
        db->pool->last_err = ERR_NONE;
    }
    db_pool_dispatch_soon(db->pool);
}

static void poll_opening(struct db *db)
{
    switch (PQconnectPoll(db->conn)) {
    case PGRES_POLLING_OK:
        opened(db);
        break;
    case PGRES_POLLING_READING:
        watch(db, LOOP_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch(db, LOOP_WRITE);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
        fail_to_open(db, PQerrorMessage(db->conn));
        break;
    }
}

/* A later keyword wins over an earlier one: our defaults, the conninfo, what we insist on. */
static PGconn *start_opening(const struct db_pool *p, size_t host)
{
    const char *keywords[ARRAY_LEN(defaults) + KEYWORDS_MAX + 8];
    const char *values[ARRAY_LEN(keywords)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++, count++) {
        keywords[count] = defaults[i].keyword;
        values[count] = defaults[i].value;
    }
    for (size_t i = 0; p->keywords[i]; i++, count++) {
        keywords[count] = p->keywords[i];
        values[count] = p->values[i];
    }
    const char *port = p->ports && p->ports[0] && p->ports[1] ? p->ports[host]
                       : p->ports                             ? p->ports[0]
                                                              : NULL;
    const char *const ours[][2] = {
        {"host",             p->hosts ? p->hosts[host] : NULL        },
        {"hostaddr",         p->hostaddrs ? p->hostaddrs[host] : NULL},
        {"port",             port                                    },
        {"options",          p->options                              },
        {"application_name", p->name                                 },
        {"client_encoding",  "UTF8"                                  },
    };
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        if (ours[i][1]) {
            keywords[count] = ours[i][0];
            values[count++] = ours[i][1];
        }
    }
    keywords[count] = NULL;
    values[count] = NULL;
    return PQconnectStartParams(keywords, values, 0);
}

void db_link_open(struct db *db)
{
    if (db->pool->host_count == 0) {
        fail_to_open(
            db, "the conninfo is not valid: write keyword=value pairs or a postgresql:// address");
        return;
    }
    db->conn = start_opening(db->pool, db->host);
    if (!db->conn) {
        xalloc_failed("libpq");
    }
    if (PQstatus(db->conn) == CONNECTION_BAD) {
        fail_to_open(db, PQerrorMessage(db->conn));
        return;
    }
    db->link = DB_LINK_CONNECTING;
    loop_timer_after(db->timer, DB_CONNECT_DEADLINE_US);
    watch(db, LOOP_WRITE); /* as libpq wants it before the first poll */
}

void db_link_give_up(struct db *db)
{
    fail_to_open(db, "the server did not answer in time");
}

/* ---- open */

bool db_link_flush(struct db *db)
{
    int rc = PQflush(db->conn);
    if (rc >= 0) {
        watch(db, rc > 0 ? LOOP_READ | LOOP_WRITE : LOOP_READ);
    }
    return rc >= 0;
}

static void on_ready(void *ctx, int events)
{
    struct db *db = ctx;
    (void)events; /* libpq finds out itself */
    if (db->link == DB_LINK_CONNECTING) {
        poll_opening(db);
        return;
    }
    bool has_input = PQconsumeInput(db->conn) == 1;
    /* What arrived before the connection broke still counts: an answer to COMMIT, or the server's
     * reason. */
    db_step_read(db);
    if (db->link != DB_LINK_READY) {
        return;
    }
    if (!has_input || PQstatus(db->conn) == CONNECTION_BAD || !db_link_flush(db)) {
        db_link_lose(db, PQerrorMessage(db->conn));
    }
}
