/* SPDX-License-Identifier: Apache-2.0 */
/* intake_metrics.h - what intake counts. */
#ifndef TROTH_INTAKE_METRICS_H
#define TROTH_INTAKE_METRICS_H

#include <stdint.h>

#include "common/runtime/metrics.h"
#include "intake.pb-c.h"

enum {
    INTAKE_STATUSES = TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY + 1
};

struct intake_metrics {
    int64_t *records[INTAKE_STATUSES]; /* by receipt status */
    int64_t *requests_refused;
    int64_t *posts;
    int64_t *batches;
    int64_t *batch_records;
    int64_t *batch_us;
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

void intake_metrics_register(struct metrics *m, struct intake_metrics *ret);

#endif
