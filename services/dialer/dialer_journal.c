/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_journal.c - the index in memory, the file behind it.
 *
 * Opening reads the whole file, cuts off a torn last line, and, when much of it is old, writes what
 * still matters into a new file that takes the place of the old one. The lock is on the file: after
 * a change of files it is looked at again, so that two dialers never hold two files of one name.
 */
#include "services/dialer/dialer_journal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <utlist.h>

#include "common/base/bytes.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/dialer/dialer_journal_file.h"
#include "services/dialer/dialer_journal_line.h"
#include "services/dialer/dialer_result.h"

enum {
    OLD_MAX = 1000, /* entries that may be left out before the file is written again */
};

struct dialer_journal {
    struct dialer_journal_file file;
    const struct seal_box *box;
    char id[DIALER_JOURNAL_ID_SIZE];
    char name[DIALER_KEY_SIZE];
    struct dialer_entry *entries; /* by key */
    struct dialer_entry *newest;
    struct dialer_entry *untaken;
    struct buffer unwritten;
};

/* ---- the index */

// NOLINTNEXTLINE(readability-function-size): one macro of uthash
struct dialer_entry *dialer_journal_find(struct dialer_journal *j, const char *key)
{
    struct dialer_entry *e = NULL;
    HASH_FIND_STR(j->entries, key, e);
    return e;
}

// NOLINTNEXTLINE(readability-function-size): one macro of uthash
static void index_add(struct dialer_journal *j, struct dialer_entry *e)
{
    HASH_ADD_STR(j->entries, key, e);
}

// NOLINTNEXTLINE(readability-function-size): one macro of uthash
static void index_remove(struct dialer_journal *j, struct dialer_entry *e)
{
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is in a table has one
    HASH_DEL(j->entries, e);
}

struct dialer_entry *dialer_journal_untaken(struct dialer_journal *j)
{
    return j->untaken;
}

const char *dialer_journal_id(const struct dialer_journal *j)
{
    return j->id;
}

size_t dialer_journal_count(const struct dialer_journal *j)
{
    return HASH_COUNT(j->entries);
}

struct dialer_entry *dialer_journal_newest(struct dialer_journal *j)
{
    return j->newest;
}

int dialer_journal_result(const struct dialer_journal *j, const struct dialer_entry *e,
                          struct dialer_result *ret)
{
    if (e->state != DIALER_FINISHED) {
        BUG("only a finished call has a result");
    }
    return dialer_result_read(e->result, j->box, ret); /* that it is one was seen without the box */
}

static void free_entry(struct dialer_entry *e)
{
    free(e->result);
    free(e);
}

static struct dialer_entry *add_entry(struct dialer_journal *j, const char *key,
                                      enum dialer_entry_state state, int64_t at_us)
{
    struct dialer_entry *e = xcalloc(1, sizeof(*e));
    (void)text_copy(e->key, sizeof(e->key), key);
    e->state = state;
    e->at_us = at_us;
    e->older = j->newest;
    j->newest = e;
    index_add(j, e);
    return e;
}

/* text is of the journal's own form. */
static void set_finished(struct dialer_journal *j, struct dialer_entry *e, const char *text,
                         int64_t at_us)
{
    struct dialer_result result = {.outcome = 0};
    if (dialer_result_read(text, NULL, &result) < 0) {
        BUG("a result was written that cannot be read");
    }
    e->state = DIALER_FINISHED;
    e->outcome = result.outcome;
    e->result = xstrdup(text);
    e->at_us = at_us;
    DL_APPEND(j->untaken, e);
}

static void set_taken(struct dialer_journal *j, struct dialer_entry *e)
{
    e->is_taken = true;
    DL_DELETE(j->untaken, e);
}

/* ---- entries */

static void write_line(struct dialer_journal *j, enum dialer_line_verb verb,
                       const struct dialer_entry *e, int64_t at_us)
{
    struct dialer_line line = {.verb = verb, .at_us = at_us};
    (void)text_copy(line.key, sizeof(line.key), e->key);
    if (e->result) {
        (void)text_copy(line.result, sizeof(line.result), e->result);
    }
    dialer_journal_line_write(&line, &j->unwritten);
}

struct dialer_entry *dialer_journal_bar(struct dialer_journal *j, const char *key, int64_t now_us)
{
    if (!dialer_journal_is_key(key) || dialer_journal_find(j, key)) {
        BUG("only a new key can be barred");
    }
    struct dialer_entry *e = add_entry(j, key, DIALER_BARRED, now_us);
    write_line(j, DIALER_LINE_BARRED, e, now_us);
    return e;
}

