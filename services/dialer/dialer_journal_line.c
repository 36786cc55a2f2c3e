/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_journal_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

enum {
    CHECKSUM_LEN = 16,
    LINE_MAX_LEN = 512,
    FIELDS_MAX = 6 + DIALER_ANSWERS_MAX,
};

#define MAGIC "troth-dialer-journal"

/* verb, word */
static const char *const words[] = {
    [DIALER_LINE_HEADER] = MAGIC,    [DIALER_LINE_BARRED] = "barred",
    [DIALER_LINE_PLACED] = "placed", [DIALER_LINE_FINISHED] = "finished",
    [DIALER_LINE_TAKEN] = "taken",
};

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

static bool is_made_of(const char *text, const char *letters)
{
    size_t len = text ? strlen(text) : 0;
    return len > 0 && len < DIALER_KEY_SIZE && strspn(text, letters) == len;
}

bool dialer_journal_is_key(const char *key)
{
    return is_made_of(key, LETTERS "/");
}

bool dialer_journal_line_is_name(const char *name)
{
    return is_made_of(name, LETTERS "._");
}

/* ---- out */

void dialer_journal_line_write(const struct dialer_line *line, struct buffer *out)
{
    struct text t = {.data = NULL};
    char checksum[CHECKSUM_LEN + 2];
    if (line->verb == DIALER_LINE_HEADER) {
        text_appendf(&t, "%s 1 %s %s", MAGIC, line->id, line->key);
    } else {
        text_appendf(&t, "%s %s %" PRId64, words[line->verb], line->key, line->at_us);
    }
    if (line->verb == DIALER_LINE_FINISHED) {
        const struct dialer_result *r = &line->result;
        text_appendf(&t, " %d %" PRId64 " %" PRId64, r->outcome, r->started_us, r->ended_us);
        for (size_t i = 0; i < r->answer_count; i++) {
            text_appendf(&t, " %d=%d", r->answers[i].instrument, r->answers[i].value);
        }
    }
    (void)text_format(checksum, sizeof(checksum), "%016" PRIx64 " ",
                      bytes_hash64(bytes_of_text(t.data)));
    buffer_append(out, checksum, CHECKSUM_LEN + 1);
    buffer_append(out, t.data, t.len);
    buffer_append(out, "\n", 1);
    text_free(&t);
}

/* ---- in */

struct fields {
    char copy[LINE_MAX_LEN];
    char *list[FIELDS_MAX];
    size_t count;
};

/* Cuts a copy at single blanks. Returns -1 when it is too long, or has too many or empty fields. */
static int split(struct bytes text, struct fields *ret)
{
    if (text.len == 0 || text.len >= sizeof(ret->copy) || memchr(text.data, '\0', text.len)) {
        return -1;
    }
    memcpy(ret->copy, text.data, text.len);
    ret->copy[text.len] = '\0';
    ret->count = 0;
    for (char *rest = ret->copy; rest;) {
        char *field = strsep(&rest, " ");
        if (!*field || ret->count == FIELDS_MAX) {
            return -1;
        }
        ret->list[ret->count++] = field;
    }
    return 0;
}

static int read_number(const char *text, int64_t *ret)
{
    return text_to_int64(text, INT64_MIN + 1, INT64_MAX, ret);
}

static int read_small(const char *text, int32_t *ret)
{
    int64_t n;
    if (text_to_int64(text, INT32_MIN, INT32_MAX, &n) < 0) {
        return -1;
    }
    *ret = (int32_t)n;
    return 0;
}

static int read_answer(char *field, struct dialer_result *r)
{
    char *value = strchr(field, '=');
    if (!value || r->answer_count == DIALER_ANSWERS_MAX) {
        return -1;
    }
    *value++ = '\0';
    size_t i = r->answer_count++;
    return read_small(field, &r->answers[i].instrument) < 0 ||
                   read_small(value, &r->answers[i].value) < 0
               ? -1
               : 0;
}

/* fields: verb, key, when, outcome, started, ended, answers */
static int read_result(const struct fields *f, struct dialer_result *r)
{
    if (f->count < 6 || read_small(f->list[3], &r->outcome) < 0 ||
        read_number(f->list[4], &r->started_us) < 0 || read_number(f->list[5], &r->ended_us) < 0) {
        return -1;
    }
    for (size_t i = 6; i < f->count; i++) {
        if (read_answer(f->list[i], r) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_header(const struct fields *f, struct dialer_line *line)
{
    bool is_ours = f->count == 4 && strcmp(f->list[1], "1") == 0 &&
                   text_copy(line->id, sizeof(line->id), f->list[2]) &&
                   text_copy(line->key, sizeof(line->key), f->list[3]);
    return is_ours ? 0 : -1;
}

static int read_entry(const struct fields *f, struct dialer_line *line)
{
    if (f->count < 3 || !dialer_journal_is_key(f->list[1]) ||
        !text_copy(line->key, sizeof(line->key), f->list[1]) ||
        read_number(f->list[2], &line->at_us) < 0) {
        return -1;
    }
    if (line->verb == DIALER_LINE_FINISHED) {
        return read_result(f, &line->result);
    }
    return f->count == 3 ? 0 : -1;
}

static bool has_checksum(struct bytes line)
{
    char checksum[CHECKSUM_LEN + 1];
    struct bytes text = {.data = line.data + CHECKSUM_LEN + 1, .len = line.len - CHECKSUM_LEN - 1};
    (void)text_format(checksum, sizeof(checksum), "%016" PRIx64, bytes_hash64(text));
    return memcmp(checksum, line.data, CHECKSUM_LEN) == 0 && line.data[CHECKSUM_LEN] == ' ';
}

int dialer_journal_line_read(struct bytes text, struct dialer_line *ret)
{
    struct fields f;
    struct dialer_line line = {.key = ""};
    if (text.len <= CHECKSUM_LEN + 1 || !has_checksum(text)) {
        return -1;
    }
    struct bytes rest = {.data = text.data + CHECKSUM_LEN + 1, .len = text.len - CHECKSUM_LEN - 1};
    if (split(rest, &f) < 0) {
        return -1;
    }
    for (size_t v = DIALER_LINE_HEADER; v < ARRAY_LEN(words); v++) {
        if (strcmp(f.list[0], words[v]) == 0) {
            line.verb = (enum dialer_line_verb)v;
        }
    }
    if (!line.verb ||
        (line.verb == DIALER_LINE_HEADER ? read_header(&f, &line) : read_entry(&f, &line)) < 0) {
        return -1;
    }
    *ret = line;
    return 0;
}
