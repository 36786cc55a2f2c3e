/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - composes a line on the stack and hands it to the kernel with one write(2).
 *
 * One write, and not longer than PIPE_BUF: lines of several processes (or of the authenticator's
 * thread) that share one pipe never mix. What does not fit is left out and the line says so. No
 * allocation: this also reports out of memory.
 */
#include "common/base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/base/text.h"

/* Atomic: read by the authenticator's thread while a reload may change it. */
static atomic_int minimum_level = LOG_INFO;
static const char *service_name = "troth";

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
};

/* The longer form closes the quotes that the cut left open. */
static const char cut_mark[] = " cut=1\n";
static const char cut_mark_in_quotes[] = "\" cut=1\n";

struct line {
    char data[PIPE_BUF];
    size_t len;
    bool is_cut;
    bool is_in_quotes; /* stays set when the cut came before the closing quote */
};

int log_level_parse(const char *text, enum log_level *ret_level)
{
    for (size_t i = LOG_DEBUG; text && i < ARRAY_LEN(level_names); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

void log_set_level(enum log_level level)
{
    atomic_store(&minimum_level, (int)level);
}

void log_set_service(const char *name)
{
    service_name = name;
}

/* All or nothing, so that neither an escape nor a code point is cut in two; always leaves room for
 * the mark. */
static void put(struct line *line, const char *data, size_t len)
{
    if (line->is_cut || len > sizeof(line->data) - sizeof(cut_mark_in_quotes) - line->len) {
        line->is_cut = true;
        return;
    }
    memcpy(line->data + line->len, data, len);
    line->len += len;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* Plain as logfmt readers understand it: no blank, no quote, no '=', no control character. */
static bool needs_quotes(const char *value)
{
    for (const char *p = value; *p; p++) {
        unsigned char c = (unsigned char)*p;

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') {
            return true;
        }
    }
    return false;
}

static void put_code(struct line *line, unsigned code)
{
    char escape[8];

    text_format(escape, sizeof(escape), "\\u%04x", code);
    put_text(line, escape);
}

static void put_ascii(struct line *line, char c)
{
    switch (c) {
    case '"':
        put_text(line, "\\\"");
        break;
    case '\\':
        put_text(line, "\\\\");
        break;
    case '\n':
        put_text(line, "\\n");
        break;
    case '\r':
        put_text(line, "\\r");
        break;
    case '\t':
        put_text(line, "\\t");
        break;
    default:
        if (c < ' ' || c == 0x7f) {
            put_code(line, (unsigned char)c);
        } else {
            put(line, &c, 1);
        }
    }
}

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0xe0) {
        return 2;
    }
    return lead < 0xf0 ? 3 : 4;
}

/* A line must never steer the terminal that shows it: C0, DEL and C1 (U+0080 to U+009F) are
 * escaped. */
static void put_quoted(struct line *line, const char *value)
{
    bool is_utf8 = text_is_utf8(bytes_of_text(value));
    const char *p = value;

    put_text(line, "\"");
    line->is_in_quotes = !line->is_cut;
    while (*p) {
        unsigned char lead = (unsigned char)*p;
        size_t length = 1;

        if (lead < 0x80) {
            put_ascii(line, *p);
        } else if (!is_utf8) {
            put_code(line, 0xfffd);
        } else if (lead == 0xc2 && (unsigned char)p[1] < 0xa0) {
            put_code(line, (unsigned char)p[1]);
            length = 2;
        } else {
            length = sequence_length(lead);
            put(line, p, length);
        }
        p += length;
    }
    put_text(line, "\"");
    line->is_in_quotes = line->is_in_quotes && line->is_cut;
}

static void put_field(struct line *line, const char *key, const char *value)
{
    put_text(line, line->len > 0 ? " " : "");
    put_text(line, key);
    put_text(line, "=");
    if (!value) {
        return;
    }
    if (needs_quotes(value)) {
        put_quoted(line, value);
    } else {
        put_text(line, value);
    }
}

static void put_number(struct line *line, const char *key, int64_t number)
{
    char digits[24];

    text_format(digits, sizeof(digits), "%lld", (long long)number);
    put_field(line, key, digits);
}

static void end_line(struct line *line)
{
    const char *end = "\n";

    if (line->is_cut) {
        end = line->is_in_quotes ? cut_mark_in_quotes : cut_mark;
    }
    memcpy(line->data + line->len, end, strlen(end));
    line->len += strlen(end);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    int saved_errno = errno;
    char now[INSTANT_TEXT_SIZE];
    struct line line;
    ssize_t written;

    if ((int)level < atomic_load(&minimum_level)) {
        return;
    }
    line.len = 0;
    line.is_cut = false;
    line.is_in_quotes = false;
    put_field(&line, "time", instant_format(instant_now_us(), now));
    put_field(&line, "level", level_names[level]);
    put_field(&line, "service", service_name);
    put_field(&line, "event", event);
    for (const struct log_field *f = fields; f->type != LOG_FIELD_END; f++) {
        if (f->type == LOG_FIELD_INT) {
            put_number(&line, f->key, f->number);
        } else {
            put_field(&line, f->key, f->text);
        }
    }
    end_line(&line);
    do { /* a reader that is slow or gone costs the line, never the process */
        written = write(STDERR_FILENO, line.data, line.len);
    } while (written < 0 && errno == EINTR);
    errno = saved_errno;
}

void fatal(const char *event, const struct err *err)
{
    log_error(event, LOG_ERR(err));
    exit(EXIT_FAILURE);
}

void bug_at(const char *file, int line, const char *what)
{
    log_error("bug", LOG_TEXT("file", file), LOG_INT("line", line), LOG_TEXT("what", what));
    abort();
}
