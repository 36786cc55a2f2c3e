/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_driver.h - what really places calls, behind a struct of functions: one driver per file.
 *
 * A process has one driver, named by the setting `driver`. It is told to dial only after the
 * journal on disk says so; for each order that it was told to dial it says once what came of it,
 * from the loop or from within dial(). It never waits, and it never dials by itself.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_DRIVER_H
#define TROTH_SERVICES_DIALER_DIALER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/trace_context.h"
#include "services/dialer/dialer_journal.h"
#include "services/dialer/dialer_start.h"

struct dialer_settings;
struct http;
struct loop;
struct metrics;

enum {
    DIALER_PHONE_SIZE = 256,
    DIALER_WORDS_SIZE = 1024, /* of one sentence: opening, question, ... */
    DIALER_ITEMS_MAX = 16,
    DIALER_AGENDA_MAX = 8,
};

/* What to ask; see DialItem in proto/dialer.proto. */
struct dialer_item {
    char code[DIALER_CODE_SIZE];
    int32_t instrument; /* SurveyInstrument; 0: "solved" */
    char question[DIALER_WORDS_SIZE];
    int32_t low, high;
    char only_if[DIALER_CODE_SIZE]; /* "": always */
    int32_t only_min, only_max;
    int64_t service_case; /* that it is asked about; 0: none */
};

struct dialer_reason {
    int64_t follow_up, service_case, promise;
    char rule[32];
    int32_t trigger, purpose;
    char say[DIALER_WORDS_SIZE];
};

/* One order in memory only; number, address and words are wiped as soon as the driver has taken or
 * refused it. */
struct dialer_order {
    char key[DIALER_KEY_SIZE]; /* the same for ever: what the other side is asked by */
    int32_t channel;           /* Channel */
    char phone[DIALER_PHONE_SIZE];
    char address[DIALER_PHONE_SIZE];
    char script[32];
    char language[36];
    char opening[DIALER_WORDS_SIZE], closing[DIALER_WORDS_SIZE];
    struct dialer_item items[DIALER_ITEMS_MAX];
    size_t item_count;
    struct dialer_reason agenda[DIALER_AGENDA_MAX];
    size_t reason_count;
    int32_t attempt;
    int64_t service_case;
    int32_t promises_kept, promises_broken; /* of the case */
    int64_t start_by_us;                    /* machine time */
    int64_t arrived_us;                     /* monotonic; see dialer_start.h */
    int64_t now_us;                         /* business time of the order */
    int64_t window_end_us;                  /* business time */
    int link;                               /* which scheduler ordered it */
    char trace[TRACE_CONTEXT_SIZE];         /* of the record it follows from; "": none */
};

struct dialer_start dialer_order_start(const struct dialer_order *order);
/* Whether the item is to be asked, after what was answered so far. */
bool dialer_item_is_asked(const struct dialer_item *item, const struct dialer_result *so_far);

/* Said once for each dialed call. */
typedef void dialer_finished_fn(void *ctx, const char *key, const struct dialer_result *result);
/* stage: DialStage. Any number of times before that. */
typedef void dialer_progress_fn(void *ctx, const char *key, int32_t stage);

/* Nobody will ever know what came of it: it stays "placed" for a person to look at, and its line is
 * free again. Instead of finished(). */
typedef void dialer_given_up_fn(void *ctx, const char *key);
/* 0: never seen; else an enum dialer_entry_state. What finished() has said counts at once. */
typedef int dialer_state_fn(void *ctx, const char *key);

struct dialer_driver_context {
    struct loop *loop;
    struct http *http; /* of the process, for a driver that is called back; NULL without one */
    struct metrics *metrics;
    const struct dialer_settings *settings; /* borrowed; what reloads may change */
    dialer_finished_fn *finished;
    dialer_progress_fn *progress;
    dialer_given_up_fn *given_up;
    dialer_state_fn *state;
    void *ctx;
};

struct dialer_driver {
    const char *name;
    uint32_t channels; /* bit (1 << Channel): what it can do */
    /* NULL with err (code "setting_invalid" or "driver_unusable"): the process ends. */
    void *(*open)(const struct dialer_driver_context *context, struct err *err);
    /* Places the call; order is borrowed. The journal says already that it is placed. */
    void (*dial)(void *driver, const struct dialer_order *order);
    /* After a restart: an order that the journal has as placed, without a result. A driver that can
     * ask the other side by key does, and says finished() when it knows; else NULL, and the order
     * stays "placed" until a person looks. Never dials. */
    void (*resume)(void *driver, const char *key);
    /* What finished() has said until now stands on the disk. NULL: does not want to know. */
    void (*synced)(void *driver);
    /* Forgets calls under way without a word. */
    void (*close)(void *driver);
};

extern const struct dialer_driver dialer_simulated;
extern const struct dialer_driver dialer_webhook;
extern const struct dialer_driver dialer_asterisk;
extern const struct dialer_driver dialer_sip;
extern const struct dialer_driver dialer_mail;

#endif
