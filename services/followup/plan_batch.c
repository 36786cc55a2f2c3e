/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "services/followup/plan_events.h"

/* ---- keys */

enum {
    KEYS_COUNT = 10
};

static void list_keys(struct plan_batch *b, struct plan_keys *ret[KEYS_COUNT])
{
    struct plan_keys *const keys[KEYS_COUNT] = {
        &b->cases,   &b->customers, &b->people,   &b->promises, &b->answers,
        &b->signals, &b->subjects,  &b->speakers, &b->faults,   &b->erased,
    };
    memcpy(ret, keys, sizeof(keys));
}

void plan_batch_init(struct plan_batch *b)
{
    struct plan_keys *keys[KEYS_COUNT];
    *b = (struct plan_batch){.zones = NULL};
    list_keys(b, keys);
    for (size_t i = 0; i < KEYS_COUNT; i++) {
        plan_keys_init(keys[i]);
    }
    plan_devices_init(&b->devices);
    db_array_init(&b->improvements, DB_INT8);
    db_array_init(&b->improvements_historical, DB_BOOL);
}

void plan_batch_free(struct plan_batch *b)
{
    struct plan_keys *keys[KEYS_COUNT];
    list_keys(b, keys);
    for (size_t i = 0; i < KEYS_COUNT; i++) {
        plan_keys_free(keys[i]);
    }
    plan_devices_free(&b->devices);
    plan_free(&b->plan);
    rhythm_list_free(&b->rhythm);
    db_array_free(&b->improvements);
    db_array_free(&b->improvements_historical);
    plan_index_free(&b->case_index);
    plan_index_free(&b->people_index);
    plan_index_free(&b->promise_index);
    plan_index_free(&b->void_index);
    plan_index_free(&b->repeat_index);
    plan_index_free(&b->group_index);
}

void plan_batch_begin(struct plan_batch *b)
{
    struct plan_keys *keys[KEYS_COUNT];
    list_keys(b, keys);
    for (size_t i = 0; i < KEYS_COUNT; i++) {
        plan_keys_clear(keys[i]);
    }
    plan_devices_clear(&b->devices);
    plan_begin(&b->plan);
    rhythm_list_clear(&b->rhythm);
    db_array_clear(&b->improvements);
    db_array_clear(&b->improvements_historical);
    b->new_max = 0;
    b->is_needed = false;
}

void plan_batch_gather(struct plan_batch *b, const Troth__V1__Event *e)
{
    const struct plan_event *known = plan_event_find(e->body_case);
    if (known && known->gather(b, e)) {
        b->is_needed = true;
        b->new_max += b->plan.topic_count;
    }
}

/* ---- rows */

static bool has_keys(const struct plan_keys *k)
{
    return k->numbers.count > 0;
}

void plan_batch_put(struct plan_batch *b, struct db *db)
{
    b->puts_groups = has_keys(&b->speakers);
    b->puts_voids = has_keys(&b->answers) || has_keys(&b->signals);
    b->puts_repeats = has_keys(&b->faults);
    b->puts_readings = b->devices.customers.count > 0;
    plan_store_put_rows(db, &b->cases, &b->customers, &b->subjects);
    plan_store_put_cases(db, &b->cases);
    plan_store_put_customers(db, &b->people);
    plan_store_put_promises(db, &b->promises);
    if (b->puts_groups) {
        plan_store_put_rows_of_groups(db, &b->speakers);
    }
    if (b->puts_voids) {
        plan_store_put_void(db, &b->answers, &b->signals);
    }
    if (b->puts_repeats) {
        plan_store_put_repeats(db, &b->faults);
    }
    if (b->puts_readings) {
        plan_store_put_readings(db, &b->devices);
    }
}

static void load_rows(struct plan_batch *b, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct follow_up f;
        enum follow_up_state leader;
        int64_t ordered_us;
        plan_store_get_row(rows, i, &f, &leader, &ordered_us);
        plan_put(&b->plan, &f, leader, ordered_us);
    }
}

/* By the number in the first column. */
static void index_rows(struct plan_index *x, const struct db_rows *rows)
{
    plan_index_clear(x);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        plan_index_add(x, db_get_int(rows, i, 0));
    }
}

static void load_groups(struct plan_batch *b, const struct db_rows *rows)
{
    b->group_rows = rows;
    plan_index_clear(&b->group_index);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        plan_index_add(&b->group_index, plan_store_get_asked(rows, i));
    }
    if (rows) {
        load_rows(b, rows);
    }
}

void plan_batch_load(struct plan_batch *b, const struct db_rows *const *rows)
{
    size_t set = 0;
    load_rows(b, rows[set++]);
    load_rows(b, rows[set++]);
    b->case_rows = rows[set++];
    b->people_rows = rows[set++];
    b->promise_rows = rows[set++];
    index_rows(&b->case_index, b->case_rows);
    index_rows(&b->people_index, b->people_rows);
    index_rows(&b->promise_index, b->promise_rows);
    load_groups(b, b->puts_groups ? rows[set++] : NULL);
    index_rows(&b->void_index, b->puts_voids ? rows[set++] : NULL);
    index_rows(&b->repeat_index, b->puts_repeats ? rows[set++] : NULL);
    b->reading_rows = b->puts_readings ? rows[set] : NULL;
}

void plan_batch_apply(struct plan_batch *b, const Troth__V1__Event *e)
{
    const struct plan_event *known = plan_event_find(e->body_case);
    if (!trace_context_read(e->trace, b->plan.trace)) {
        b->plan.trace[0] = '\0';
    }
    if (known && known->apply) {
        known->apply(b, e);
    }
}

void plan_batch_finish(struct plan_batch *b)
{
    b->plan.trace[0] = '\0'; /* many readings make one forecast */
    if (b->reading_rows) {
        plan_event_devices(b);
    }
}
