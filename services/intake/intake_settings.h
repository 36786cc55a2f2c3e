/* SPDX-License-Identifier: Apache-2.0 */
/* intake_settings.h - what can be set for intake, apart from what every process has. */
#ifndef TROTH_INTAKE_SETTINGS_H
#define TROTH_INTAKE_SETTINGS_H

#include <stdint.h>

#include "common/runtime/settings.h"

struct intake_settings {
    char *standard;         /* path of the service standard */
    char *master_key_file;  /* path of the keyring */
    int64_t lanes;          /* connections that write, each for its own buckets */
    int64_t batch_max;      /* records in one transaction */
    int64_t pending_max;    /* records that wait or are being written */
    int64_t pending_mib;    /* the size of their requests on the wire */
    int64_t retry_after_us; /* told to senders when full */
    int64_t replies_max;    /* receipts that could not be sent yet */
    int64_t reply_wait_us;  /* how long they are kept */
    int64_t step_batch;     /* promises whose steps are taken in one transaction */
    int64_t history_us;
    int64_t clock_skew_us;
    int64_t grace_us;
    int64_t key_age_us;
    int64_t upkeep_us;                /* between two rounds of deleting what is too old */
    int64_t forecast_us;              /* between two computations of forecasts */
    char *records_http;               /* endpoint of POST /v1/records; "": none */
    int64_t records_http_connections; /* at once */
    int64_t records_http_wait_us;     /* a post waits for its receipts */
    char *disk_watch;                 /* on the volume of the database; "": not watched */
    int64_t disk_free_min;            /* percent */
    char *audit_key_file;             /* path of the key of the record; "": nothing is recorded */
    int64_t audit_us;                 /* between two signed heads */
    char *audit_copy;                 /* paths where heads are copied to, parted by ':' */
    int64_t keep_events_us;           /* of the job retention; 0: for good, of the following too */
    int64_t event_part_us;            /* how long events are put into one part */
    char *absent_readers;             /* consumers that never read, parted by ':' */
    int64_t keep_disclosures_us;
};

extern const struct setting intake_setting_table[];

#endif
