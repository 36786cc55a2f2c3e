/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_teller.h"

#include <math.h>

#include "common/base/duration.h"
#include "common/base/text.h"

#define OPENING_HOUR     8 /* counted from the first instant, which is a midnight */
#define OPENING_LENGTH_H 10

uint64_t demo_teller_random(struct demo_teller *t)
{
    /* splitmix64: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014
     */
    uint64_t z = (t->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int demo_teller_below(struct demo_teller *t, int limit)
{
    return (int)(demo_teller_random(t) % (uint64_t)limit);
}

static double random_unit(struct demo_teller *t)
{
    return ((double)(demo_teller_random(t) >> 11) + 0.5) * 0x1.0p-53;
}

bool demo_teller_happens(struct demo_teller *t, int percent)
{
    return demo_teller_below(t, 100) < percent;
}

int64_t demo_teller_after_opening_us(const struct demo_teller *t, int64_t at_us, int64_t delay_us)
{
    const int64_t length_us = OPENING_LENGTH_H * DURATION_H;
    int64_t day = (at_us - t->start_us) / DURATION_DAY;
    int64_t worked_us = (at_us - t->start_us) % DURATION_DAY - OPENING_HOUR * DURATION_H;
    worked_us = worked_us < 0 ? 0 : worked_us > length_us ? length_us : worked_us;
    worked_us += delay_us;
    return t->start_us + (day + worked_us / length_us) * DURATION_DAY + OPENING_HOUR * DURATION_H +
           worked_us % length_us;
}

int64_t demo_teller_delay_us(struct demo_teller *t, double median_h)
{
    double u1 = random_unit(t);
    double u2 = random_unit(t);
    double normal = sqrt(-2.0 * log(u1)) * cos(2.0 * acos(-1.0) * u2);
    double hours = median_h * exp(0.7 * normal);
    return (int64_t)(hours * 3600.0) * DURATION_S + DURATION_MIN;
}

int64_t demo_teller_opening_us(struct demo_teller *t, int first_day, int last_day)
{
    int day = first_day + demo_teller_below(t, last_day - first_day + 1);
    int64_t second = demo_teller_below(t, OPENING_LENGTH_H * 3600);
    return t->start_us + day * DURATION_DAY + OPENING_HOUR * DURATION_H + second * DURATION_S;
}

void demo_teller_add(struct demo_teller *t, const Troth__V1__Record *told, int64_t occurred_us)
{
    if (occurred_us >= t->end_us) {
        return; /* the month is over before it happens */
    }
    char key[48];
    (void)text_format(key, sizeof key, "%s-%06u", t->key_prefix, ++t->record_count);
    Troth__V1__Record record = *told;
    record.key = key;
    record.has_occurred_us = 1;
    record.occurred_us = occurred_us;
    record_list_add(t->list, &record);
    if (demo_teller_happens(t, 1)) {
        /* The branch's line dropped and it sent again, with the same key. */
        record_list_add(t->list, &record);
    }
}
