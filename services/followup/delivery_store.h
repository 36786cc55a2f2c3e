/* SPDX-License-Identifier: Apache-2.0 */
/* delivery_store.h - followup.subscription and followup.delivery. */
#ifndef TROTH_SERVICES_FOLLOWUP_DELIVERY_STORE_H
#define TROTH_SERVICES_FOLLOWUP_DELIVERY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "common/runtime/event_log.h"
#include "common/store/delivery_body.h"

/* ---- subscriptions in force: one set of rows */

struct delivery_subscription {
    int32_t id;
    struct delivery_choice choice; /* borrowed of the rows */
    int64_t created_us;            /* business time */
};

void delivery_store_put_subscriptions(struct db *db);
void delivery_store_get_subscription(const struct db_rows *rows, size_t row,
                                     struct delivery_subscription *ret);

/* ---- new deliveries */

/* One event for one subscription; all borrowed until delivery_store_put_new(). */
struct delivery_new {
    int32_t subscription;
    const Troth__V1__Event *event;
    const char *kind;
    size_t body; /* where it begins in bodies, ended by a NUL */
};

void delivery_store_put_new(struct db *db, const struct delivery_new *list, size_t count,
                            const char *bodies, int64_t now_us);

/* ---- attempts. Instants are machine time */

enum {
    DELIVERY_STREAM_SIZE = 64
};

struct delivery_id {
    int16_t bucket;
    int32_t subscription;
    char stream[DELIVERY_STREAM_SIZE];
    int64_t seq;
    int32_t attempts; /* begun, with this one */
};

/* Borrowed of the rows. */
struct delivery_due {
    struct delivery_id id;
    int64_t first_us;
    const char *kind, *body;
    const char *url, *mail, *secret; /* "": none; secrets parted by blanks */
};

struct delivery_claim {
    const struct db_array *buckets;       /* int2: ours */
    const struct db_array *busy, *counts; /* int4: subscriptions with attempts under way */
    int32_t each_max, all_max;            /* at once, for a subscription; new ones */
    int64_t now_us, hold_us;              /* whoever dies with it is followed after hold_us */
};

/* In a transaction; one set of rows. */
void delivery_store_put_claim(struct db *db, const struct delivery_claim *claim);
void delivery_store_get_due(const struct db_rows *rows, size_t row, struct delivery_due *ret);

struct delivery_result {
    struct delivery_id id;
    int32_t status;
    char code[40];   /* "": delivered */
    int64_t next_us; /* of what is not delivered; -1: dead */
};

/* Writes those that are still at this attempt. */
void delivery_store_put_results(struct db *db, const struct delivery_result *list, size_t count,
                                int64_t now_us);

/* What still waits for a subscription that has ended is dead. */
void delivery_store_put_ended(struct db *db, int64_t now_us);

/* Secrets whose overlap is over: the next one takes their place. One row, which nobody reads. */
void delivery_store_put_settle(struct db *db);

/* Drops what was delivered before before_us, or died with its subscription, of each at most limit.
 */
void delivery_store_put_purge(struct db *db, int64_t before_us, int32_t limit);

#endif
