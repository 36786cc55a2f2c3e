/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_desk.h - what to do with orders and questions: at most one dial per key, whatever happens
 * in between.
 *
 * A question bars a key that was never seen: so an order is refused. Things to do gather until
 * dialer_desk_flush(), which writes all of them into the journal, forces it to the disk once, and
 * only then dials and answers. Knows no sockets, and only the clock it is given.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_DESK_H
#define TROTH_SERVICES_DIALER_DIALER_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/dialer/dialer_driver.h"

enum dialer_fate {
    DIALER_FATE_BARRED = 1,
    DIALER_FATE_PLACED,
    DIALER_FATE_FINISHED,
    DIALER_FATE_INTERRUPTED, /* placed, and nobody looks after it any more */
};

struct dialer_desk_options {
    struct dialer_journal *journal; /* borrowed */
    const struct dialer_driver *driver;
    void *driver_state; /* what its open() gave; borrowed */
    int32_t lines;
    int64_t (*machine_now_us)(void);   /* the real clock, looked at right before each dial */
    int64_t (*monotonic_now_us)(void); /* NULL: instant_monotonic_us() */
    /* Answers a question, or refuses an order. e is its entry; result is of a finished one, NULL
     * while it is held back. May get lost: it is asked again. */
    void (*tell_fate)(void *ctx, const struct dialer_entry *e, enum dialer_fate fate,
                      struct dialer_result *result, int link);
    /* Tells a result and sets sent_us. Returns false when it could not be handed over now. */
    bool (*tell_result)(void *ctx, struct dialer_entry *e, struct dialer_result *result);
    /* The driver has taken the order and did not end it at once. May get lost. */
    void (*tell_accepted)(void *ctx, const struct dialer_entry *e);
    void *ctx;
};

struct dialer_desk;

struct dialer_desk *dialer_desk_new(const struct dialer_desk_options *options);
void dialer_desk_free(struct dialer_desk *d); /* NULL is fine */

/* After the start: has the driver ask about orders that were placed and have no result. One that
 * cannot ask has lost them. */
void dialer_desk_resume(struct dialer_desk *d);

/* These only gather; then flush. An order whose key cannot stand in the journal is dropped: false.
 */
bool dialer_desk_order(struct dialer_desk *d, const struct dialer_order *order);
bool dialer_desk_question(struct dialer_desk *d, const char *key, int link);
/* Bars what waits for a line: before a stop, so that the scheduler need not wait for start-bys. */
void dialer_desk_refuse_waiting(struct dialer_desk *d);
void dialer_desk_receipt(struct dialer_desk *d, const char *key);
/* From the driver, also about what it resumed. What is not on its way any more is dropped. */
void dialer_desk_finished(struct dialer_desk *d, const char *key,
                          const struct dialer_result *result);

/* From the driver: its line is free again, and the order is interrupted, unless a result comes
 * after all. */
void dialer_desk_given_up(struct dialer_desk *d, const char *key);
/* 0: never seen; else an enum dialer_entry_state; what the driver said but now counts. */
int dialer_desk_state(const struct dialer_desk *d, const char *key);

/* Something gathered that waits for a flush. */
bool dialer_desk_has_work(const struct dialer_desk *d);

/* Does it. machine_now_us is the real clock. Returns 0, or -1: the journal cannot be written; end
 * the process. */
MUST_CHECK int dialer_desk_flush(struct dialer_desk *d, int64_t machine_now_us, struct err *err);

/* Tells results without a receipt once more, those not sent since before_us (monotonic). Returns
 * false when one could not be handed over: try again soon. */
bool dialer_desk_tell_again(struct dialer_desk *d, int64_t before_us);
/* The journal's box has other pairs: a result that was held back may open now. */
void dialer_desk_keys_changed(struct dialer_desk *d);

int32_t dialer_desk_free_lines(const struct dialer_desk *d);
int32_t dialer_desk_busy_lines(const struct dialer_desk *d);

#endif
