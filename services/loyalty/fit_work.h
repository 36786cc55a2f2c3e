/* SPDX-License-Identifier: Apache-2.0 */
/* fit_work.h - what the jobs fit-models and train-churn share: one connection, and steps that are
 * repeated until they are done. */
#ifndef TROTH_LOYALTY_FIT_WORK_H
#define TROTH_LOYALTY_FIT_WORK_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/runtime/service.h"
#include "services/loyalty/fit_read_store.h"
#include "services/loyalty/fit_row.h"
#include "services/loyalty/score_policy.h"

struct fit_work {
    struct service *service;
    struct db *db;
    struct score_policy policy;
    int64_t began_us; /* business time */
};

/* Returns 0, or -1 with err; whatever it returns, end with fit_work_close(). */
MUST_CHECK int fit_work_open(struct fit_work *w, struct service *s, struct err *err);
void fit_work_close(struct fit_work *w);

/* Queues the statements of one step; called again when the step has to be repeated. */
typedef void fit_work_queue_fn(struct db *db, const void *what);
/* NULL with err when it cannot be done. Rows are valid until the next db_ call. */
const struct db_reply *fit_work_run(struct fit_work *w, fit_work_queue_fn *queue, const void *what,
                                    struct err *err);

/* The same for a question about each bucket. Ends early, with 0, when the process is to stop. */
typedef int fit_work_rows_fn(void *ctx, int16_t bucket, const struct db_rows *rows,
                             struct err *err);
MUST_CHECK int fit_work_buckets(struct fit_work *w, void (*queue)(struct db *db, int16_t bucket),
                                fit_work_rows_fn *take, void *ctx, struct err *err);

/* Moves slice on to its next `customers`; *ret_is_end: there are no more. Begin with after and upto
 * at 0. */
MUST_CHECK int fit_work_next_slice(struct fit_work *w, struct fit_slice *slice, bool *ret_is_end,
                                   struct err *err);

/* Stores the rows in one transaction, so that scores are made anew once, and prints what came out,
 * one line each. A fit that could not be read again is not put in force. */
MUST_CHECK int fit_work_store(struct fit_work *w, struct fit_row *rows, size_t count,
                              struct err *err);

/* Asked to stop: not a failure, and no result either. */
int fit_work_stopped(void);

#endif
