/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum_policy_store.c
 *
 * Two statements: the second one has a newer snapshot, so it also sees what somebody else wrote
 * while the first waited for it.
 */
#include "services/loyalty/sum_policy_store.h"

#include "common/base/text.h"
#include "common/runtime/db_columns.h"

#define GIVEN "unnest($1::text[], $2::int2[], $3::float8[]) AS g (name, measure, value)"

static const struct db_query put = {
    .name = "sum_policy_put",
    .sql = "INSERT INTO loyalty.sum_policy (name, measure, value) SELECT * FROM " GIVEN
           " WHERE NOT EXISTS (SELECT FROM loyalty.sum_policy AS p WHERE p.name = g.name)"
           " ON CONFLICT (name) DO NOTHING",
    .shape = DB_NONE,
};

/* Libraries may round the last digit of a half-life in another way. */
static const struct db_query compare = {
    .name = "sum_policy_compare",
    .sql = "SELECT p.name, p.value, g.value FROM " GIVEN
           " JOIN loyalty.sum_policy AS p ON p.name = g.name"
           " WHERE abs(p.value - g.value) > 1e-9 * abs(g.value) ORDER BY p.name LIMIT 1",
    .shape = DB_OPTIONAL,
};

static void add(struct db_columns *to, const char *name, double value)
{
    db_array_add_text(&to->array[0], name);
    db_array_add_null(&to->array[1]);
    db_array_add_float8(&to->array[2], value);
}

static void add_half_life(struct db_columns *to, enum measure m, double half_life_us)
{
    char name[64];

    (void)text_format(name, sizeof(name), "half_life_us.%s", measure_name(m));
    db_array_add_text(&to->array[0], name);
    db_array_add_int(&to->array[1], m);
    db_array_add_float8(&to->array[2], half_life_us);
}

static void put_policy(const struct score_policy *policy, struct db_params *params)
{
    static const enum db_type types[] = {DB_TEXT, DB_INT2, DB_FLOAT8};
    struct db_columns given;

    db_columns_init(&given, types, ARRAY_LEN(types));
    for (int m = 1; m < MEASURE_END; m++) {
        add_half_life(&given, (enum measure)m, policy->half_life_us[m]);
    }
    add(&given, "broken_weight", policy->broken_weight);
    add(&given, "word_weight", policy->word_weight);
    add(&given, "cause_would_not", policy->cause_weight[1]);
    add(&given, "cause_could_not", policy->cause_weight[2]);
    add(&given, "cause_understood_differently", policy->cause_weight[3]);
    add(&given, "late_zero", policy->late_zero);
    db_columns_put(&given, params);
}

void sum_policy_store_hold(struct db *db, const struct score_policy *policy)
{
    struct db_params params = {.count = 0};

    put_policy(policy, &params);
    db_query(db, &put, &params);
    db_query(db, &compare, &params);
    db_params_free(&params);
}

static int take_compared(const struct db_rows *differing, struct err *err)
{
    if (db_row_count(differing) == 0) {
        return 0;
    }
    return err_set_field(err, "sum_policy_differs", db_get_text(differing, 0, 0),
                         "the stored sums were made with %.10g, the settings say %.10g: set it back"
                         ", or stop all troth-loyalty, run SELECT loyalty.start_over() as the"
                         " operator and start again",
                         db_get_float8(differing, 0, 1), db_get_float8(differing, 0, 2));
}

int sum_policy_store_take(const struct db_rows *const *rows, struct err *err)
{
    return take_compared(rows[1], err);
}

int sum_policy_store_check(struct db_pool *pool, int64_t timeout_us,
                           const struct score_policy *policy, struct err *err)
{
    struct db_params params = {.count = 0};
    struct db *db = db_pool_wait(pool, timeout_us, err);

    if (db == NULL) {
        return -1;
    }
    put_policy(policy, &params);
    db_query(db, &compare, &params);
    db_params_free(&params);
    const struct db_reply *reply = db_run_wait(db);
    int rc = -1;
    if (reply->outcome == DB_OK) {
        rc = take_compared(reply->rows[0], err);
    } else {
        *err = reply->err;
    }
    db_release(db);
    return rc;
}
