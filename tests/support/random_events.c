/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/random_events.h"

#include "common/base/compiler.h"
#include "common/base/duration.h"

const int64_t random_customers[RANDOM_CUSTOMERS] = {0x10107, 0x10207};

/* ---- numbers: splitmix64 */

uint64_t random_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t random_next(uint64_t *state, uint64_t below)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return random_mix(*state) % below;
}

/* ---- events */

static int32_t state_of(uint64_t thing, int64_t version)
{
    return version <= 1 ? TROTH__V1__PROMISE_STATE__PROMISE_STATE_OPEN
                        : (int32_t)(1 + random_mix(thing + (uint64_t)version) % 9);
}

static int32_t kind_of(uint64_t thing, int64_t version)
{
    return (int32_t)(1 + random_mix(thing + 77 + (uint64_t)version) % 4);
}

static void fill_promise(struct said_event *s, uint64_t thing)
{
    static const char *const branches[] = {"north", "south", NULL};
    static const char *const teams[] = {"desk", "yard"};
    uint64_t of_version = random_mix(thing ^ ((uint64_t)s->version << 32));

    s->version += s->what == SAID_PROMISE;
    s->value_before = state_of(thing, s->version - 1);
    s->value = state_of(thing, s->version);
    s->made_us = s->occurred_us - 3 * DURATION_DAY;
    s->due_us = s->made_us + DURATION_DAY;
    s->done_us = s->due_us + (int64_t)(of_version % 4) * DURATION_H * 8;
    s->branch = branches[random_mix(thing + 1) % ARRAY_LEN(branches)];
    s->team = teams[of_version % ARRAY_LEN(teams)];
    s->label = "callback";
    if (s->what == SAID_WORD) {
        s->value = (int32_t)(of_version % 2);
        s->is_reversal = of_version % 8 > 5;
    } else if (s->what == SAID_CAUSE) {
        s->value = (int32_t)(of_version % 4);
        s->is_reversal = of_version % 8 > 5;
    }
}

static void fill_answer(struct said_event *s, uint64_t thing)
{
    static const int scales[] = {
        [SAID_CSAT] = 5, [SAID_NPS] = 10, [SAID_CES] = 7, [SAID_SERVQUAL] = 7};

    s->value = (int32_t)(1 + random_mix(thing) % (uint64_t)scales[s->what]);
    s->value_before = (int32_t)(random_mix(thing + 3) % 8);
    s->service_case =
        (s->what == SAID_CSAT || s->what == SAID_CES) ? (int64_t)(random_mix(thing) % 3) : 0;
    s->is_reversal = s->version == 4;
}

static void fill_sale(struct said_event *s, uint64_t thing)
{
    s->value = (int32_t)(random_mix(thing) % 100000);
    s->label = random_mix(thing) % 16 == 0 ? "EUR" : "CNY";
    s->is_reversal = s->version == 4;
}

static void fill_case(struct said_event *s, uint64_t thing)
{
    s->value_before = kind_of(thing, s->version - 1);
    s->value = kind_of(thing, s->version);
    s->made_us = s->occurred_us;
    if (s->what != SAID_CONTACT) {
        s->what = s->version == 1 ? SAID_OPENED : s->version == 4 ? SAID_VOIDED : SAID_RECLASSIFIED;
    }
}

struct said_event random_event(uint64_t *random, uint64_t seed, int64_t recorded_us)
{
    struct said_event s = {.what = (enum said)(1 + random_next(random, SAID_CONTACT))};

    s.customer = random_customers[random_next(random, RANDOM_CUSTOMERS)];
    s.subject = (int64_t)(1 + random_next(random, 3));
    s.version = (int64_t)(1 + random_next(random, 4));
    s.recorded_us = recorded_us;
    bool is_case = s.what >= SAID_OPENED && s.what <= SAID_VOIDED;
    enum said what = is_case ? SAID_OPENED : s.what <= SAID_CAUSE ? SAID_PROMISE : s.what;
    uint64_t thing = random_mix(seed ^ random_mix((uint64_t)s.customer << 8 ^ (uint64_t)what) ^
                                (uint64_t)s.subject);
    uint64_t age = random_mix(thing ^ (what <= SAID_PROMISE ? (uint64_t)s.version : 0));
    s.occurred_us = RANDOM_START_US - (int64_t)(age % 200) * 7 * DURATION_H;
    if (s.what <= SAID_CAUSE) {
        fill_promise(&s, thing);
    } else if (s.what <= SAID_SERVQUAL) {
        fill_answer(&s, thing);
    } else if (s.what == SAID_PURCHASE || s.what == SAID_REFUND) {
        fill_sale(&s, thing);
    } else {
        fill_case(&s, thing);
    }
    return s;
}

int64_t random_step(uint64_t *random)
{
    static const int64_t steps[] = {0,
                                    DURATION_S,
                                    50 * DURATION_S,
                                    3 * DURATION_H,
                                    2 * DURATION_DAY,
                                    40 * DURATION_DAY,
                                    400 * DURATION_DAY,
                                    -DURATION_H,
                                    -5 * DURATION_DAY};

    return steps[random_next(random, ARRAY_LEN(steps))];
}

size_t random_sequence(uint64_t seed, struct said_event ret[static RANDOM_EVENTS_MAX])
{
    uint64_t random = random_mix(seed);
    size_t count = 1 + (size_t)random_next(&random, RANDOM_EVENTS_MAX);
    int64_t at_us = RANDOM_START_US;

    for (size_t i = 0; i < count; i++) {
        at_us += random_step(&random);
        at_us = at_us < RANDOM_START_US ? RANDOM_START_US : at_us;
        ret[i] = random_event(&random, seed, at_us);
        ret[i].seq = (int64_t)i + 1;
        if (random_next(&random, 10) == 0) {
            ret[i].what = RANDOM_SWEEP;
        }
    }
    return count;
}
