/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_found.h - what was found about those who were asked about.
 *
 * A person is a customer, or all customers who are one by a merge: then the account is the sum of
 * theirs. Lists are sorted by person as they were asked, within a person newest first.
 */
#ifndef TROTH_LOYALTY_SCORE_FOUND_H
#define TROTH_LOYALTY_SCORE_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/loyalty/evidence.h"
#include "services/loyalty/measure.h"
#include "services/loyalty/score_model.h"
#include "services/loyalty/score_policy.h"

struct score_person {
    int64_t number; /* as asked; of a reference: as found */
    bool is_erased;
    int32_t merged_count; /* others who are the same person */
    struct account account;
    struct standing standing;                         /* of the survivor, when last looked at */
    int64_t changed_us, evaluated_us, next_change_us; /* INT64_MIN, INT64_MIN, INT64_MAX: never */
    int32_t fall_hundredths; /* by what happened since some instant: 0 or below */
};

/* A thing in its newest version. */
struct score_evidence {
    int64_t person;
    struct evidence thing;
};

struct score_move {
    int64_t person, customer;
    int64_t at_us;
    int32_t before_hundredths, after_hundredths;
    const char *reason; /* borrowed from the reply of the database, as those of evidence */
    const char *stream;
    int64_t seq;
};

/* A customer who is part of a person. */
struct score_member {
    int64_t person, customer;
};

/* How far the log has been applied in a bucket of one of them. */
struct score_place {
    char stream[32];
    int16_t bucket;
    int64_t seq;
};

struct score_found {
    struct score_person *persons;
    size_t person_count;
    struct score_member *members;
    size_t member_count;
    struct score_evidence *evidence;
    size_t evidence_count;
    struct score_move *moves;
    size_t move_count;
    struct score_place *places;
    size_t place_count;
};

void score_found_free(struct score_found *f); /* NULL is fine */

/* NULL when there is none. */
struct score_person *score_found_person(const struct score_found *f, int64_t number);

#endif