struct dialer_entry *dialer_journal_place(struct dialer_journal *j, const char *key, int64_t now_us)
{
    if (!dialer_journal_is_key(key) || dialer_journal_find(j, key)) {
        BUG("only a new key can be placed");
    }
    struct dialer_entry *e = add_entry(j, key, DIALER_PLACED, now_us);
    write_line(j, DIALER_LINE_PLACED, e, now_us);
    return e;
}

void dialer_journal_finish(struct dialer_journal *j, struct dialer_entry *e,
                           const struct dialer_result *result, int64_t now_us)
{
    if (e->state != DIALER_PLACED) {
        BUG("only a placed call can finish");
    }
    struct text text = {.data = NULL};
    dialer_result_write(result, j->box, &text);
    set_finished(j, e, text.data, now_us);
    text_free(&text);
    write_line(j, DIALER_LINE_FINISHED, e, now_us);
}

void dialer_journal_take(struct dialer_journal *j, struct dialer_entry *e, int64_t now_us)
{
    if (e->state != DIALER_FINISHED || e->is_taken) {
        BUG("only a result that waits can be taken");
    }
    set_taken(j, e);
    write_line(j, DIALER_LINE_TAKEN, e, now_us);
}

int dialer_journal_sync(struct dialer_journal *j, struct err *err)
{
    if (j->unwritten.len == 0) {
        return 0;
    }
    if (dialer_journal_file_append(&j->file, &j->unwritten, err) < 0) {
        return -1;
    }
    buffer_clear(&j->unwritten);
    return 0;
}

/* ---- reading */

/* Returns -1 when the line cannot follow those before it. */
static int replay(struct dialer_journal *j, const struct dialer_line *line)
{
    struct dialer_entry *e = dialer_journal_find(j, line->key);
    switch (line->verb) {
    case DIALER_LINE_BARRED:
    case DIALER_LINE_PLACED:
        if (e) {
            return -1;
        }
        (void)add_entry(j, line->key,
                        line->verb == DIALER_LINE_BARRED ? DIALER_BARRED : DIALER_PLACED,
                        line->at_us);
        return 0;
    case DIALER_LINE_FINISHED:
        if (!e || e->state != DIALER_PLACED) {
            return -1;
        }
        set_finished(j, e, line->result, line->at_us);
        return 0;
    case DIALER_LINE_TAKEN:
        if (!e || e->state != DIALER_FINISHED || e->is_taken) {
            return -1;
        }
        set_taken(j, e);
        return 0;
    case DIALER_LINE_HEADER:
        break;
    }
    return -1;
}

static int read_header(struct dialer_journal *j, const struct dialer_line *line, struct err *err)
{
    if (line->verb != DIALER_LINE_HEADER) {
        return err_set(err, "journal_damaged", "%s does not begin as a journal", j->file.path);
    }
    if (strcmp(line->key, j->name) != 0) {
        return err_set(err, "journal_of_another", "%s is the journal of the dialer \"%s\"",
                       j->file.path, line->key);
    }
    (void)text_copy(j->id, sizeof(j->id), line->id);
    return 0;
}

static int refuse_line(const struct dialer_journal *j, size_t number, struct err *err)
{
    return err_set(err, "journal_damaged",
                   "line %zu of %s is damaged: with the file moved away, its orders are listed for "
                   "a person",
                   number, j->file.path);
}

/* What a crash has left of the last line is without its end, and the order was not followed yet. A
 * whole line with another last byte was: there the line end is what was damaged. */
static bool is_torn(struct bytes rest)
{
    struct dialer_line line;
    return memchr(rest.data, '\n', rest.len) == NULL &&
           dialer_journal_line_read((struct bytes){rest.data, rest.len - 1}, &line) < 0;
}

/* Fills the index; ret_len is how much of the file holds whole lines. */
static int replay_all(struct dialer_journal *j, const struct buffer *file, size_t *ret_len,
                      struct err *err)
{
    size_t at = 0;
    for (size_t number = 1; at < file->len; number++) {
        struct bytes rest = {.data = file->data + at, .len = file->len - at};
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        struct bytes text = {.data = rest.data, .len = end ? (size_t)(end - rest.data) : 0};
        struct dialer_line line;
        if (is_torn(rest)) {
            break;
        }
        if (!end || dialer_journal_line_read(text, &line) < 0) {
            return refuse_line(j, number, err);
        }
        if (number == 1) {
            if (read_header(j, &line, err) < 0) {
                return -1;
            }
        } else if (replay(j, &line) < 0) {
            return refuse_line(j, number, err);
        }
        at += text.len + 1;
    }
    *ret_len = at;
    return 0;
}

/* ---- writing the file again */

