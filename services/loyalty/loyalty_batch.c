/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_batch.c - one transaction: read what is known, compute what changes, write it.
 *
 * 1. the policy of the sums is ours; read what is known of the customers and things of the batch
 * 2. compute what changes (loyalty_fold.c, without a database)
 * 3. write it, append the events that say so to our own stream
 * 4. after COMMIT: publish what was appended
 *
 * Around it stand the fences of the lanes, and, of a batch from the log, its cursors.
 */
#include "common/base/crash_point.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "services/loyalty/loyalty.h"
#include "services/loyalty/loyalty_fit_store.h"
#include "services/loyalty/loyalty_store.h"
#include "services/loyalty/points_store.h"
#include "services/loyalty/sum_policy_store.h"

#define AT_START_US (10 * DURATION_S)

void loyalty_batch_hold(struct loyalty *l, struct db *db)
{
    sum_policy_store_hold(db, &l->policy);
}

void loyalty_batch_read(struct loyalty *l, struct db *db)
{
    loyalty_store_read(db, l->fold);
    points_store_read(db, l->points);
}

int loyalty_batch_write(struct loyalty *l, struct db *db, const struct db_reply *reply,
                        struct err *err)
{
    CRASH_POINT("loyalty.batch.read");
    event_batch_clear(l->appended);
    if (sum_policy_store_take(reply->rows, err) < 0) {
        return -1;
    }
    l->appended_set = loyalty_store_write_evidence(db, l->fold);
    loyalty_store_take(reply->rows + SUM_POLICY_SETS, l->fold);
    points_store_take(reply->rows + SUM_POLICY_SETS + LOYALTY_STORE_SETS, l->points);
    loyalty_fold_run(l->fold, &l->policy, &l->fits, service_now_us(l->service));
    points_batch_run(l->points);
    l->appended_set += loyalty_store_write(db, l->fold, l->fits.id);
    if (l->consumption != NULL) {
        loyalty_store_request_looks(db, l->fold);
        l->appended_set++;
    }
    l->appended_set += points_store_write(db, l->points);
    loyalty_announce(l);
    points_batch_announce(l->points, service_now_us(l->service), l->appended);
    event_log_append(db, l->service->name, l->slots, l->appended);
    CRASH_POINT("loyalty.batch.written");
    return 0;
}

void loyalty_batch_publish(struct loyalty *l, const struct db_reply *reply)
{
    CRASH_POINT("loyalty.batch.committed");
    *l->changed_count += (int64_t)event_batch_count(l->appended);
    if (event_batch_count(l->appended) > 0) {
        event_log_publish(l->service->events, l->appended, reply->rows[l->appended_set]);
    }
}

/* ---- start and stop */

static int read_fits(struct loyalty *l, struct err *err)
{
    struct db *db = db_pool_wait(l->service->db, AT_START_US, err);

    if (db == NULL) {
        return -1;
    }
    loyalty_fit_store_ask(db);
    const struct db_reply *reply = db_run_wait(db);
    int rc = 0;
    if (reply->outcome == DB_OK) {
        loyalty_fit_store_take(reply->rows[0], &l->fits);
    } else {
        *err = reply->err;
        rc = -1;
    }
    db_release(db);
    return rc;
}

static void log_policy(const struct score_policy *policy)
{
    static const struct {
        const char *name;
        enum measure of;
    } shown[] = {
        {"overall", MEASURE_SATISFACTION},
        {"process", MEASURE_EXPERIENCE  },
        {"recent",  MEASURE_RECENT      },
    };
    char days[32];

    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        (void)text_format(days, sizeof(days), "%.2f",
                          policy->half_life_us[shown[i].of] / (double)DURATION_DAY);
        log_info("loyalty_half_life", LOG_TEXT("of", shown[i].name), LOG_TEXT("days", days));
    }
}

int loyalty_batch_start(struct loyalty *l, struct err *err)
{
    if (loyalty_settings_policy(l->service->settings, &l->policy, err) < 0 ||
        sum_policy_store_check(l->service->db, AT_START_US, &l->policy, err) < 0 ||
        read_fits(l, err) < 0) {
        return -1;
    }
    log_policy(&l->policy);
    const struct points_policy points = loyalty_settings_points(l->service->settings);
    l->fold = loyalty_fold_new();
    l->points = points_batch_new(&points);
    l->appended = event_batch_new();
    return 0;
}

void loyalty_batch_stop(struct loyalty *l)
{
    event_batch_free(l->appended);
    loyalty_fold_free(l->fold);
    points_batch_free(l->points);
}
