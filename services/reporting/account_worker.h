/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_worker.h - passwords are hashed in a thread of their own.
 *
 * It is the second thread of ours besides the authenticator of the ZeroMQ sockets, and for the same
 * reason: what it does cannot be done in the loop. A hash that is worth its name takes tens of
 * milliseconds and has no half-way; in the loop it would stop everybody else's requests, and who
 * logs in with wrong passwords could stop them for ever. One thread, so that 19 MiB are in use at
 * most once; a queue of a fixed length; nothing is shared but the jobs, which belong to one side at
 * a time.
 */
#ifndef TROTH_REPORTING_ACCOUNT_WORKER_H
#define TROTH_REPORTING_ACCOUNT_WORKER_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/runtime/loop.h"

struct account_worker;

/* NULL with err: thread_failed. */
struct account_worker *account_worker_new(struct loop *loop, struct err *err);
/* Waits for the hash that is being made. NULL is fine. */
void account_worker_free(struct account_worker *w);

/* From the loop. new_hash: what was asked for, or (of a right password whose hash was made with
 * other limits) what to keep instead; NULL: none, or there was no memory. */
typedef void account_worker_fn(void *ctx, bool is_right, const char *new_hash);

/* Is the password the hash's? hash NULL: takes as long, and is never right. Returns false, and does
 * nothing, when the queue is full. Copies both. */
bool account_worker_verify(struct account_worker *w, const char *hash, struct bytes password,
                           account_worker_fn *done, void *ctx);
/* Makes a new hash. Likewise. */
bool account_worker_hash(struct account_worker *w, struct bytes password, account_worker_fn *done,
                         void *ctx);

/* done is not called any more with this ctx. */
void account_worker_forget(struct account_worker *w, const void *ctx);

#endif
