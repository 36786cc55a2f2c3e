/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_copier.h - files outside of PostgreSQL that hold the signed heads, one line each.
 *
 * A path may lie on another machine and hang, so a child process of ours opens, reads, writes and
 * syncs them; it does nothing else, and ends when we do. A line is on the disk (fsync) before it is
 * reported as written. What somebody else appended is left alone.
 */
#ifndef TROTH_INTAKE_AUDIT_COPIER_H
#define TROTH_INTAKE_AUDIT_COPIER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/audit/audit_head.h"
#include "common/base/err.h"
#include "common/runtime/loop.h"

enum {
    AUDIT_COPIES_MAX = 8
};

struct audit_copier;

struct audit_copy {
    int error;                       /* errno, ETIMEDOUT; 0: it went well */
    char last[AUDIT_HEAD_LINE_SIZE]; /* the last whole line that is there; "": none */
};

/* copies: one for each path, in order; borrowed. */
typedef void audit_copied_fn(void *ctx, const struct audit_copy *copies, size_t count);

/* paths: parted by ':'; "" is none. Code setting_invalid: too many. */
struct audit_copier *audit_copier_new(struct loop *loop, const char *paths, struct err *err);
void audit_copier_free(struct audit_copier *c); /* NULL is fine; done() is not called any more */

size_t audit_copier_count(const struct audit_copier *c);
const char *audit_copier_path(const struct audit_copier *c, size_t i);

/* Appends line (ended by a line feed; NULL: nothing) to each file, and reads its last line. One
 * question at a time. done() is called from the loop, after 30 s with ETIMEDOUT. */
void audit_copier_ask(struct audit_copier *c, const char *line, audit_copied_fn *done, void *ctx);
bool audit_copier_is_busy(const struct audit_copier *c);

#endif
