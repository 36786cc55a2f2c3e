/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inquiry.h - requests that are answered from the database: who asked, what, and the wait for a
 * connection.
 *
 * A desk has a fixed number of places; when they are taken, inquiry_open() says so and the caller
 * answers "ask again". Nothing is kept for a peer that has gone: the answer is sent once and
 * forgotten.
 *
 *   q = inquiry_open(desk, socket, message, sizeof(struct score_question));   -- NULL: no place
 *   inquiry_submit(q, start);                                                 -- start(q, db)
 * queues statements, db_run()
 *   ... done(q, db, reply): inquiry_answer(q, &answer.base); db_release(db);  -- q is gone
 */
#ifndef TROTH_COMMON_RUNTIME_INQUIRY_H
#define TROTH_COMMON_RUNTIME_INQUIRY_H

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "common/runtime/bus.h"
#include "common/runtime/db.h"
#include "common/runtime/metrics.h"

struct inquiry;
struct inquiry_desk;

/* places: how many may be open at once. owner is handed to every inquiry; both it and pool are
 * borrowed. */
struct inquiry_desk *inquiry_desk_new(struct db_pool *pool, size_t places, void *owner);
/* Frees inquiries without an answer too: only when no connection works for one any more. NULL is
 * fine. */
void inquiry_desk_free(struct inquiry_desk *d);
size_t inquiry_desk_open_count(const struct inquiry_desk *d);

/* Keeps whom to answer, and room for the question, zeroed. NULL when every place is taken. */
struct inquiry *inquiry_open(struct inquiry_desk *d, struct bus_socket *socket,
                             const struct bus_message *message, size_t question_size);
/* The same for who did not ask over the bus: done(ctx, answer) is called in place of a send, before
 * the inquiry ends; never when the desk is freed before that. */
typedef void inquiry_done_fn(void *ctx, const ProtobufCMessage *answer);
struct inquiry *inquiry_open_for(struct inquiry_desk *d, inquiry_done_fn *done, void *ctx,
                                 size_t question_size);
/* Where the time of each inquiry from its opening to its answer is noted; outlives the desk. */
void inquiry_desk_measure(struct inquiry_desk *d, struct metrics_histogram *duration);

void *inquiry_question(struct inquiry *q);
void *inquiry_owner(const struct inquiry *q);

/* start(ctx, db) with ctx the inquiry is called once a connection is free. */
void inquiry_submit(struct inquiry *q, db_start_fn *start);

/* Sends the answer and ends the inquiry: do not touch q after this. */
void inquiry_answer(struct inquiry *q, const ProtobufCMessage *answer);

/* For requests that are answered without an inquiry. */
void inquiry_answer_now(struct bus_socket *socket, const struct bus_message *message,
                        const ProtobufCMessage *answer);

#endif
