/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_numbers.h - counters for the numbers of customers, cases, promises and so on.
 *
 * They come from the database in blocks and are never given back: a crash leaves a gap, nothing
 * else.
 */
#ifndef TROTH_INTAKE_NUMBERS_H
#define TROTH_INTAKE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

enum {
    NUMBERS_BLOCK = 1024, /* counters in a block: the increment of intake.number_block */
    NUMBERS_RANGES_MAX = 64,
    NUMBERS_PER_RECORD = 8, /* that one record may need at most, but for what a RecordVoid may */
    NUMBERS_SPARE = 512,    /* for promises that are made only now that another record is void */
};

/* Start with {0}. */
struct intake_numbers {
    struct {
        int64_t next, end;
    } ranges[NUMBERS_RANGES_MAX];
    size_t range_count;
    size_t reserved; /* for the records at hand: NUMBERS_PER_RECORD of each */
};

/* How many blocks are missing so that count numbers can be taken. */
size_t intake_numbers_missing(const struct intake_numbers *n, size_t count);
void intake_numbers_add_block(struct intake_numbers *n, int64_t first_counter);
int64_t intake_numbers_take(struct intake_numbers *n, int16_t bucket);
/* One of those that are not reserved; 0: there is none left. */
int64_t intake_numbers_take_spare(struct intake_numbers *n, int16_t bucket);

#endif
