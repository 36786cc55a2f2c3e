/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_round_store.h - how far rounds have come, and whom they have to look at: customers and
 * purchases of many buckets at once, in the order of bucket and number, from where the last slice
 * ended.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_ROUND_STORE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_ROUND_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/plan_day.h"

/* ---- rounds */

/* The topics that need rounds now, and how far ahead: of these buckets (int2) there is a row for
 * each afterwards. New ones begin with today, and so do those of other rules than before; what
 * needs no round any more is left. No rows. Two statements. */
void plan_round_store_put_topics(struct db *db, const struct db_array *buckets,
                                 const struct db_array *topics, const struct db_array *aheads,
                                 int64_t today, int32_t rule_version);

/* One bucket of a topic that is behind today: days are counted since 1970-01-01. */
struct plan_round_place {
    int16_t bucket;
    int64_t planned_until; /* day */
    int64_t after;         /* number */
};
/* Of these buckets; by topic and day. */
void plan_round_store_put_behind(struct db *db, const struct db_array *buckets, int64_t today);
const char *plan_round_store_get_behind(const struct db_rows *r, size_t row,
                                        struct plan_round_place *ret);

/* Moves the first `count` of these on: to the day after with number 0, the last of them to `after`
 * of the day in hand unless it is 0. 40001 when one of them is not where it was. */
void plan_round_store_put_advance(struct db *db, const char *topic,
                                  const struct plan_round_place *places, size_t count,
                                  int64_t after);

/* ---- whom to look at; (bucket, after) by the places, at most limit rows */

void plan_round_store_put_birthdays(struct db *db, const struct plan_round_place *places,
                                    size_t count, const struct plan_day_date *dates,
                                    size_t date_count, int32_t limit);
void plan_round_store_put_everybody(struct db *db, const struct plan_round_place *places,
                                    size_t count, int32_t limit);
void plan_round_store_put_silent(struct db *db, const struct plan_round_place *places, size_t count,
                                 const struct plan_day_span *spans, size_t span_count,
                                 int32_t limit);
void plan_round_store_put_purchases(struct db *db, const struct plan_round_place *places,
                                    size_t count, const struct plan_day_span *spans,
                                    size_t span_count, int32_t limit);
/* Texts are borrowed; the zone is left open. */
void plan_round_store_get_candidate(const struct db_rows *r, size_t row,
                                    struct plan_candidate *ret);

/* ---- improvements */

/* These (int8) were shipped, from a historical source or not (bool): one row for each bucket,
 * unless it is there. No rows; nothing for none. */
void plan_round_store_put_improvements(struct db *db, const struct db_array *improvements,
                                       const struct db_array *historical);

struct plan_improvement {
    int64_t number;
    bool is_historical;
    int64_t shipped_us;
};
/* Open ones of these buckets, by improvement: (place, improvement). */
void plan_round_store_put_open(struct db *db, const struct db_array *buckets);
void plan_round_store_get_open(const struct db_rows *r, size_t row, struct plan_round_place *ret,
                               struct plan_improvement *ret_improvement);
/* Who had reported it: number and customer of a candidate are those of the customer, at_us and the
 * rest of the newest such case. */
void plan_round_store_put_reporters(struct db *db, int64_t improvement,
                                    const struct plan_round_place *places, size_t count,
                                    int32_t limit);
struct plan_reporter {
    int64_t service_case;
    int32_t kind, priority;
    const char *category;
};
void plan_round_store_get_reporter(const struct db_rows *r, size_t row, struct plan_candidate *ret,
                                   struct plan_reporter *ret_reporter);
/* As plan_round_store_put_advance(): all but the last are done at that instant, the last one too
 * unless after is set. */
void plan_round_store_put_told(struct db *db, int64_t improvement,
                               const struct plan_round_place *places, size_t count, int64_t after,
                               int64_t now_us);

#endif
