/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_teller.h - tells the story of the demo: records with keys, and every choice in it.
 *
 * All choices come from one splitmix64 generator in a fixed order, so the seed decides every byte.
 */
#ifndef TROTH_SERVICES_CLI_DEMO_TELLER_H
#define TROTH_SERVICES_CLI_DEMO_TELLER_H

#include <stdbool.h>
#include <stdint.h>

#include "intake.pb-c.h"
#include "services/cli/record_list.h"

struct demo_teller {
    struct record_list *list;
    const char *key_prefix; /* of its records: no two tellers have the same */
    int64_t start_us;       /* a midnight at the branches */
    int64_t end_us; /* in the opening hours of the last day: the story stops in the middle of it */
    uint64_t random;
    unsigned record_count;
    unsigned case_count;
};

/* Who the story is about. */
struct demo_person {
    char ref[32];
    const char *branch; /* its code */
    bool is_chinese;
};

uint64_t demo_teller_random(struct demo_teller *t);
int demo_teller_below(struct demo_teller *t, int limit); /* 0 to limit - 1 */
bool demo_teller_happens(struct demo_teller *t, int percent);
/* Log-normal around a median in hours; spread 0.7 puts nine of ten within a factor of about three.
 */
int64_t demo_teller_delay_us(struct demo_teller *t, double median_h);
/* Some instant in opening hours of a day of the story; both are days since its start, also before
 * it. */
int64_t demo_teller_opening_us(struct demo_teller *t, int first_day, int last_day);
/* After so much time in opening hours. */
int64_t demo_teller_after_opening_us(const struct demo_teller *t, int64_t at_us, int64_t delay_us);

/* Adds a copy with a key of its own, unless the story is over by then; now and then twice, as a
 * line that drops makes it. */
void demo_teller_add(struct demo_teller *t, const Troth__V1__Record *told, int64_t occurred_us);

#endif
