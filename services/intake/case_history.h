/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_history.h - what happened to a case, in the order in which it took effect: needed only when
 * a part of it is taken back. Pure.
 *
 * The store reads the stored part; what the work itself has added comes to it by
 * case_history_complete().
 */
#ifndef TROTH_INTAKE_CASE_HISTORY_H
#define TROTH_INTAKE_CASE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/intake/intake_work.h"

enum case_entry_kind {
    CASE_ENTRY_CONTACT = 1,
    CASE_ENTRY_UPDATE,
    CASE_ENTRY_PROMISE, /* what a source said about a promise */
};

/* What an update did to the case, or a contact by itself: a row of intake.case_event. */
struct case_move {
    int64_t number; /* 0: there is no row */
    int64_t version;
    Troth__V1__CaseAction action;
    Troth__V1__CaseState from, to; /* the same state without a rule for it: no effect */
    int64_t named_case;
    int32_t standard_id;           /* in force when it took effect */
    struct work_case_class *class; /* reclassified; else NULL */
    bool is_void;
    bool is_changed; /* to be written */
};

/* What was told about a move, or would be. */
struct case_telling {
    bool is_told;
    Troth__V1__CaseAction action;
    Troth__V1__CaseState from, to;
    bool is_first_response;
    int64_t first_response_us, resolved_us;
    int32_t reopened_count;
    int64_t joined_case;
    struct work_class class_before, class_after; /* reclassified */
};

struct case_entry {
    struct case_entry *next;
    enum case_entry_kind kind;
    int64_t number; /* of the contact, the case event, the promise's event */
    int64_t version;
    int64_t occurred_us, received_us;
    int32_t source_id;
    bool is_void;
    bool is_changed; /* to be written; of an update see its move */
    /* of a contact */
    Troth__V1__ContactKind contact_kind;
    const char *channel;
    Troth__V1__ContactOrigin origin;
    bool is_historical;
    bool is_thanks;
    /* of a contact or an update */
    struct case_move move;
    struct work_class class_then;      /* what the case was taken for when it took effect */
    struct case_telling before, after; /* the latest change of the history: case_refold.c */
    /* of a promise */
    int64_t promise;
    Troth__V1__PromiseAction action; /* UNSPECIFIED: it was given */
    int cause;                       /* BreakCause, of an explanation */
};

/* The value of a promise that makes good for something. */
struct case_amends {
    struct case_amends *next;
    struct work_compensation row;
    bool is_void;
    bool is_changed; /* to be written */
};

struct case_history {
    struct case_entry *first; /* the contact that opened the case, also when it is void */
    struct case_entry *near;  /* the last one that was added or found: rows come in order */
    struct case_amends *amends;
    struct work_first_terms *first_terms; /* of promises whose target was ever changed */
};

/* An empty history, unless the case has one. */
struct case_history *case_history_of(struct intake_work *w, struct work_case *c);

/* Adds an entry at its version, unless it is there: then NULL. */
struct case_entry *case_history_add(struct intake_work *w, struct work_case *c,
                                    enum case_entry_kind kind, int64_t number, int64_t version);
struct case_entry *case_history_find(const struct work_case *c, enum case_entry_kind kind,
                                     int64_t number);

void case_history_add_amends(struct intake_work *w, struct work_case *c,
                             const struct work_compensation *row, bool is_void);
/* NULL: the promise has no value. */
struct case_amends *case_history_find_amends(const struct work_case *c, int64_t promise);

/* What p was made for: the first one that is added counts, until it is derived anew. */
void case_history_add_first_terms(struct intake_work *w, struct work_case *c,
                                  const struct work_first_terms *row);
/* NULL: p has them still. */
const struct work_first_terms *case_history_find_first_terms(const struct work_case *c,
                                                             int64_t promise);
/* What the case was taken for when it was opened. */
struct work_class case_history_first_class(const struct work_case *c);

/* Adds what the work itself brought about. */
void case_history_complete(struct intake_work *w, struct work_case *c);

/* A person said it, not a machine. */
bool case_history_is_said(const struct case_entry *e);

#endif
