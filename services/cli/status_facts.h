/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status_facts.h - what `troth status` knows: asked of the services' /readyz and of PostgreSQL, as
 * the operator. Ages are microseconds at the moment of asking; STATUS_NEVER: there is none.
 */
#ifndef TROTH_SERVICES_CLI_STATUS_FACTS_H
#define TROTH_SERVICES_CLI_STATUS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/cli/cli_settings.h"

#define STATUS_NEVER INT64_C(-1)

enum {
    STATUS_WORD_SIZE = 64,
    STATUS_WHY_SIZE = 200,
    STATUS_LIST_MAX = 16,
};

struct status_service {
    bool is_asked, is_ready; /* by HTTP, where the settings say where */
    char why[STATUS_WHY_SIZE];
    bool was_seen;         /* it has left something in the database: it is used here */
    int64_t live, silent;  /* processes with a heartbeat of late, and those that went without */
    int64_t since_us;      /* when the newest of the live ones started; an instant; 0: none */
    int64_t silent_age_us; /* since the last heartbeat of the silent ones; STATUS_NEVER */
    char versions[STATUS_WORD_SIZE]; /* of the live ones: "0.2.0", "0.1.0, 0.2.0"; "": not known */
    size_t version_count;
};

struct status_consumer {
    char name[STATUS_WORD_SIZE];
    int64_t events, age_us;
};

struct status_dialer {
    char name[STATUS_WORD_SIZE];
    int64_t seen_age_us, free_lines, channels; /* bit (1 << Channel) */
};

struct status_disk {
    char folder[STATUS_WHY_SIZE]; /* one of those that are on it */
    int64_t device, free_percent, free_bytes;
};

struct status_copy {
    char path[STATUS_WHY_SIZE];
    int64_t age_us; /* since it was written; STATUS_NEVER: it is not there */
};

struct status_job {
    char name[STATUS_WORD_SIZE];
    bool has_run;
    int64_t age_us;     /* since it last ran, in business time; never: since the first start */
    int64_t overdue_us; /* older than that, it is */
};

struct status_due {
    int64_t steps_age_us;     /* oldest due step of a promise; STATUS_NEVER: none is due */
    int64_t follow_up_age_us; /* oldest due follow-up that a dialer should get */
    int64_t follow_up_channel;
    int64_t orders, orders_age_us;
    int64_t outbox, outbox_age_us, outbox_rejected;
    int64_t deliveries_age_us, deliveries_dead;
    int64_t listed, listed_age_us; /* wait for a person */
};

struct status_server {
    char version[STATUS_WORD_SIZE];
    bool is_standby, sees_all, waits_for_standby, is_archived, is_demo;
    int64_t skew_us;     /* this machine's clock less the server's */
    int64_t business_us; /* instant */
    int64_t size_bytes, connections, connections_max;
    int64_t transactions_age; /* of the oldest row that is not frozen */
    int64_t checksum_failures;
    int64_t oldest_us; /* of the oldest transaction of a client; STATUS_NEVER: not seen, or none */
    int64_t oldest_pid;
    int64_t standbys, standbys_sync, standby_lag_us, standby_lag_bytes;
    int64_t slot_bytes;                            /* that a slot which nobody reads keeps */
    int64_t archive_age_us, archive_failed_age_us; /* the newest log file kept; that failed */
    int64_t up_us;                                 /* since it was started */
    bool is_here;                                  /* on this machine: by its unix socket */
    char data_folder[STATUS_WHY_SIZE];             /* ""; we may not know */
};

struct status_facts {
    struct status_service services[CLI_SERVICE_COUNT];
    bool is_configured; /* the settings say how to reach PostgreSQL */
    bool is_connected;
    char why[STATUS_WHY_SIZE]; /* when it is not */
    struct status_unread {
        char part[STATUS_WORD_SIZE], why[STATUS_WHY_SIZE];
    } unread[STATUS_LIST_MAX]; /* what the database did not say */
    size_t unread_count;
    int64_t schema_version, schema_expansion; /* 0: none */
    struct status_server server;
    struct status_consumer consumers[STATUS_LIST_MAX];
    size_t consumer_count;
    struct status_due due;
    struct status_dialer dialers[STATUS_LIST_MAX];
    size_t dialer_count;
    int64_t events_a_minute;
    int64_t audit_head, audit_age_us, audit_unsigned; /* 0, STATUS_NEVER: there is no head */
    char standard[STATUS_WORD_SIZE], rules[STATUS_WORD_SIZE]; /* hashes, their beginnings */
    int64_t standard_us, rules_us; /* instants: since when; 0: there is none */
    struct status_job jobs[STATUS_LIST_MAX];
    size_t job_count;
    struct status_disk disks[STATUS_LIST_MAX]; /* of this machine */
    size_t disk_count;
    struct status_copy copies[STATUS_LIST_MAX]; /* of signed heads, on this machine */
    size_t copy_count;
    int64_t figures_different; /* that the nightly check found and nobody has looked at */
};

#endif
