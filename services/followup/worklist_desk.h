/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_desk.h - people who ask for the next conversation. Each waits as a dialer with one line,
 * "person/STAFF", so that what it gets is claimed, ordered and settled like any machine's call;
 * what is listed comes after what is planned (worklist_listed.h).
 */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_DESK_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/runtime/bus.h"
#include "common/runtime/inquiry.h"
#include "dialer.pb-c.h"
#include "services/followup/followup_arbiter.h"
#include "services/followup/followup_call.h"
#include "services/followup/followup_dialers.h"
#include "services/followup/followup_talk.h"
#include "services/followup/worklist_lease_store.h"

/* The journal in the attempts of people: they keep none. */
#define WORKLIST_JOURNAL   "worklist"
#define WORKLIST_NAME_SIZE (WORKLIST_STAFF_SIZE + 8)

struct followup;
struct worklist_desk;

enum worklist_phase {
    WORKLIST_CHECKING = 1, /* whether something is in hand already */
    WORKLIST_WAITING,      /* for a round of claims */
    WORKLIST_IN_ROUND,
    WORKLIST_CLAIMED, /* the line is booked: number and order are under way */
    WORKLIST_LISTING, /* nothing planned: what is listed is looked through */
    WORKLIST_TELLING, /* the order stands: the story is read */
    WORKLIST_ANSWERED,
};

/* One person who waits. Owned by the desk, which keeps it as long as its line is booked. */
struct worklist_take {
    struct followup *followup;
    struct inquiry *inquiry; /* NULL: answered */
    struct followup_talk talk;
    enum worklist_phase phase;
    char request_id[128];
    char staff[WORKLIST_STAFF_SIZE];
    char branch[FOLLOW_UP_BRANCH_SIZE];       /* "": any */
    char language[ARBITRATION_LANGUAGE_SIZE]; /* of what to say; "": the customer's */
    int64_t lease_us;
    int64_t deadline_us; /* monotonic */
    int rounds;
    struct followup_dialer line; /* with `take` set */
    int64_t candidates[WORKLIST_SEARCH_MAX];
    size_t candidate_count;
    /* of what it gets */
    int64_t follow_up, customer;
    char why[FOLLOW_UP_REASON_SIZE];     /* why a person calls */
    char no_call[FOLLOW_UP_REASON_SIZE]; /* why not even a person may call now; "": may */
    struct buffer order;                 /* packed DialOrder; wiped */
    struct followup_due due;             /* of what is listed, while it is looked at */
    struct rulebook_rule *rule;          /* its rule, for people; owned */
    struct agenda *agenda;               /* what it covers; owned */
    struct arena *arena;                 /* the desk's, for one message at a time */
    struct worklist_take *prev, *next;
};

struct worklist_desk *worklist_desk_new(struct followup *f);
/* After the calls that booked lines are freed. NULL is fine. */
void worklist_desk_free(struct worklist_desk *d);

/* Takes a request; answers it at once where it is wrong or too many wait. */
void worklist_desk_ask(struct worklist_desk *d, struct bus_socket *s, const struct bus_message *m,
                       const Troth__V1__WorklistTake *request);

/* The name of a person as a dialer. */
void worklist_dialer_name(const char *staff, char ret_name[WORKLIST_NAME_SIZE]);
bool worklist_is_person(const char *dialer_name);
/* A staff code: 1 to 64 bytes without blanks and control characters. */
bool worklist_is_staff(const char *staff);

/* ---- for a round of claims */

/* Who waited longest; NULL: nobody. worklist_take_end_round() follows. */
struct worklist_take *worklist_desk_begin_round(struct worklist_desk *d);
/* One statement; its rows are read by worklist_take_note(), as due rows. */
void worklist_take_put_due(struct worklist_take *t, struct db *db, const struct db_array *buckets,
                           int64_t now_us);
void worklist_take_note(struct worklist_take *t, const struct db_rows *rows);
/* The line, if this is one of what was noted and a person may have it; else NULL. */
struct followup_dialer *worklist_take_book(struct worklist_take *t, const struct followup_due *due,
                                           int32_t channel);
void worklist_take_end_round(struct worklist_take *t);

/* ---- for an order */

bool worklist_take_is_waiting(const struct worklist_take *t);
/* The order is committed: it goes to the person, with the story. Copies. */
void worklist_take_give(struct worklist_take *t, const struct followup_call *call,
                        const Troth__V1__DialOrder *order);

/* ---- for worklist_listed.c */

void worklist_take_find_nothing(struct worklist_take *t);
void worklist_take_fail(struct worklist_take *t, const char *code, const char *text);

#endif
