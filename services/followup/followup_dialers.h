/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_dialers.h - who is connected and how many more calls each can take.
 *
 * A dialer is known by its source (the CURVE key) and the name it says, written "source/name". Its
 * lines are booked when a follow-up is claimed, so that no more is claimed than can be called.
 * Machine time throughout: monotonic unless a name says otherwise; only working hours are looked up
 * in business time. No sockets in here: a peer is the routing id to answer to.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_DIALERS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_DIALERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/zone.h"
#include "common/domain/working_hours.h"
#include "common/runtime/principal.h"

#define FOLLOWUP_DIALER_SIZE     144
#define FOLLOWUP_DIALER_NAME_MAX 64
#define FOLLOWUP_JOURNAL_SIZE    65
#define FOLLOWUP_DIALERS_MAX     64
#define FOLLOWUP_LINES_MAX       10000
#define FOLLOWUP_DIALER_GONE_US  (INT64_C(5) * 1000 * 1000) /* hellos come each second */

struct followup_dialer {
    char name[FOLLOWUP_DIALER_SIZE]; /* "source/name" */
    char journal[FOLLOWUP_JOURNAL_SIZE];
    uint8_t peer[256];
    size_t peer_len;                /* 0: not connected */
    uint8_t key[PRINCIPAL_KEY_LEN]; /* of the connection, whose rights may end while it stands */
    uint32_t channels;              /* bit (1 << Channel): what it can do */
    char hours_text[WORKING_HOURS_TEXT_SIZE]; /* as it said them, zone included; "": always */
    struct working_hours hours;
    struct zone *hours_zone; /* NULL: UTC */
    int32_t free_lines;      /* as it said, less what was booked since */
    int32_t booked;          /* claimed for it, not sent yet */
    int32_t
        unheard; /* sent since its last hello, without a result: it may not have counted them yet */
    int64_t seen_us;
    int64_t seen_real_us;       /* the real clock */
    int64_t saved_us;           /* when its session was written last; 0: never */
    bool is_new;                /* has not been asked about its open orders since it came back */
    struct worklist_take *take; /* a person who asked for one conversation; NULL: a machine */
};

struct followup_dialers;
struct worklist_take;

struct followup_dialers *followup_dialers_new(void);
void followup_dialers_free(struct followup_dialers *d); /* NULL is fine */

struct followup_dialer_hello {
    const char *source; /* name of the principal */
    const char *name;
    const char *journal;
    int32_t free_lines;
    struct bytes peer;
    uint8_t key[PRINCIPAL_KEY_LEN];
    uint32_t channels;      /* bit (1 << Channel); 0: calls */
    const char *hours;      /* NULL: always */
    const char *hours_zone; /* IANA; NULL: UTC */
};

/* Takes a hello. Returns the dialer, or NULL with err: hello_invalid, hours_invalid, zone_unknown,
 * zone_malformed, too_many_dialers. A dialer
 * that comes back, with another peer, another journal or after a silence, is new again. */
struct followup_dialer *followup_dialers_hello(struct followup_dialers *d,
                                               const struct followup_dialer_hello *hello,
                                               int64_t now_us, int64_t real_us, struct err *err);

struct followup_dialer *followup_dialers_by_peer(struct followup_dialers *d, struct bytes peer);
struct followup_dialer *followup_dialers_by_name(struct followup_dialers *d, const char *name);
bool followup_dialer_is_connected(const struct followup_dialer *dialer, int64_t now_us);

/* Whoever is at this peer may not dial any more: as if it had gone. */
void followup_dialers_lock_out(struct followup_dialers *d, struct bytes peer);

/* When it is asked: lines count only of dialers that are connected, and work at that instant. */
struct followup_dialers_when {
    int64_t now_us;      /* monotonic */
    int64_t business_us; /* for their hours */
};

/* How many lines may be booked now, whatever the channel. */
int32_t followup_dialers_free_lines(const struct followup_dialers *d,
                                    const struct followup_dialers_when *when);
/* bit (1 << Channel): on which there is a free line. */
uint32_t followup_dialers_free_channels(const struct followup_dialers *d,
                                        const struct followup_dialers_when *when);

enum followup_dialers_state {
    FOLLOWUP_DIALERS_NONE = 1, /* nobody who can do that is connected */
    FOLLOWUP_DIALERS_RESTING,  /* all who are connected are outside their hours */
    FOLLOWUP_DIALERS_WORKING,
};
enum followup_dialers_state followup_dialers_state(const struct followup_dialers *d,
                                                   int32_t channel,
                                                   const struct followup_dialers_when *when);

/* Books a line on that channel, of the dialer with most free ones; NULL when there is none. Exactly
 * one of sent or unbook follows. */
struct followup_dialer *followup_dialers_book(struct followup_dialers *d, int32_t channel,
                                              const struct followup_dialers_when *when);
/* Can still take what was booked: it is connected, works and can do that. */
bool followup_dialer_can(const struct followup_dialer *dialer, int32_t channel,
                         const struct followup_dialers_when *when);
void followup_dialers_unbook(struct followup_dialer *dialer);
void followup_dialers_sent(struct followup_dialer *dialer);
/* A result came from it. */
void followup_dialers_heard(struct followup_dialer *dialer);

/* The i-th dialer; NULL past the end. */
struct followup_dialer *followup_dialers_at(struct followup_dialers *d, size_t i);

#endif
