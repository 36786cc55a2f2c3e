/* SPDX-License-Identifier: Apache-2.0 */
/* plan_event_devices.c - what devices signal. Readings come by customer and device, in the order of
 * time: each run of them is one device. */
#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "services/followup/plan_device.h"
#include "services/followup/plan_events.h"

/* ---- signals */

bool plan_event_gather_device(struct plan_batch *b, const Troth__V1__Event *e)
{
    const Troth__V1__DeviceSignalled *s = e->device_signalled;
    if (e->customer <= 0 || !plan_device_has_rules(b->plan.rules)) {
        return false;
    }
    plan_keys_add(&b->customers, e->customer);
    plan_keys_add(&b->people, e->customer);
    plan_keys_add(&b->signals, s->device_signal);
    plan_keys_add(&b->subjects, s->device_signal);
    if (!text_is_empty(s->fault_code)) {
        plan_keys_add(&b->faults, s->device_signal);
    }
    /* What a historical signal says counts with the next one that is not. */
    if (!e->is_historical && s->has_device && (s->has_mileage_km || s->has_usage)) {
        const struct bytes hash = {.data = s->device.data, .len = s->device.len};
        int64_t device = plan_device_number(hash, e->customer);
        plan_devices_add(&b->devices, e->customer, device, hash);
        plan_keys_add(&b->subjects, device);
        b->new_max += b->plan.topic_count;
    }
    return true;
}

void plan_event_apply_device(struct plan_batch *b, const Troth__V1__Event *e)
{
    const Troth__V1__DeviceSignalled *s = e->device_signalled;
    struct rulebook_facts facts;
    const struct plan_signal signal = {
        .signal = s->device_signal,
        .customer = e->customer,
        .occurred_us = e->occurred_us,
        .fault_code = s->fault_code,
        .is_historical = e->is_historical,
        .is_void = plan_index_first(&b->void_index, s->device_signal) != PLAN_INDEX_END,
        .is_repeat = plan_index_first(&b->repeat_index, s->device_signal) != PLAN_INDEX_END,
    };
    if (plan_index_first(&b->signals.seen, s->device_signal) == PLAN_INDEX_END) {
        return;
    }
    if (e->is_reversal) {
        plan_void(&b->plan, FOLLOW_UP_ON_SERVICE_DUE, s->device_signal);
        return;
    }
    const struct zone *zone =
        plan_event_facts(b, FOLLOW_UP_ON_SERVICE_DUE, e->customer, 0, NULL, &facts);
    facts.product = s->product;
    facts.fault_code = s->fault_code;
    plan_device_fault(&b->plan, &signal, &facts, zone);
}

/* ---- readings */

struct run {
    struct usage_reading km[PLAN_READINGS_MAX], usage[PLAN_READINGS_MAX];
    size_t km_count, usage_count;
    struct plan_reading_row first;
    const char *usage_unit, *product; /* as they were said last; "": never */
};

static bool is_same_device(const struct plan_reading_row *a, const struct plan_reading_row *b)
{
    return a->customer == b->customer && a->device.len == b->device.len &&
           memcmp(a->device.data, b->device.data, a->device.len) == 0;
}

/* A counter that counts something else now is another counter. */
static void add_usage(struct run *run, const struct plan_reading_row *row)
{
    if (strcmp(row->usage_unit, run->usage_unit) != 0) {
        run->usage_count = 0;
        run->usage_unit = row->usage_unit;
    }
    if (run->usage_count < PLAN_READINGS_MAX) {
        run->usage[run->usage_count++] =
            (struct usage_reading){.at_us = row->at_us, .total = row->usage};
    }
}

static void add_reading(struct run *run, const struct plan_reading_row *row)
{
    if (!isnan(row->km) && run->km_count < PLAN_READINGS_MAX) {
        run->km[run->km_count++] = (struct usage_reading){.at_us = row->at_us, .total = row->km};
    }
    if (!isnan(row->usage)) {
        add_usage(run, row);
    }
    run->product = text_is_empty(row->product) ? run->product : row->product;
}

static void end_run(struct plan_batch *b, const struct run *run)
{
    struct rulebook_facts facts;
    const struct plan_device device = {
        .customer = run->first.customer,
        .device = plan_device_number(run->first.device, run->first.customer),
        .km = run->km,
        .km_count = run->km_count,
        .usage = run->usage,
        .usage_count = run->usage_count,
        .usage_unit = run->usage_unit,
    };
    const struct zone *zone =
        plan_event_facts(b, FOLLOW_UP_ON_SERVICE_DUE, device.customer, 0, NULL, &facts);
    facts.product = run->product;
    plan_device_used(&b->plan, &device, &facts, zone);
}

static void begin_run(struct run *run, const struct plan_reading_row *row)
{
    run->first = *row;
    run->km_count = run->usage_count = 0;
    run->usage_unit = run->product = "";
}

void plan_event_devices(struct plan_batch *b)
{
    struct run run;
    size_t count = db_row_count(b->reading_rows);
    for (size_t i = 0; i < count; i++) {
        struct plan_reading_row row;
        plan_store_get_reading(b->reading_rows, i, &row);
        if (i > 0 && !is_same_device(&run.first, &row)) {
            end_run(b, &run);
        }
        if (i == 0 || !is_same_device(&run.first, &row)) {
            begin_run(&run, &row);
        }
        add_reading(&run, &row);
    }
    if (count > 0) {
        end_run(b, &run);
    }
}
