/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_happening_store.h - what happened to customers, as far as a trigger of follow-ups asks for
 * it: one kind of row for all of them.
 */
#ifndef TROTH_SERVICES_CLI_RULES_HAPPENING_STORE_H
#define TROTH_SERVICES_CLI_RULES_HAPPENING_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/rulebook.h"
#include "common/domain/usage_forecast.h"
#include "common/runtime/db.h"

/* Where a happening comes from; each is one statement. A trigger may have several sources. */
enum rules_source {
    RULES_RESOLVED = 1,
    RULES_AT_RISK,
    RULES_BROKEN,
    RULES_ANSWERS, /* one row for each value, and for each item of SERVQUAL */
    RULES_SCORES,
    RULES_CONTACTS,  /* each with the next one, if any */
    RULES_CUSTOMERS, /* birthdays and festivals; living, not merged */
    RULES_PURCHASES,
    RULES_FAULTS,
    RULES_COMPENSATIONS,
    RULES_IMPROVEMENTS,
    RULES_READINGS, /* of devices: rows of one device follow each other, in order of time */
    RULES_SOURCE_COUNT
};

enum {
    RULES_OCCURRENCE_SIZE = 48
};

/* Texts are borrowed from the rows. */
struct rules_happening {
    enum rules_source source;
    int64_t customer, subject;
    const char *occurrence; /* "" when it follows from the date */
    int64_t at_us;          /* DB_NO_TIME: no instant (customers) */
    int64_t until_us; /* no call because of it from here on: the promise was due, the customer spoke
                         again; DB_NO_TIME: never */
    struct rulebook_facts facts; /* without trigger */
    const char *zone;            /* of the customer, else of the branch; "" unknown */
    int birth_month, birth_day;  /* 0: unknown */
    bool birth_is_lunar, birth_is_leap_month;
    bool do_not_call, has_phone, has_email;
    int64_t refusals, consents;
    /* of a device, put together from RULES_READINGS */
    const struct usage_reading *km, *usage;
    size_t km_count, usage_count;
    const char *usage_unit; /* NULL: none */
};

struct rules_scope {
    int16_t bucket;
    int64_t customer;       /* 0: all */
    int64_t from_us, to_us; /* of what happened; readings and contacts also before it */
};

/* Queues one statement. */
void rules_happening_ask(struct db *db, enum rules_source source, const struct rules_scope *scope);
void rules_happening_read(const struct db_rows *rows, size_t row, enum rules_source source,
                          struct rules_happening *ret);

/* A row of RULES_READINGS. */
struct rules_reading {
    const char *device;
    int64_t at_us;
    double km, usage; /* NAN: not said */
    const char *usage_unit;
};
void rules_happening_read_reading(const struct db_rows *rows, size_t row,
                                  struct rules_reading *ret);

/* Which trigger rows of that source are for; of RULES_CUSTOMERS birthday, and festival as well. */
bool rules_source_is_for(enum rules_source source, const struct rulebook_rule *r);

#endif
