/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_metrics.h"

#include "common/base/compiler.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "services/intake/intake_codes.h"

static void register_audit(struct metrics *m, struct intake_metrics *ret)
{
    ret->audit_entries = metrics_gauge(m, "troth_intake_audit_entries", NULL,
                                       "Entries of the tamper-evident record; 0 in processes that "
                                       "do not write it.");
    ret->audit_heads =
        metrics_counter(m, "troth_intake_audit_heads_total", NULL, "Roots that were signed.");
    ret->audit_head_seconds =
        metrics_gauge(m, "troth_intake_audit_head_timestamp_seconds", NULL,
                      "When the newest one was signed; 0 in processes that do not sign.");
    ret->audit_inconsistent = metrics_gauge(
        m, "troth_intake_audit_inconsistent", NULL,
        "1: the record contradicts what was signed, and nothing is signed; an alarm.");
    ret->audit_copies_failed =
        metrics_counter(m, "troth_intake_audit_copies_failed_total", NULL,
                        "Copies of a signed root that could not be written or read.");
}

static void register_times(struct metrics *m, struct intake_metrics *ret)
{
    ret->receipt = metrics_histogram(m, "troth_intake_receipt_duration_seconds", NULL,
                                     "Time from the arrival of a record to its receipt, whatever "
                                     "it says.",
                                     &metrics_answer_time);
    ret->oldest_open = metrics_gauge_micro(m, "troth_intake_receipt_open_age_seconds", NULL,
                                           "How long the oldest record waits for its receipt.");
    ret->standard = metrics_gauge(m, "troth_intake_standard_version", NULL,
                                  "Number of the version of the standard in force.");
    ret->batch = metrics_histogram(m, "troth_intake_batch_duration_seconds", NULL,
                                   "Time from the start of a transaction of records to its commit.",
                                   &metrics_answer_time);
    ret->batch_records = metrics_histogram(m, "troth_intake_batch_records", NULL,
                                           "Records in a transaction.", &metrics_batch_size);
    ret->commit = metrics_histogram(m, "troth_intake_commit_duration_seconds", NULL,
                                    "Time of the last step of such a transaction: its writes and "
                                    "COMMIT.",
                                    &metrics_answer_time);
    ret->disclosure = metrics_histogram(m, "troth_intake_disclosure_duration_seconds", NULL,
                                        "Time from a request for personal data to its answer.",
                                        &metrics_answer_time);
}

static void register_codes(struct metrics *m, struct intake_metrics *ret)
{
    size_t count;
    const struct intake_code *codes = intake_codes(&count);
    if (count > INTAKE_METRICS_CODES) {
        BUG("more codes than rooms to count them");
    }
    for (size_t i = 0; i < count; i++) {
        char labels[64];
        (void)text_format(labels, sizeof(labels), "code=\"%s\"", codes[i].code);
        ret->rejections[i] =
            metrics_counter(m, "troth_intake_rejections_total", labels,
                            "Records that were rejected or told to come again, by code.");
    }
}

static void count_code(const struct intake_metrics *m, const char *code)
{
    size_t count;
    const struct intake_code *codes = intake_codes(&count);
    const struct intake_code *found = intake_code_find(code);
    if (found) {
        *m->rejections[found - codes] += 1;
    }
}

void intake_metrics_note_receipt(const struct intake_metrics *m, Troth__V1__ReceiptStatus status,
                                 const char *code, int64_t arrived_us)
{
    if ((size_t)status < ARRAY_LEN(m->records)) {
        *m->records[status] += 1;
    }
    if (code) {
        count_code(m, code);
    }
    if (arrived_us) {
        metrics_observe(m->receipt, instant_monotonic_us() - arrived_us);
    }
}

void intake_metrics_register(struct metrics *m, struct intake_metrics *ret)
{
    static const char *const outcomes[INTAKE_STATUSES] = {
        "outcome=\"unknown\"",  "outcome=\"accepted\"", "outcome=\"duplicate\"",
        "outcome=\"rejected\"", "outcome=\"retry\"",
    };
    for (int i = 1; i < INTAKE_STATUSES; i++) {
        ret->records[i] = metrics_counter(m, "troth_intake_records_total", outcomes[i],
                                          "Records by the status of their receipt.");
    }
    ret->records[0] = ret->records[INTAKE_STATUSES - 1];
    ret->requests_refused = metrics_counter(m, "troth_intake_requests_refused_total", NULL,
                                            "Requests that could not be read or were not allowed.");
    ret->posts = metrics_counter(m, "troth_intake_posts_total", NULL,
                                 "Requests with records that came in over HTTP.");
    ret->batch_retries = metrics_counter(m, "troth_intake_batch_retries_total", NULL,
                                         "Transactions that had to be tried again.");
    ret->pending = metrics_gauge(m, "troth_intake_pending_records", NULL,
                                 "Records taken from the wire and not yet committed.");
    ret->steps = metrics_counter(m, "troth_intake_steps_total", NULL,
                                 "Steps of promises that were taken: on the way to the due time, "
                                 "when due, and after it.");
    ret->standards_unreadable =
        metrics_gauge(m, "troth_intake_standards_unreadable", NULL,
                      "Stored versions of the standard that cannot be read any more: for their "
                      "promises every hour counts; anything but 0 is an alarm.");
    ret->receipts_sent = metrics_counter(m, "troth_intake_receipts_sent_total", NULL,
                                         "Receipts handed over to their senders.");
    ret->receipts_dropped = metrics_counter(m, "troth_intake_receipts_dropped_total", NULL,
                                            "Receipts that no sender took; it asks again.");
    ret->receipts_waiting = metrics_gauge(m, "troth_intake_receipts_waiting", NULL,
                                          "Receipts that wait for their sender to take them.");
    ret->disclosures = metrics_counter(m, "troth_intake_disclosures_total", NULL,
                                       "Readings of personal data that were answered.");
    ret->texts_dropped = metrics_counter(m, "troth_intake_texts_dropped_total", NULL,
                                         "Texts about customers who were erased: not stored.");
    ret->receipts_expired = metrics_counter(m, "troth_intake_receipts_expired_total", NULL,
                                            "Receipts that were deleted because of their age.");
    ret->orphans = metrics_gauge(m, "troth_intake_orphans", NULL,
                                 "Rows without the customer or case they name, at the last look; "
                                 "anything but 0 is an alarm.");
    ret->rate_limited = metrics_counter(m, "troth_intake_rate_limited_total", NULL,
                                        "Records that were told to come back for their rate.");
    ret->disk_free = metrics_gauge_micro(m, "troth_intake_disk_free_ratio", NULL,
                                         "Free on the volume of the database, 0 to 1.");
    ret->disk_low = metrics_gauge(m, "troth_intake_disk_low", NULL,
                                  "1: records are told to come back until there is room.");
    register_times(m, ret);
    register_codes(m, ret);
    register_audit(m, ret);
}
