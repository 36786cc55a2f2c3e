/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_message.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

const char *ami_message_get(const struct ami_message *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcasecmp(m->headers[i].name, name) == 0) {
            return m->headers[i].value;
        }
    }
    return "";
}

/* Forgets what was read: a buffer does not grow with the age of its connection. */
static void drop_taken(struct ami_reader *r)
{
    if (r->taken > 0) {
        size_t left = r->buffer.len - r->taken;
        memmove(r->buffer.data, r->buffer.data + r->taken, left);
        explicit_bzero(r->buffer.data + left, r->taken);
        r->buffer.len = left;
        r->taken = 0;
    }
}

void ami_reader_feed(struct ami_reader *r, const void *data, size_t len)
{
    drop_taken(r);
    buffer_append(&r->buffer, data, len);
}

void ami_reader_free(struct ami_reader *r)
{
    if (r->buffer.data) {
        explicit_bzero(r->buffer.data, r->buffer.len);
    }
    buffer_free(&r->buffer);
    *r = (struct ami_reader){.taken = 0};
}

/* The line that begins at *at, cut off with a NUL, or NULL when its end has not come. */
static char *take_line(struct ami_reader *r, size_t *at)
{
    char *line = (char *)r->buffer.data + *at;
    char *end = r->buffer.len > *at ? memchr(line, '\n', r->buffer.len - *at) : NULL;
    if (!end) {
        return NULL;
    }
    *at += (size_t)(end - line) + 1;
    *end = '\0';
    if (end > line && end[-1] == '\r') {
        end[-1] = '\0';
    }
    return line;
}

static void add_header(struct ami_message *m, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon || m->count == AMI_HEADERS_MAX) {
        return;
    }
    *colon = '\0';
    char *value = colon + 1;
    m->headers[m->count].name = line;
    m->headers[m->count++].value = value + strspn(value, " ");
}

/* Where the message that begins at at ends: after its empty line; 0: it has not come yet. Looks
 * before anything is cut, for an incomplete message is looked at again. */
static size_t find_end(const struct ami_reader *r, size_t at)
{
    const uint8_t *data = r->buffer.data;
    size_t line = at;
    for (size_t i = at; i < r->buffer.len; i++) {
        if (data[i] != '\n') {
            continue;
        }
        if (i == line || (i == line + 1 && data[line] == '\r')) {
            return i + 1;
        }
        line = i + 1;
    }
    return 0;
}

static int take_greeting(struct ami_reader *r, struct err *err)
{
    static const char wanted[] = "Asterisk Call Manager";
    size_t at = r->taken;
    const char *line = take_line(r, &at);
    if (!line) {
        return r->buffer.len - r->taken > sizeof(wanted) * 4
                   ? err_set(err, "ami_unreadable", "the greeting is too long")
                   : 0;
    }
    if (strncmp(line, wanted, sizeof(wanted) - 1) != 0) {
        return err_set(err, "ami_unreadable", "the greeting is not that of Asterisk's manager");
    }
    r->has_greeting = true;
    r->taken = at;
    return 1;
}

int ami_reader_next(struct ami_reader *r, struct ami_message *ret_message, struct err *err)
{
    if (!r->has_greeting) {
        int rc = take_greeting(r, err);
        if (rc <= 0) {
            return rc;
        }
    }
    size_t end = find_end(r, r->taken);
    if (end == 0) {
        return r->buffer.len - r->taken > AMI_MESSAGE_MAX
                   ? err_set(err, "ami_unreadable", "a message is longer than %d bytes",
                             AMI_MESSAGE_MAX)
                   : 0;
    }
    ret_message->count = 0;
    for (size_t at = r->taken; at < end;) {
        add_header(ret_message, take_line(r, &at));
    }
    r->taken = end;
    return 1;
}

void ami_action_begin(struct text *out, const char *action, const char *id)
{
    text_appendf(out, "Action: %s\r\nActionID: %s\r\n", action, id);
}

int ami_action_add(struct text *out, const char *name, const char *value)
{
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return -1;
        }
    }
    text_appendf(out, "%s: %s\r\n", name, value);
    return 0;
}

void ami_action_end(struct text *out)
{
    text_append(out, "\r\n");
}
