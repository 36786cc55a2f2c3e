/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_shelf.h - the versions of a text that is in force: rules, questionnaires. What differs
 * between them is a text_kind.
 *
 * 1. start   the file is stored unless it is there; all stored versions come on the shelf
 * 2. SIGHUP  the file is read anew: one with a mistake is logged and changes nothing; another one
 *            is stored first and then in force. While the database is away this is tried again
 * 3. a version that is not here was stored by another process since: it is asked for, and is here
 *            in the next round
 *
 * Nothing leaves the shelf, so what was found stays good until it is freed.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_TEXT_SHELF_H
#define TROTH_SERVICES_FOLLOWUP_TEXT_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/service.h"

/* What is on a shelf; a text is a struct rulebook, a struct questionnaire. */
struct text_kind {
    const char *setting;                                           /* that names the file */
    const char *needed;                                            /* what is wrong without one */
    const char *in_force_event, *refused_event, *unreadable_event; /* in the log */
    void *(*load)(const char *path, struct err *err);
    void *(*parse)(const char *text, const char *name, struct err *err);
    void (*free)(void *text); /* NULL is fine */
    const char *(*hash)(const void *text);
    /* Queues one statement, whose one row has the id: stored unless the hash is there. */
    void (*put)(struct db *db, const void *text, int64_t now_us);
    /* Queues one statement, whose rows are (id, hash, body): all versions, or these. */
    void (*ask_all)(struct db *db);
    void (*ask)(struct db *db, const int32_t *ids, size_t count);
    /* This one counts from now on. */
    void (*take)(void *ctx, int32_t id, const void *text);
};

struct text_shelf;

/* Waits: at start only. Calls take(), unless path is "" and may be. kind is static, service
 * outlives it. NULL with err: the file (codes of kind->load) or the database. */
MUST_CHECK struct text_shelf *text_shelf_open(struct service *service, const struct text_kind *kind,
                                              void *ctx, const char *path, struct err *err);
void text_shelf_free(struct text_shelf *s); /* NULL is fine; before the pool */

/* Reads the file, which may be another one now. */
void text_shelf_reload(struct text_shelf *s, const char *path);

enum text_shelf_answer {
    TEXT_SHELF_FOUND = 1,
    TEXT_SHELF_LATER, /* not here yet: in the next round */
    TEXT_SHELF_GONE,  /* that version cannot be read any more: *ret is the one in force */
};

enum text_shelf_answer text_shelf_find(struct text_shelf *s, int32_t version, const void **ret);

/* Puts a version on the shelf, for tests; takes over text. NULL: it cannot be read. */
void text_shelf_add(struct text_shelf *s, int32_t version, void *text);

#endif
