/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_settings.h"

#include <stddef.h>

#define AT(field) offsetof(struct intake_settings, field)

/* name, type, default, min, max, reloads, field, help */
/* The columns are too wide for it. */
/* clang-format off */
const struct setting intake_setting_table[] = {
    {"standard",      SETTING_TEXT,     "",      NULL,   NULL,    true,  AT(standard),
     "File with the service standard: which contact creates which promises."},
    {"master_key_file", SETTING_TEXT,   "",      NULL,   NULL,    false, AT(master_key_file),
     "File with the keys that seal personal data, made by `troth key master`; mode 0600."},
    {"lanes",         SETTING_COUNT,    "2",     "1",    "16",    false, AT(lanes),
     "Connections that write records; a customer's records always take one of them."},
    {"batch_max",     SETTING_COUNT,    "512",   "1",    "4096",  true,  AT(batch_max),
     "Records in one transaction at most; it takes what is there and never waits."},
    {"pending_max",   SETTING_COUNT,    "8192",  "1",    "65536", true,  AT(pending_max),
     "Records taken from the wire and not yet committed; more are told to retry. A source may hold "
     "as many as are left."},
    {"pending_mib",   SETTING_COUNT,    "64",    "1",    "65536", true,  AT(pending_mib),
     "Size on the wire of those records, in MiB; more are told to retry."},
    {"retry_after",   SETTING_DURATION, "200ms", "1ms",  "1m",    true,  AT(retry_after_us),
     "How long a sender is asked to wait before it sends such a record again."},
    {"replies_max",   SETTING_COUNT,    "4096",  "0",    "65536", true,  AT(replies_max),
     "Receipts kept for senders that do not take them at the moment; then dropped."},
    {"reply_wait",    SETTING_DURATION, "5s",    "0",    "10m",   true,  AT(reply_wait_us),
     "How long such receipts are kept; the sender then asks again by the same key."},
    {"step_batch",    SETTING_COUNT,    "256",   "1",    "4096",  true,  AT(step_batch),
     "Promises whose due steps are taken in one transaction at most."},
    {"history_after", SETTING_DURATION, "30d",   "1h",   NULL,    true,  AT(history_us),
     "Records that occurred longer ago are history: facts that order no call."},
    {"clock_skew",    SETTING_DURATION, "5m",    "0",    "1d",    true,  AT(clock_skew_us),
     "How far ahead of our clock a record may have occurred."},
    {"grace",         SETTING_DURATION, "24h",   "0",    "30d",   true,  AT(grace_us),
     "How long after a promise was broken proof of its keeping still counts."},
    {"key_age",       SETTING_DURATION, "30d",   "1h",   NULL,    true,  AT(key_age_us),
     "UUIDv7 keys that are older are refused, unless the record says it is permanent; their "
     "receipts are deleted."},
    {"upkeep_every",  SETTING_DURATION, "1h",    "1m",   "30d",   true,  AT(upkeep_us),
     "How often receipts that are too old are deleted, in business time."},
    {"forecast_every", SETTING_DURATION, "1h",   "1m",   "30d",   true,  AT(forecast_us),
     "How often it is computed anew how long promises take, in business time."},
    {"records_http",  SETTING_TEXT,     "",      NULL,   NULL,    false, AT(records_http),
     "Where records are taken over HTTP: HOST:PORT or unix:/PATH, behind a proxy with TLS; empty: nowhere."},
    {"records_http_connections", SETTING_COUNT, "1024", "8", "8192", false, AT(records_http_connections),
     "Connections there at once; for one more, the one we have waited for longest is closed."},
    {"records_http_wait", SETTING_DURATION, "10s", "100ms", "10m", true, AT(records_http_wait_us),
     "How long a post waits for its receipts; then the sender is told to ask again."},
    {"disk_watch",    SETTING_TEXT,     "",      NULL,   NULL,    false, AT(disk_watch),
     "A path on the volume of the database, when that is on this machine; empty: not watched."},
    {"disk_free_min", SETTING_COUNT,    "10",    "0",    "100",   true,  AT(disk_free_min),
     "Percent of that volume that must be free; below, senders are told to retry."},
    {"audit_key_file", SETTING_TEXT,    "",      NULL,   NULL,    false, AT(audit_key_file),
     "Key of the tamper-evident record, made by `troth audit key new`; mode 0600; empty: none is kept."},
    {"audit_every",   SETTING_DURATION, "1m",    "1s",   "1h",    true,  AT(audit_us),
     "How often the root of that record is signed, if anything was added."},
    {"audit_copy",    SETTING_TEXT,     "",      NULL,   NULL,    false, AT(audit_copy),
     "Files that get each signed root, parted by ':'; best on another machine."},
    {"keep_events",   SETTING_DURATION, "0",     "0",    NULL,    false, AT(keep_events_us),
     "How long the job `retention` keeps events at least; 0: for good."},
    {"event_part",    SETTING_DURATION, "30d",   "1h",   NULL,    false, AT(event_part_us),
     "The time whose events stand in one part of the log and are dropped together."},
    {"absent_readers", SETTING_TEXT,    "",      NULL,   NULL,    false, AT(absent_readers),
     "Consumers of events that do not run here, parted by ':': the job `retention` does not wait for them."},
    {"keep_disclosures", SETTING_DURATION, "0",  "0",    NULL,    false, AT(keep_disclosures_us),
     "How long it is kept who read whose data, for the job `retention`; 0: for good, else 3 years at least."},
    {.type = SETTING_END},
};
/* clang-format on */
