/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone.h - IANA time zones without the process-wide TZ of libc: local civil time to instants and
 * back.
 *
 * Reads the TZif files of the system (RFC 8536: $TZDIR or /usr/share/zoneinfo), the table of
 * transitions and the rule for the time after it. A zone is read once and never changes; it may be
 * shared between threads.
 */
#ifndef TROTH_COMMON_BASE_ZONE_H
#define TROTH_COMMON_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/instant.h"

struct zone;

struct civil_time {
    struct civil_date date;
    int hour;   /* 0 to 23 */
    int minute; /* 0 to 59 */
    int second; /* 0 to 59 */
    int microsecond;
};

/* Letters, digits and "+-_/", parts that do not begin with '.' or '/': "Asia/Shanghai",
 * "Etc/GMT+8". Says nothing about whether there is such a zone. */
bool zone_name_is_valid(const char *name);

/* NULL with err, code "zone_unknown" (no such name) or "zone_malformed" (the file is not TZif). */
struct zone *zone_open(const char *name, struct err *err);
void zone_free(struct zone *z); /* NULL is fine */

const char *zone_name(const struct zone *z);

/* A local time that a change of the clock skipped is the first instant after the gap; one that
 * comes twice is the first. */
int64_t zone_to_instant(const struct zone *z, const struct civil_time *local);

/* z NULL: UTC. */
void zone_from_instant(const struct zone *z, int64_t us, struct civil_time *ret_local);

/* Seconds east of UTC in force at an instant. */
int32_t zone_offset_s(const struct zone *z, int64_t us);

/* The first instant after us at which the offset changes; INT64_MAX when there is none in the next
 * 400 years. */
int64_t zone_next_change(const struct zone *z, int64_t us);

/* Which release of the IANA database the system has, such as "2025b", as the files beside the zones
 * say it (tzdata.zi or +VERSION); "unknown" when they do not. Reads a file at each call. Returns
 * ret_text. */
#define ZONE_VERSION_SIZE 16
const char *zone_database_version(char ret_text[ZONE_VERSION_SIZE]);

/* True when the fields are in their ranges and the day exists. */
bool civil_time_is_valid(const struct civil_time *t);

#endif
