/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure_fold.h - what a batch of events adds to the figures, computed without a database.
 *
 * 1. figure_fold_add() takes each event: plain counts are final at once.
 * 2. figure_fold_seal() lists the promises that the batch is about, each once and sorted: what to
 * read.
 * 3. The caller fills in how they were counted last.
 * 4. figure_fold_run() counts them again: the old count is taken back on its own day, the new one
 * added.
 *
 * A promise that was kept counts on the day it was done. One that was broken counts on the day it
 * was due, also if it is kept or renegotiated late afterwards. One that was waived, or renegotiated
 * before it was due, counts on the day of that. So a correction (broken, then proof that it was
 * kept) takes back the broken count of the day on which it stands, and adds a kept one on the day
 * it was done.
 *
 * What was taken back by its source comes again as a reversal, and counts the other way on the day
 * of the fact.
 */
#ifndef TROTH_REPORTING_FIGURE_FOLD_H
#define TROTH_REPORTING_FIGURE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"

/* To be added to the row of lane, day (of at_us), branch and measure. Texts are borrowed. */
struct figure_delta {
    int16_t lane;
    int64_t at_us;
    const char *branch; /* "": none */
    const char *measure;
    int64_t count;
    int64_t sum;
};

/* A duration as the newest version of a case in this batch has it. */
struct figure_duration {
    int64_t service_case;
    const char *measure; /* "first_response", "resolution" */
    int64_t version;
    int64_t at_us;
    const char *branch;
    bool has_value; /* false: the case is open again */
    int64_t value_us;
};

/* Stored numbers: never change one. */
enum promise_count {
    PROMISE_NOT_COUNTED = 0,
    PROMISE_COUNTED_KEPT = 1,
    PROMISE_COUNTED_BROKEN = 2,
    PROMISE_COUNTED_WAIVED = 3,
    PROMISE_COUNTED_RENEGOTIATED = 4,
};

struct figure_promise {
    int64_t number;
    int64_t version; /* 0: never seen */
    enum promise_count counted_as;
    int64_t counted_us; /* its day is the day of the count */
    const char *branch;
    bool is_changed; /* to be written */
};

struct figure_fold;

struct figure_fold *figure_fold_new(void);
void figure_fold_free(struct figure_fold *f); /* NULL is fine */
void figure_fold_clear(struct figure_fold *f);

/* The texts of the event must live until figure_fold_clear(). Events without a figure are passed
 * over. */
void figure_fold_add(struct figure_fold *f, const Troth__V1__Event *event);
void figure_fold_seal(struct figure_fold *f);

/* After sealing: sorted by number, without repetition. Owned by the fold. */
size_t figure_fold_promises(struct figure_fold *f, struct figure_promise **ret_list);
/* NULL when the batch is not about it. */
struct figure_promise *figure_fold_find_promise(struct figure_fold *f, int64_t number);

void figure_fold_run(struct figure_fold *f);

/* After the run. Owned by the fold; durations are sorted by case and measure, without repetition.
 */
size_t figure_fold_deltas(const struct figure_fold *f, const struct figure_delta **ret_list);
size_t figure_fold_durations(const struct figure_fold *f, const struct figure_duration **ret_list);

#endif