static void write_header(struct dialer_journal *j)
{
    struct dialer_line line = {.verb = DIALER_LINE_HEADER};
    (void)text_copy(line.key, sizeof(line.key), j->name);
    (void)text_copy(line.id, sizeof(line.id), j->id);
    dialer_journal_line_write(&line, &j->unwritten);
}

static int begin_file(struct dialer_journal *j, struct err *err)
{
    uint8_t id[(DIALER_JOURNAL_ID_SIZE - 1) / 2];
    randombytes_buf(id, sizeof(id));
    bytes_to_hex((struct bytes){.data = id, .len = sizeof(id)}, j->id);
    write_header(j);
    return dialer_journal_sync(j, err) < 0 || dialer_journal_file_sync_folder(&j->file, err) < 0
               ? -1
               : 0;
}

static bool is_old(const struct dialer_entry *e, int64_t before_us)
{
    bool is_over = e->state == DIALER_BARRED || (e->state == DIALER_FINISHED && e->is_taken);
    return is_over && e->at_us < before_us;
}

static void write_entry(struct dialer_journal *j, const struct dialer_entry *e)
{
    if (e->state == DIALER_BARRED) {
        write_line(j, DIALER_LINE_BARRED, e, e->at_us);
        return;
    }
    write_line(j, DIALER_LINE_PLACED, e, e->at_us);
    if (e->state == DIALER_FINISHED) {
        write_line(j, DIALER_LINE_FINISHED, e, e->at_us);
    }
    if (e->is_taken) {
        write_line(j, DIALER_LINE_TAKEN, e, e->at_us);
    }
}

static size_t count_old(const struct dialer_journal *j, int64_t before_us)
{
    size_t count = 0;
    for (const struct dialer_entry *e = j->newest; e; e = e->older) {
        count += is_old(e, before_us) ? 1 : 0;
    }
    return count;
}

/* The new file has the entries in another order, which nobody looks at: those of one key stay
 * together. */
static int leave_out_old(struct dialer_journal *j, int64_t before_us, struct err *err)
{
    if (count_old(j, before_us) <= OLD_MAX) {
        return 0;
    }
    write_header(j);
    for (struct dialer_entry **at = &j->newest; *at;) {
        struct dialer_entry *e = *at;
        if (is_old(e, before_us)) {
            *at = e->older;
            index_remove(j, e);
            free_entry(e);
        } else {
            write_entry(j, e);
            at = &e->older;
        }
    }
    int rc = dialer_journal_file_replace(&j->file, &j->unwritten, err);
    buffer_clear(&j->unwritten);
    return rc;
}

/* ---- life */

static int load(struct dialer_journal *j, const struct dialer_journal_options *options,
                struct err *err)
{
    struct buffer file = {.data = NULL};
    size_t good_len = 0;
    int rc = dialer_journal_file_read(&j->file, &file, err);
    if (rc == 0) {
        rc = replay_all(j, &file, &good_len, err);
    }
    if (rc == 0 && good_len < file.len) {
        log_warning("journal_was_torn", LOG_TEXT("path", j->file.path),
                    LOG_INT("bytes", file.len - good_len));
        rc = dialer_journal_file_cut(&j->file, good_len, err);
    }
    buffer_free(&file);
    if (rc < 0) {
        return -1;
    }
    /* Who wrote the last lines may have died before he forced them to the disk; we go by them. */
    if (good_len > 0 && dialer_journal_file_sync(&j->file, err) < 0) {
        return -1;
    }
    return good_len == 0 ? begin_file(j, err)
                         : leave_out_old(j, options->now_us - options->keep_for_us, err);
}

struct dialer_journal *dialer_journal_open(const struct dialer_journal_options *options,
                                           struct err *err)
{
    if (!dialer_journal_line_is_name(options->name)) {
        (void)err_set_field(err, "setting_invalid", "name",
                            "a dialer's name is made of 1 to %d letters, digits, '.', '_' and '-'",
                            DIALER_KEY_SIZE - 1);
        return NULL;
    }
    struct dialer_journal *j = xcalloc(1, sizeof(*j));
    j->box = options->box;
    (void)text_copy(j->name, sizeof(j->name), options->name);
    if (dialer_journal_file_open(&j->file, options->path, options->io, err) < 0 ||
        load(j, options, err) < 0) {
        dialer_journal_close(j);
        return NULL;
    }
    return j;
}

void dialer_journal_close(struct dialer_journal *j)
{
    if (!j) {
        return;
    }
    HASH_CLEAR(hh, j->entries);
    while (j->newest) {
        struct dialer_entry *e = j->newest;
        j->newest = e->older;
        free_entry(e);
    }
    dialer_journal_file_close(&j->file);
    buffer_free(&j->unwritten);
    free(j);
}
