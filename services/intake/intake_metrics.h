/* SPDX-License-Identifier: Apache-2.0 */
/* intake_metrics.h - what intake counts. */
#ifndef TROTH_INTAKE_METRICS_H
#define TROTH_INTAKE_METRICS_H

#include <stdint.h>

#include "common/runtime/metrics.h"
#include "intake.pb-c.h"

enum {
    INTAKE_STATUSES = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY + 1,
    INTAKE_METRICS_CODES = 96,
};

struct intake_metrics {
    int64_t *records[INTAKE_STATUSES]; /* by receipt status */
    int64_t *requests_refused;
    int64_t *posts;
    int64_t *rejections[INTAKE_METRICS_CODES]; /* by the place of the code in intake_codes() */
    struct metrics_histogram *receipt;         /* from a record's arrival to its receipt */
    int64_t *oldest_open;                      /* since when the oldest record waits for it */
    int64_t *standard;                         /* number of the one in force */
    struct metrics_histogram *batch;           /* from BEGIN to the end of COMMIT */
    struct metrics_histogram *batch_records;
    struct metrics_histogram *commit; /* the last step alone: writing and COMMIT */
    struct metrics_histogram *disclosure;
    int64_t *batch_retries;
    int64_t *pending;
    int64_t *steps;
    int64_t *standards_unreadable;
    int64_t *receipts_sent;
    int64_t *receipts_dropped;
    int64_t *receipts_waiting;
    int64_t *disclosures;
    int64_t *texts_dropped;
    int64_t *receipts_expired;
    int64_t *orphans;
    int64_t *rate_limited;
    int64_t *disk_free;
    int64_t *disk_low;
    int64_t *audit_entries;
    int64_t *audit_heads;
    int64_t *audit_head_seconds;
    int64_t *audit_inconsistent;
    int64_t *audit_copies_failed;
};

/* A record got its receipt. code: NULL or unknown when there is none to count; arrived_us:
 * monotonic, 0 when it is not known. */
void intake_metrics_note_receipt(const struct intake_metrics *m, Troth__V1__ReceiptStatus status,
                                 const char *code, int64_t arrived_us);

void intake_metrics_register(struct metrics *m, struct intake_metrics *ret);

#endif
