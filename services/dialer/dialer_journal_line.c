/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_journal_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

enum {
    CHECKSUM_LEN = 16,
    LINE_MAX_LEN = 256 + DIALER_RESULT_TEXT_SIZE,
    FIELDS_MAX = 4, /* the last one of a result is all the rest */
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
        text_appendf(&t, "%s 2 %s %s", MAGIC, line->id, line->key);
    } else {
        text_appendf(&t, "%s %s %" PRId64, words[line->verb], line->key, line->at_us);
    }
    if (line->verb == DIALER_LINE_FINISHED) {
        text_appendf(&t, " %s", line->result);
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

/* Cuts a copy at single blanks, a result's from the front. Returns -1 when it is too long, or a
 * field is empty. */
static int split(struct bytes text, struct fields *ret)
{
    if (text.len == 0 || text.len >= sizeof(ret->copy) || memchr(text.data, '\0', text.len)) {
        return -1;
    }
    memcpy(ret->copy, text.data, text.len);
    ret->copy[text.len] = '\0';
    ret->count = 0;
    for (char *rest = ret->copy; rest;) {
        char *field = ret->count < FIELDS_MAX - 1 ? strsep(&rest, " ") : rest;
        if (!*field) {
            return -1;
        }
        ret->list[ret->count++] = field;
        rest = ret->count < FIELDS_MAX ? rest : NULL;
    }
    return 0;
}

static int read_number(const char *text, int64_t *ret)
{
    return text_to_int64(text, INT64_MIN + 1, INT64_MAX, ret);
}

/* fields: verb, key, when, result */
static int read_result(const struct fields *f, struct dialer_line *line)
{
    struct dialer_result r;
    return f->count == 4 && dialer_result_read(f->list[3], NULL, &r) == 0 &&
                   text_copy(line->result, sizeof(line->result), f->list[3])
               ? 0
               : -1;
}

static int read_header(const struct fields *f, struct dialer_line *line)
{
    bool is_ours = f->count == 4 &&
                   (strcmp(f->list[1], "1") == 0 || strcmp(f->list[1], "2") == 0) &&
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
        return read_result(f, line);
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
