/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_head.c - what libmicrohttpd lets through and we do not.
 *
 * It decodes a path before we see it, cut at a NUL, and takes the first of several Content-Length
 * as the length; a proxy before us may take the last. Whatever two readers could read differently
 * is refused, and the connection closed: where its next request begins is nobody's guess.
 */
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "common/runtime/http_private.h"

char http_bad_uri;

/* ---- the address */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at *at, decoded, and *at behind it; -1: no such byte. */
static int next_byte(const char **at)
{
    const char *c = *at;
    if (*c != '%') {
        *at = c + 1;
        return (unsigned char)*c;
    }
    int high = hex_value(c[1]);
    int low = high < 0 ? -1 : hex_value(c[2]);
    if (low < 0) {
        return -1;
    }
    *at = c + 3;
    return high * 16 + low;
}

static bool is_control(int byte)
{
    return byte < 0x20 || byte == 0x7f;
}

/* Nobody but us may tell apart what a name in a path is and what divides two. */
static bool is_path_byte(int byte, bool is_encoded)
{
    return byte >= 0 && !is_control(byte) && byte != '\\' &&
           (is_encoded ? byte != '/' : byte < 0x7f);
}

static bool is_dots(const char *segment, size_t len)
{
    return (len == 1 && segment[0] == '.') || (len == 2 && memcmp(segment, "..", 2) == 0);
}

static bool has_dot_segment(const char *path)
{
    for (const char *at = path; *at;) {
        size_t len = strcspn(at, "/");
        if (is_dots(at, len)) {
            return true;
        }
        at += len + (at[len] == '/' ? 1 : 0);
    }
    return false;
}

static bool is_path(const char *from, size_t len)
{
    struct text decoded = {0};
    const char *at = from;
    bool is_good = len > 0 && from[0] == '/';
    while (is_good && at < from + len) {
        bool is_encoded = *at == '%';
        int byte = next_byte(&at);
        is_good = at <= from + len && is_path_byte(byte, is_encoded) && (byte != ' ' || is_encoded);
        if (is_good) {
            text_append_len(&decoded, &(char){(char)byte}, 1);
        }
    }
    is_good = is_good && text_is_utf8((struct bytes){(const uint8_t *)decoded.data, decoded.len}) &&
              !has_dot_segment(text_or_empty(&decoded));
    text_free(&decoded);
    return is_good;
}

static bool is_query(const char *from)
{
    struct text decoded = {0};
    bool is_good = true;
    for (const char *at = from; is_good && *at;) {
        is_good = !is_control((unsigned char)*at);
        int byte = next_byte(&at);
        is_good = is_good && byte > 0;
        if (is_good) {
            text_append_len(&decoded, &(char){(char)byte}, 1);
        }
    }
    is_good = is_good && text_is_utf8((struct bytes){(const uint8_t *)decoded.data, decoded.len});
    text_free(&decoded);
    return is_good;
}

void *http_on_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    (void)ctx;
    (void)connection;
    if (!uri) {
        return &http_bad_uri;
    }
    size_t len = strcspn(uri, "?");
    bool is_good = is_path(uri, len) && (uri[len] == '\0' || is_query(uri + len + 1));
    return is_good ? NULL : &http_bad_uri;
}

/* ---- headers */

struct head {
    const char *host, *length, *encoding;
    int hosts, lengths, encodings;
    bool has_bad_name;
};

/* RFC 9110, 5.6.2 */
static bool is_token(const char *name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (const char *c = name; *c; c++) {
        bool is_plain =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        if (!is_plain && !strchr(others, *c)) {
            return false;
        }
    }
    return *name != '\0';
}

static enum MHD_Result look_at(void *ctx, enum MHD_ValueKind kind, const char *name,
                               const char *value)
{
    struct head *head = ctx;
    (void)kind;
    head->has_bad_name = head->has_bad_name || !is_token(name);
    if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        head->host = value;
        head->hosts++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        head->length = value;
        head->lengths++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        head->encoding = value;
        head->encodings++;
    }
    return MHD_YES;
}

static bool is_host(const struct head *head, const char *version)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._:[]";
    if (head->hosts == 0) {
        return strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
    }
    return head->hosts == 1 && head->host && head->host[strspn(head->host, allowed)] == '\0';
}

static bool is_framed(const struct head *head, const char *version)
{
    int64_t length;
    if (head->lengths + head->encodings == 0) {
        return true;
    }
    if (head->lengths + head->encodings > 1) {
        return false;
    }
    if (head->encodings == 1) {
        return head->encoding && strcasecmp(head->encoding, "chunked") == 0 &&
               strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    }
    return text_to_int64(head->length, 0, INT64_MAX, &length) == 0;
}

const struct http_refusal *http_head_fault(struct MHD_Connection *connection, const char *version)
{
    static const struct http_refusal bad_name = {
        .status = MHD_HTTP_BAD_REQUEST,
        .code = "header_invalid",
        .text = "a header has a name that is none",
        .is_closing = true,
    };
    static const struct http_refusal bad_host = {
        .status = MHD_HTTP_BAD_REQUEST,
        .code = "host_invalid",
        .text = "one Host is needed",
        .is_closing = true,
    };
    static const struct http_refusal bad_framing = {
        .status = MHD_HTTP_BAD_REQUEST,
        .code = "length_invalid",
        .text = "either one Content-Length or Transfer-Encoding: chunked",
        .is_closing = true,
    };
    struct head head = {.hosts = 0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at, &head);
    if (head.has_bad_name) {
        return &bad_name;
    }
    if (!is_framed(&head, version)) {
        return &bad_framing;
    }
    return is_host(&head, version) ? NULL : &bad_host;
}

/* ---- the body, as announced */

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool announces_too_much(struct MHD_Connection *connection)
{
    const char *text = header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;
    return text && (text_to_int64(text, 0, INT64_MAX, &length) < 0 || length > HTTP_BODY_MAX);
}

/* "application/json", also with parameters behind a ';'. */
static bool is_type(const char *given, const char *wanted)
{
    size_t len = strlen(wanted);
    return given && strncasecmp(given, wanted, len) == 0 &&
           (given[len] == '\0' || given[len] == ';' || given[len] == ' ');
}

const struct http_refusal *http_body_fault(struct MHD_Connection *connection,
                                           const struct http_entry *entry)
{
    static const struct http_refusal too_large = {
        .status = MHD_HTTP_CONTENT_TOO_LARGE,
        .code = "request_too_large",
        .text = "at most 1 MiB",
    };
    static const struct http_refusal no_length = {
        .status = MHD_HTTP_LENGTH_REQUIRED,
        .code = "length_missing",
        .text = "Content-Length or chunks are needed",
    };
    static const struct http_refusal wrong_type = {
        .status = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
        .code = "content_type_invalid",
        .text = "the body is not of the Content-Type that is expected here, or is encoded",
    };
    if (announces_too_much(connection)) {
        return &too_large;
    }
    if (!entry->content_type) {
        return NULL;
    }
    if (!header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH) &&
        !header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
        return &no_length;
    }
    if (!is_type(header_of(connection, MHD_HTTP_HEADER_CONTENT_TYPE), entry->content_type) ||
        header_of(connection, MHD_HTTP_HEADER_CONTENT_ENCODING)) {
        return &wrong_type;
    }
    return NULL;
}
