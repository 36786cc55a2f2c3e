/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/churn_history.h"

#include "common/base/duration.h"
#include "services/loyalty/score_past.h"

#define HORIZON_US (CHURN_HORIZON_DAYS * DURATION_DAY)
#define ACTIVE_US  (DURATION_DAY * CHURN_STEP_DAYS * 4)

enum {
    PARTS = 5
};

struct churn_dates churn_dates_of(int64_t now_us)
{
    struct churn_dates d;
    for (int64_t i = 0; i < CHURN_DATES_MAX; i++) {
        int64_t steps = CHURN_DATES_MAX - 1 - i;
        d.at_us[i] = now_us - HORIZON_US - DURATION_DAY * CHURN_STEP_DAYS * steps;
    }
    d.after_us = d.at_us[0] - ACTIVE_US;
    return d;
}

/* splitmix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014): numbers in a row are not in a row.
 */
static uint8_t part_of(int64_t customer)
{
    uint64_t z = (uint64_t)customer + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint8_t)((z ^ (z >> 31)) % PARTS);
}

/* ---- when the customer was heard of */

struct hearing {
    bool was_before, comes_after;
};

static void hear(struct hearing *h, int64_t at_us, int64_t date_us)
{
    h->was_before |= at_us > date_us - ACTIVE_US && at_us <= date_us;
    h->comes_after |= at_us > date_us && at_us <= date_us + HORIZON_US;
}

static bool is_newest(const struct churn_person *p, size_t i)
{
    const struct evidence *e = &p->rows[i], *next = e + 1;
    return i + 1 == p->row_count || next->kind != e->kind || next->subject != e->subject ||
           next->part != e->part;
}

static struct hearing hearing_of(const struct churn_person *p, int64_t date_us)
{
    struct hearing h = {false, false};
    for (size_t i = 0; i < p->row_count; i++) {
        const struct evidence *e = &p->rows[i];
        if (!e->is_void && score_past_is_heard(e) && is_newest(p, i)) {
            hear(&h, e->at_us, date_us);
        }
    }
    for (size_t i = 0; i < p->contact_count; i++) {
        hear(&h, p->contacts_us[i], date_us);
    }
    return h;
}

/* ---- observations */

static void fill_features(const struct churn_observer *o, const struct churn_person *p,
                          int64_t date_us, struct churn_observation *ret)
{
    double features[CHURN_FEATURE_COUNT];
    struct account a;
    account_at(o->builder, p->rows, p->row_count, o->policy, date_us, &a);
    for (size_t i = 0; i < p->contact_count; i++) {
        int64_t at_us = p->contacts_us[i];
        a.seen_us = at_us <= date_us && at_us > a.seen_us ? at_us : a.seen_us;
    }
    churn_features(&a, o->policy, o->fits, date_us, features);
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        ret->features[i] = (float)features[i];
    }
}

size_t churn_observe(const struct churn_observer *o, const struct churn_person *person,
                     struct churn_observation ret[static CHURN_DATES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < CHURN_DATES_MAX; i++) {
        int64_t date_us = o->dates->at_us[i];
        struct hearing h = hearing_of(person, date_us);
        if (h.was_before) {
            struct churn_observation *to = &ret[count++];
            fill_features(o, person, date_us, to);
            to->part = part_of(person->customer);
            to->has_left = !h.comes_after;
        }
    }
    return count;
}
