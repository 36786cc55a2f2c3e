/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - how our processes behave: arguments, settings, signals, ready line, drain, exit
 * codes.
 *
 *   troth-intake [--config FILE] [--set NAME=VALUE]... [--demo-clock] [--job NAME]
 *   troth-intake --check-config | --print-config | --help | --version | --healthcheck
 *
 * Start: settings, keys, database (schema version, clock), principals, ZAP and its self-test, the
 * service's start(), then one line on standard output: `ready service=intake pid=N
 * requests=ENDPOINT events=ENDPOINT http=ENDPOINT`. First SIGTERM or SIGINT: drain() (stop taking
 * work, finish what is in flight, at most drain_for), then stop. Second: leave now. SIGHUP:
 * settings that may be reloaded; our key pair, if key_file has another one; the principals, which
 * are compared with the database twice a second anyway, are read anew. Exit codes: 0 stopped as
 * asked, 1 could not start or go on, 2 wrong usage or settings. Business time is log.now(), sampled
 * each second (every 10 ms with
 * --demo-clock) against the monotonic clock; a service refuses to start on a clock that is not real
 * unless it was given --demo-clock, and ends when the clock becomes so. A process without a
 * database (the dialer) lives by the machine's clock.
 */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_H
#define TROTH_COMMON_RUNTIME_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/bus.h"
#include "common/runtime/db.h"
#include "common/runtime/http.h"
#include "common/runtime/lease.h"
#include "common/runtime/loop.h"
#include "common/runtime/metrics.h"
#include "common/runtime/principal.h"
#include "common/runtime/settings.h"

/* What this program asks of the schema (deploy/database/README.md).
 *
 * SCHEMA_VERSION: log.schema_version() may say at most that. It goes up when something is taken
 * away, and the number here when we no longer need what is going to be: a version before.
 * SCHEMA_EXPANSION: log.schema_expansion() must say at least that. It goes up with each version
 * that adds something; a database that is ahead of us is fine, that is how an upgrade begins. */
#define SCHEMA_VERSION   1
#define SCHEMA_EXPANSION 2

/* Settings that every process has. Their table is service_settings in service_settings.c. */
struct service_settings {
    char *database;  /* libpq conninfo */
    char *key_file;  /* our CURVE key pair */
    char *requests;  /* ROUTER endpoint, e.g. "tcp://127.0.0.1:5510" or "ipc:///run/troth/intake" */
    char *events;    /* PUB endpoint; "" for processes without events */
    char *http;      /* "127.0.0.1:8510", "unix:/path" or "" for none */
    char *log_level; /* debug, info, warning, error; reloads */
    int64_t db_connections;
    int64_t db_deadline_us;
    int64_t drain_for_us;
    int64_t poll_us; /* how often the database is looked at without being woken */
    int64_t lease_us;
    int64_t watch_us;       /* how often ages of queues are read from the database */
    int64_t memory_max_mib; /* 0: no limit of ours */
};

struct service {
    const char *name;
    const struct service_settings *common;
    void *settings; /* the service's own struct */
    struct loop *loop;
    struct bus *bus;
    struct bus_keys keys;
    struct principal_table *principals;
    struct db_pool *db;
    struct metrics *metrics;
    struct http *http;           /* NULL without one */
    struct bus_socket *requests; /* ROUTER, NULL without one and until start() has returned */
    struct bus_socket *events;   /* PUB, NULL without one */
    struct service_clock
        *clock;       /* for service_now_us(); NULL reads the machine's clock, as tests may */
    char holder[128]; /* unique name of this process for leases: host/pid/start */
    bool is_demo_clock;
    bool is_draining;
};

struct service_job {
    const char *name;
    const char *help;
    /* 0 or -1; may turn the loop and wait. Nothing is bound: no requests, events and http. Ends
     * early on is_draining. */
    int (*run)(struct service *s, struct err *err);
};

struct service_spec {
    const char *name; /* "intake" */
    const char *summary;
    const struct setting *settings;        /* own table, ended by a SETTING_END row */
    size_t settings_size;                  /* size of the struct they fill */
    const struct setting *common_defaults; /* rows {name, default_value} that differ from the common
                                              default, or NULL */
    bool has_database;                     /* false: dialer */
    const char *database_settings; /* of the server, as in struct db_pool_options; NULL: none */
    bool has_events;               /* binds PUB */
    /* Called with everything in struct service open. Returns the state, or NULL with err. */
    void *(*start)(struct service *s, struct err *err);
    /* SIGHUP, when the settings were read and taken: what files they name may have changed. Must
     * not wait. May be NULL. */
    void (*reload)(void *state);
    /* SIGHUP, when key_file was read, also when the settings could not be: its pairs, of which the
     * first is in use now (bus_key_pairs_read). They are wiped afterwards. May be NULL. */
    void (*keys_read)(void *state, const struct bus_keys *pairs, int pair_count);
    /* Stop taking work; called once. May be NULL. */
    void (*drain)(void *state);
    /* True when nothing is in flight any more. NULL: always. */
    bool (*is_drained)(const void *state);
    void (*stop)(void *state);
    bus_message_fn *on_request;     /* handler of the ROUTER at common->requests; ctx is the state.
                                       NULL: binds nothing */
    const struct service_job *jobs; /* ended by a NULL name, or NULL */
};

/* Returns the exit code. */
int service_main(int argc, char **argv, const struct service_spec *spec);

/* Business time now. Within one handler call it again only if time may pass. */
int64_t service_now_us(const struct service *s);

/* What the driver of the demo clock holds back for the moment, so that what somebody decides does
 * not depend on who was faster; bits. Nothing on a real clock. */
enum demo_hold {
    DEMO_HOLDS_PLANS = 1,  /* events are not made into plans */
    DEMO_HOLDS_CALLS = 2,  /* nobody is called */
    DEMO_HOLDS_SCORES = 4, /* no score moves */
    DEMO_HOLDS_DAYS = 8,   /* days and improvements are not made into plans */
};
bool service_is_held(const struct service *s, enum demo_hold what);

/* Calls tick(ctx) soon after business time has stepped or a second has passed: for timers in
 * business time. One per service. */
void service_on_time(struct service *s, void (*tick)(void *ctx), void *ctx);

#endif
