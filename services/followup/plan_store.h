/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_store.h - what the planner reads for a batch of events: a constant number of statements,
 * whatever the batch. They span buckets and lock nothing; who writes compares the version that was
 * read (followup_store_put_changes_all()).
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_STORE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/plan.h"

/* Numbers of cases, promises, customers ...: each carries its bucket. */
struct plan_keys {
    struct db_array buckets; /* int2 */
    struct db_array numbers; /* int8 */
    struct plan_index seen;  /* each number once */
};
void plan_keys_init(struct plan_keys *k);
void plan_keys_clear(struct plan_keys *k);
void plan_keys_free(struct plan_keys *k);
void plan_keys_add(struct plan_keys *k, int64_t number); /* 0 is passed over */

/* Follow-ups of these cases; of these customers those that have not ended, or have one of these
 * subjects. One set of rows each. */
void plan_store_put_rows(struct db *db, const struct plan_keys *of_cases,
                         const struct plan_keys *of_customers, const struct plan_keys *subjects);
void plan_store_get_row(const struct db_rows *r, size_t row, struct follow_up *ret,
                        enum follow_up_state *ret_leader, int64_t *ret_ordered_us);

/* Those that have not ended of the others who are the same persons as these customers by a merge:
 * rows as above, and which of these customers that is. */
void plan_store_put_rows_of_groups(struct db *db, const struct plan_keys *of_customers);
int64_t plan_store_get_asked(const struct db_rows *r, size_t row);
int64_t plan_store_get_customer_of(const struct db_rows *r, size_t row);

/* Texts are borrowed from the rows. */
struct plan_case_row {
    int64_t number, customer;
    int32_t reopened_count;
    int64_t resolved_us; /* FOLLOW_UP_NEVER: it is not resolved */
    int32_t kind, priority;
    const char *category, *product, *branch; /* "": not known */
};
void plan_store_put_cases(struct db *db, const struct plan_keys *keys);
void plan_store_get_case(const struct db_rows *r, size_t row, struct plan_case_row *ret);

struct plan_customer_row {
    int64_t number;
    const char *zone, *tier; /* "": not known */
    double churn;            /* NAN: not known */
    bool is_merged;          /* into another one, who stands for the person */
};
void plan_store_put_customers(struct db *db, const struct plan_keys *keys);
void plan_store_get_customer(const struct db_rows *r, size_t row, struct plan_customer_row *ret);

struct plan_promise_row {
    int64_t number, service_case, customer;
    int64_t replaces; /* 0: none */
    int32_t state, clock_version;
    int32_t last_state; /* this and due_us: of the one that has its place now, after it was given */
    int64_t due_us;     /* anew however often; its own when it was not */
    const char *kind, *branch;
    bool is_void, is_compensation_void;
};
/* These, and those whose places they took. */
void plan_store_put_promises(struct db *db, const struct plan_keys *keys);
void plan_store_get_promise(const struct db_rows *r, size_t row, struct plan_promise_row *ret);

/* Which of these answers and signals were taken back: their numbers. */
void plan_store_put_void(struct db *db, const struct plan_keys *answers,
                         const struct plan_keys *signals);
int64_t plan_store_get_void(const struct db_rows *r, size_t row);

/* Which of these signals say what their device has been saying for some time: the same fault within
 * 30 days. Numbers as above. */
void plan_store_put_repeats(struct db *db, const struct plan_keys *signals);

/* Devices of customers: number is plan_device_number(), hash what signals are stored by. */
struct plan_devices {
    struct db_array buckets;   /* int2 */
    struct db_array customers; /* int8 */
    struct db_array hashes;    /* bytea */
    struct plan_index seen;    /* each device once */
};
void plan_devices_init(struct plan_devices *d);
void plan_devices_clear(struct plan_devices *d);
void plan_devices_free(struct plan_devices *d);
void plan_devices_add(struct plan_devices *d, int64_t customer, int64_t number, struct bytes hash);

/* The newest readings of these devices, at most PLAN_READINGS_MAX of each, by customer, device and
 * time. */
#define PLAN_READINGS_MAX 557
struct plan_reading_row {
    int64_t customer;
    struct bytes device;
    int64_t at_us;
    double km, usage; /* NAN: not said */
    const char *usage_unit, *product;
};
void plan_store_put_readings(struct db *db, const struct plan_devices *devices);
void plan_store_get_reading(const struct db_rows *r, size_t row, struct plan_reading_row *ret);

/* The zones of branches: (branch, zone). */
void plan_store_put_branches(struct db *db);
const char *plan_store_get_branch(const struct db_rows *r, size_t row, const char **ret_zone);

#endif
