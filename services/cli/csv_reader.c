/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv_reader.c - one state machine over characters; fields are collected behind each other in one
 * buffer.
 *
 * A quote inside an unquoted field is an ordinary character, as spreadsheets write it; text behind
 * a closing quote is an error, because a quote was then meant as text further up and the rows since
 * are wrong.
 */
#include "services/cli/csv_reader.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    CHUNK_BYTES = 64 * 1024
};

enum state {
    FIELD_START = 1,
    PLAIN,        /* in an unquoted field */
    QUOTED,       /* between the quotes */
    QUOTE_CLOSED, /* behind a quote that may turn out to be doubled */
};

struct csv_reader {
    FILE *in;
    char *chunk;
    size_t chunk_len;
    size_t chunk_at;
    int64_t bytes;
    size_t line; /* of the next character */
    bool is_broken;

    enum state state;
    size_t row_line;
    size_t quote_line;
    bool is_row_empty;  /* nothing but a line end so far */
    struct buffer data; /* the row's fields, each with its NUL */
    size_t *offsets;    /* of each field in data */
    const char **fields;
    size_t count;
    size_t capacity;
};

struct csv_reader *csv_reader_new(FILE *in)
{
    struct csv_reader *r = xcalloc(1, sizeof(*r));

    r->in = in;
    r->chunk = xcalloc(1, CHUNK_BYTES);
    r->line = 1;
    return r;
}

void csv_reader_free(struct csv_reader *r)
{
    if (r) {
        free(r->chunk);
        free(r->offsets);
        free(r->fields);
        buffer_free(&r->data);
        free(r);
    }
}

int64_t csv_reader_bytes(const struct csv_reader *r)
{
    return r->bytes;
}

static int fail(struct csv_reader *r, struct err *err, size_t line, const char *why)
{
    r->is_broken = true;
    return err_set(err, "csv_malformed", "line %zu: %s", line, why);
}

/* ---- characters */

/* False at the end of the input or when it cannot be read. */
static bool fill(struct csv_reader *r)
{
    r->chunk_len = fread(r->chunk, 1, CHUNK_BYTES, r->in);
    r->chunk_at = 0;
    if (r->bytes == 0 && r->chunk_len >= 3 && memcmp(r->chunk, "\xef\xbb\xbf", 3) == 0) {
        r->chunk_at = 3; /* a byte order mark, as spreadsheets write it */
    }
    r->bytes += (int64_t)r->chunk_len;
    return r->chunk_at < r->chunk_len;
}

/* The next character without taking it; EOF at the end. */
static int peek(struct csv_reader *r)
{
    if (r->chunk_at == r->chunk_len && !fill(r)) {
        return EOF;
    }
    return (unsigned char)r->chunk[r->chunk_at];
}

/* CRLF and a lone CR count as one line end, '\n'. */
static int take(struct csv_reader *r, bool is_quoted)
{
    int c = peek(r);

    if (c == EOF) {
        return EOF;
    }
    r->chunk_at++;
    if (c == '\r' && !is_quoted) {
        if (peek(r) == '\n') {
            r->chunk_at++;
        }
        c = '\n';
    }
    r->line += c == '\n';
    return c;
}

/* ---- fields */

static void begin_field(struct csv_reader *r)
{
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 32;
        r->offsets = xreallocarray(r->offsets, r->capacity, sizeof(*r->offsets));
        r->fields = xreallocarray(r->fields, r->capacity, sizeof(*r->fields));
    }
    r->offsets[r->count++] = r->data.len;
    r->state = FIELD_START;
}

static void add(struct csv_reader *r, int c)
{
    *buffer_extend(&r->data, 1) = (uint8_t)c;
}

static int check_limits(struct csv_reader *r, struct err *err)
{
    if (r->data.len > CSV_ROW_BYTES_MAX) {
        return fail(r, err, r->row_line,
                    "the row that begins here is longer than 16 MiB: is a quote not closed?");
    }
    if (r->count > CSV_FIELDS_MAX) {
        return fail(r, err, r->row_line, "the row that begins here has more than 4096 fields");
    }
    return 0;
}

/* Handles one character (or EOF). Returns 1 when the row is complete, 0 to go on, -1 on error. */
static int step(struct csv_reader *r, int c, struct err *err)
{
    if (r->state == QUOTED) {
        if (c == EOF) {
            return fail(r, err, r->quote_line, "the quote that opens here is never closed");
        }
        if (c == '"') {
            r->state = QUOTE_CLOSED;
        } else {
            add(r, c);
        }
        return 0;
    }
    if (c == '"' && r->state == FIELD_START) {
        r->state = QUOTED;
        r->quote_line = r->line;
        r->is_row_empty = false;
        return 0;
    }
    if (c == '"' && r->state == QUOTE_CLOSED) {
        add(r, c);
        r->state = QUOTED;
        return 0;
    }
    if (c == ',' || c == '\n' || c == EOF) {
        add(r, '\0');
        if (c != ',') {
            return 1;
        }
        r->is_row_empty = false;
        begin_field(r);
        return 0;
    }
    if (r->state == QUOTE_CLOSED) {
        return fail(r, err, r->line, "text behind a closing quote: was a quote not doubled?");
    }
    r->state = PLAIN;
    r->is_row_empty = false;
    add(r, c);
    return 0;
}

static int read_row(struct csv_reader *r, struct err *err)
{
    buffer_clear(&r->data);
    r->count = 0;
    r->row_line = r->line;
    r->is_row_empty = true;
    begin_field(r);
    for (;;) {
        const size_t line = r->line;
        const int c = take(r, r->state == QUOTED);
        int done;

        if (c == '\0') {
            return fail(r, err, line, "a NUL character: this is not a text file");
        }
        done = step(r, c, err);
        if (done != 0) {
            return done;
        }
        if (check_limits(r, err) < 0) {
            return -1;
        }
    }
}

int csv_reader_next(struct csv_reader *r, struct csv_row *ret_row, struct err *err)
{
    do {
        if (r->is_broken) {
            return fail(r, err, r->line, "the file cannot be read any further");
        }
        if (peek(r) == EOF) {
            return ferror(r->in) ? fail(r, err, r->line, "reading failed") : 0;
        }
        if (read_row(r, err) < 0) {
            return -1;
        }
    } while (r->is_row_empty);
    for (size_t i = 0; i < r->count; i++) {
        r->fields[i] = (const char *)r->data.data + r->offsets[i];
    }
    *ret_row = (struct csv_row){.fields = r->fields, .count = r->count, .line = r->row_line};
    return 1;
}

void csv_append_field(struct text *line, const char *field)
{
    const size_t len = strlen(field);

    if (len > 0 && !strpbrk(field, ",\"\r\n") && field[0] != ' ' && field[len - 1] != ' ') {
        text_append(line, field);
        return;
    }
    if (len == 0) {
        return;
    }
    text_append(line, "\"");
    for (const char *c = field; *c; c++) {
        text_append_len(line, c, 1);
        if (*c == '"') {
            text_append(line, "\"");
        }
    }
    text_append(line, "\"");
}
