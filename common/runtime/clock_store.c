/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/clock_store.h"

static const struct db_query sample = {
    .name = "clock_store_sample",
    .sql = "SELECT log.now(), clock_timestamp(),"
           " EXISTS (SELECT FROM log.clock WHERE demo_now IS NOT NULL),"
           " coalesce((SELECT demo_holds FROM log.clock WHERE demo_now IS NOT NULL), 0)",
    .shape = DB_ONE,
};

static const struct db_query heartbeat = {
    .name = "clock_store_heartbeat",
    .sql = "SELECT log.heartbeat($1, $2, $3::int2)",
    .shape = DB_ONE,
};

/* Of a schema from before there was such a number it would be an error to ask for it. */
static const struct db_query schema_version = {
    .name = "clock_store_schema_version",
    .sql = "SELECT log.schema_version(), to_regprocedure('log.schema_expansion()') IS NOT NULL",
    .shape = DB_ONE,
};

static const struct db_query schema_expansion = {
    .name = "clock_store_schema_expansion",
    .sql = "SELECT log.schema_expansion()",
    .shape = DB_ONE,
};

void clock_store_put_sample(struct db *db)
{
    db_query(db, &sample, NULL);
}

struct clock_sample clock_store_read_sample(const struct db_rows *rows)
{
    return (struct clock_sample){
        .business_us = db_get_time(rows, 0, 0),
        .real_us = db_get_time(rows, 0, 1),
        .is_demo = db_get_bool(rows, 0, 2),
        .demo_holds = (int32_t)db_get_int(rows, 0, 3),
    };
}

void clock_store_put_heartbeat(struct db *db, const char *holder, int64_t demo_now_us,
                               int32_t demo_holds)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, holder);
    db_put_time(&params, demo_now_us);
    db_put_int2(&params, (int16_t)demo_holds);
    db_query(db, &heartbeat, &params);
    db_params_free(&params);
}

static const struct db_reply *ask(struct db *db, const struct db_query *query, struct err *err)
{
    db_query(db, query, NULL);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome == DB_OK) {
        return reply;
    }
    if (err) {
        *err = reply->err;
    }
    return NULL;
}

int clock_store_schema(struct db *db, struct schema_numbers *ret, struct err *err)
{
    struct schema_numbers numbers = {.expansion = 1};
    const struct db_reply *reply = ask(db, &schema_version, err);
    if (!reply) {
        return -1;
    }
    numbers.version = (int)db_get_int(reply->rows[0], 0, 0);
    if (db_get_bool(reply->rows[0], 0, 1)) {
        reply = ask(db, &schema_expansion, err);
        if (!reply) {
            return -1;
        }
        numbers.expansion = (int)db_get_int(reply->rows[0], 0, 0);
    }
    *ret = numbers;
    return 0;
}
