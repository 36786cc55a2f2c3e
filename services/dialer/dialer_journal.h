/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_journal.h - the dialer's own memory: which orders it has placed, finished or barred. What
 * makes one dial per order hold across crashes.
 *
 * A text file that only grows, one entry per line, each with a checksum in front:
 *
 *   troth-dialer-journal 2 <id> <name>   the first line; the id is made with the file
 *   barred <order> <when>
 *   placed <order> <when>                on the disk before the call is dialed
 *   finished <order> <when> <result>     see dialer_result.h
 *   taken <order> <when>                 the scheduler has committed the result
 *
 * Instants are microseconds since 1970; <when> is machine time. No name, number or comment of a
 * customer can be read here. Files of version 1, whose answers have no codes, are read and gone on
 * with. A last line without its end was torn by a crash and is cut off: what it was to announce has
 * not begun. Any other bad line, the last one too, ends the start: an order that is forgotten would
 * be dialed twice, so a person decides. Deleting the file makes a new id, by which
 * the scheduler knows that nothing is known about older orders.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_JOURNAL_H
#define TROTH_SERVICES_DIALER_DIALER_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/err.h"
#include "common/base/hash_table.h"

struct seal_box;

#define DIALER_KEY_SIZE        64
#define DIALER_JOURNAL_ID_SIZE 33
#define DIALER_CODE_SIZE       33
#define DIALER_NOTE_SIZE       1024
#define DIALER_ANSWERS_MAX     16

enum dialer_entry_state {
    DIALER_BARRED = 1, /* never dialed and never will be */
    DIALER_PLACED,     /* dialed, or about to be when we died */
    DIALER_FINISHED,
};

struct dialer_result {
    int32_t outcome;              /* CallOutcome */
    int64_t started_us, ended_us; /* business time */
    struct {
        char code[DIALER_CODE_SIZE]; /* of the item */
        int32_t instrument;          /* SurveyInstrument */
        int32_t value;
    } answers[DIALER_ANSWERS_MAX];
    size_t answer_count;
    int64_t call_back_us;        /* business time; 0: not asked for */
    int32_t refusal;             /* DialRefusal */
    char language[36];           /* that the customer speaks; "": as ordered */
    char note[DIALER_NOTE_SIZE]; /* personal: sealed in the journal */
    char new_phone[64];          /* personal: sealed in the journal */
};

struct dialer_entry {
    char key[DIALER_KEY_SIZE];
    enum dialer_entry_state state;
    int64_t at_us;
    int32_t outcome; /* of FINISHED */
    char *result;    /* of FINISHED: its text, for dialer_journal_result() */
    bool is_taken;
    bool is_interrupted;              /* placed, and nobody looks after it; in memory only */
    bool is_held;                     /* its result cannot be opened; in memory only */
    bool has_line;                    /* we dialed it, and it goes on; in memory only */
    int link;                         /* which scheduler ordered it; in memory only */
    int64_t sent_us;                  /* monotonic: when the result was sent last; in memory only */
    struct dialer_entry *prev, *next; /* finished and not taken */
    struct dialer_entry *older;       /* all of them, the newest first; those that were read count
                                         as older */
    UT_hash_handle hh;
};

struct dialer_journal;

/* How the file is written; tests put theirs in between. */
struct dialer_journal_io {
    void *ctx;
    ssize_t (*write)(void *ctx, int fd, const void *data, size_t len);
    int (*sync)(void *ctx, int fd);
};

struct dialer_journal_options {
    const char *path;
    const char *name;    /* of the dialer: 1 to 63 letters, digits, '.', '_' or '-' */
    int64_t keep_for_us; /* taken and barred entries older than this are left out when the file is
                            opened */
    int64_t now_us;      /* machine time */
    const struct dialer_journal_io *io; /* NULL: the real ones */
    const struct seal_box *box; /* of our own key, borrowed; NULL: what is personal is not kept */
};

/* Opens or makes the file and locks it. NULL with err: journal_unusable, journal_in_use,
 * journal_damaged, journal_of_another. */
struct dialer_journal *dialer_journal_open(const struct dialer_journal_options *options,
                                           struct err *err);
void dialer_journal_close(struct dialer_journal *j); /* NULL is fine; does not sync */

const char *dialer_journal_id(const struct dialer_journal *j);
size_t dialer_journal_count(const struct dialer_journal *j);

/* A key that can stand in the journal: 1 to 63 letters, digits, '-' and '/'. */
bool dialer_journal_is_key(const char *key);
struct dialer_entry *dialer_journal_find(struct dialer_journal *j,
                                         const char *key); /* NULL: never seen */
/* Finished and not taken, the oldest first; a list by next. */
struct dialer_entry *dialer_journal_untaken(struct dialer_journal *j);

/* All entries: a list by older. */
struct dialer_entry *dialer_journal_newest(struct dialer_journal *j);
/* Of a finished one. Returns 0, or -1: what is personal in it opens with no pair of the box. */
MUST_CHECK int dialer_journal_result(const struct dialer_journal *j, const struct dialer_entry *e,
                                     struct dialer_result *ret);

/* Entries of keys that were never seen (bar, place), placed (finish) or finished (take); other
 * states are our bug. They hold for us at once and for others after dialer_journal_sync(): do
 * nothing because of an entry before that. */
struct dialer_entry *dialer_journal_bar(struct dialer_journal *j, const char *key, int64_t now_us);
struct dialer_entry *dialer_journal_place(struct dialer_journal *j, const char *key,
                                          int64_t now_us);
void dialer_journal_finish(struct dialer_journal *j, struct dialer_entry *e,
                           const struct dialer_result *result, int64_t now_us);
void dialer_journal_take(struct dialer_journal *j, struct dialer_entry *e, int64_t now_us);

/* Writes what was added since and forces it to the disk. Returns 0, or -1: what is on the disk is
 * then not known, and the only right thing is to end the process. */
MUST_CHECK int dialer_journal_sync(struct dialer_journal *j, struct err *err);

#endif
