/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/night_buckets.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/report_day.h"

struct night_buckets {
    const struct night_plan *plan;
    const struct night_world *world;
    struct night_range range;
    int64_t day;
    int bucket;
};

void *night_buckets_begin(const struct night_plan *plan, const struct night_world *world,
                          const struct night_range *range)
{
    struct night_buckets *w = xcalloc(1, sizeof(*w));

    *w = (struct night_buckets){.plan = plan, .world = world, .range = *range, .day = range->from};
    return w;
}

static void put(const struct night_buckets *w, struct db *db, const struct night_statement *s,
                const struct db_array *buckets)
{
    struct db_params params = {.count = 0};
    char day[REPORT_DAY_SIZE];

    db_put_array(&params, buckets);
    if (s->params > 1) {
        db_put_text(&params, report_day_format(w->day, day));
    }
    if (s->params > 2) {
        db_put_time(&params, night_day_begin_us(w->world, w->day + 1));
    }
    if (s->params > 3) {
        db_put_time(&params, w->world->now_us);
    }
    if (s->params > 4) {
        db_put_text(&params, w->world->time_zone);
    }
    db_query(db, s->query, &params);
    db_params_free(&params);
}

bool night_buckets_ask(void *work, struct db *db)
{
    const struct night_buckets *w = work;
    struct db_array buckets;

    if (w->day > w->range.to) {
        return false;
    }
    db_array_init(&buckets, DB_INT2);
    for (int i = 0; i < w->plan->slice; i++) {
        db_array_add_int(&buckets, w->bucket + i);
    }
    night_begin_write(db, w->world);
    for (size_t i = 0; i < NIGHT_STATEMENTS_MAX && w->plan->statements[i].query; i++) {
        put(w, db, &w->plan->statements[i], &buckets);
    }
    db_commit(db);
    db_array_free(&buckets);
    return true;
}

enum night_step night_buckets_take(void *work, const struct db_reply *reply)
{
    struct night_buckets *w = work;

    (void)reply;
    w->bucket += w->plan->slice;
    if (w->bucket >= BUCKET_COUNT) {
        w->bucket = 0;
        w->day++;
    }
    return NIGHT_GO_ON;
}

void night_buckets_end(void *work)
{
    free(work);
}
