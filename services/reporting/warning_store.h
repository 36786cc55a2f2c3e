/* SPDX-License-Identifier: Apache-2.0 */
/* warning_store.h - daily counts out of the figures, early warnings into their table. */
#ifndef TROTH_REPORTING_WARNING_STORE_H
#define TROTH_REPORTING_WARNING_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "services/reporting/warning_series.h"

/* The first day with figures. */
void warning_store_ask_first(struct db *db);
void warning_store_take_first(const struct db_rows *rows, struct warning_series *s);

/* The figures of one day, of each category, product and branch. */
void warning_store_ask_day(struct db *db, int64_t day);
void warning_store_take_day(const struct db_rows *rows, int64_t day, struct warning_series *s);

/* When a person is asked, and for how many days not again about the same category, product or
 * branch. */
struct warning_policy {
    struct warning_rule rule;
    int64_t quiet_days;
};

/* The alarms of one day. Its set of rows has one for each day and series about which a person is
 * asked now: dimension, value, measure, detectors, count. */
void warning_store_put(struct db *db, const struct warning_series *s, int64_t day,
                       const struct warning_policy *policy, int64_t now_us);

/* Somebody (user_account.id; 0: nobody who has one) knows of it: all detectors of that day and
 * series. One row: how many are marked, or were before. measure: its name. */
struct warning_named {
    const char *day, *value;
    enum figure_dimension dimension;
    enum figure_measure measure;
};
void warning_store_put_seen(struct db *db, const struct warning_named *named, int64_t user,
                            int64_t now_us);

#endif
