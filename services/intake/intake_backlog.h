/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_backlog.h - the records that have no answer yet, and whose they are: is there room for one
 * more of this source? Pure.
 *
 * A source may hold at most as much as is still free, in records and in bytes. So a flood stops
 * itself at half of the whole, two floods at a third each, and there is always room for who holds
 * little (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998).
 */
#ifndef TROTH_INTAKE_INTAKE_BACKLOG_H
#define TROTH_INTAKE_INTAKE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intake_load {
    size_t records, bytes;
};

struct intake_backlog;

struct intake_backlog *intake_backlog_new(void);
void intake_backlog_free(struct intake_backlog *b); /* NULL is fine */

/* Of all sources. */
struct intake_load intake_backlog_total(const struct intake_backlog *b);

/* more_bytes: with the message of that record. most: of all sources together. */
bool intake_backlog_has_room(const struct intake_backlog *b, int32_t source_id, size_t more_bytes,
                             struct intake_load most);
void intake_backlog_add(struct intake_backlog *b, int32_t source_id, struct intake_load more);
/* What was added, or a part of it. */
void intake_backlog_remove(struct intake_backlog *b, int32_t source_id, struct intake_load less);

#endif
