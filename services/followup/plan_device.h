/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_device.h - trigger service_due by what a device says: a fault code, or the counter that
 * tells when the next service is reached. Pure.
 *
 * A fault: subject is the signal, occurrence "fault P0420". A service: subject is the number that
 * names the device, occurrence "km 3" or "usage 3", the third service; planned with its first
 * forecast and moved with each later one as long as nobody has called.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_DEVICE_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_DEVICE_H

#include "common/base/bytes.h"
#include "common/domain/usage_forecast.h"
#include "services/followup/plan.h"

struct plan_signal {
    int64_t signal, customer;
    int64_t occurred_us;
    const char *fault_code; /* NULL: none */
    bool is_historical;
    bool is_void;
    bool is_repeat; /* its device has been saying so for some time */
};

/* A rule of that trigger that a signal by itself fulfils, or one that counts kilometres or usage.
 */
bool plan_device_has_rules(const struct rulebook *rules);

/* A fault code: planned at once, unless it is a repetition. facts has product, fault_code and tier.
 */
void plan_device_fault(struct plan *p, const struct plan_signal *s,
                       const struct rulebook_facts *facts, const struct zone *zone);

/* All readings of one device, in any order. */
struct plan_device {
    int64_t customer;
    int64_t device;                 /* a number that names it: plan_device_number() */
    const struct usage_reading *km; /* only signals that have one */
    size_t km_count;
    const struct usage_reading *usage; /* in usage_unit, of those that have one */
    size_t usage_count;
    const char *usage_unit; /* NULL: none */
};
/* Made of the keyed hash by which its signals are stored, in the bucket of its customer. */
int64_t plan_device_number(struct bytes device, int64_t customer);

/* Plans the next service by each topic, moves what is planned, and has what was reached sooner than
 * thought called now. */
void plan_device_used(struct plan *p, const struct plan_device *d,
                      const struct rulebook_facts *facts, const struct zone *zone);

#endif
