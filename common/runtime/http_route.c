/* SPDX-License-Identifier: Apache-2.0 */
/* http_route.c - which entry a path belongs to. */
#include <limits.h>
#include <string.h>

#include "common/runtime/http_private.h"

/* An entry with '*' comes before every prefix, whose length counts. */
enum {
    EXACT = INT_MAX,
    PATTERN = INT_MAX / 2,
};

static size_t segment_len(const char *at)
{
    return strcspn(at, "/");
}

/* How well the entry fits, 0: not at all. */
static int fit(const struct http_entry *e, const char *path, const char **ret_rest)
{
    const char *star = strchr(e->path, '*');
    size_t len = star ? (size_t)(star - e->path) : strlen(e->path);
    if (strncmp(e->path, path, len) != 0) {
        return 0;
    }
    *ret_rest = path + len;
    if (star) {
        size_t any = segment_len(path + len);
        return any > 0 && strcmp(star + 1, path + len + any) == 0 ? PATTERN + (int)strlen(e->path)
                                                                  : 0;
    }
    if (path[len] == '\0') {
        return EXACT;
    }
    return e->is_prefix ? (int)len : 0;
}

static bool is_method(const struct http_entry *e, const char *method)
{
    const char *wanted = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET : method;
    return strcmp(e->method, wanted) == 0;
}

static void add_method(struct http_allow *allow, const char *method)
{
    char before[sizeof(allow->text)];
    (void)text_copy(before, sizeof(before), allow->text);
    (void)text_format(allow->text, sizeof(allow->text), "%s%s%s%s", before, before[0] ? ", " : "",
                      method, strcmp(method, MHD_HTTP_METHOD_GET) == 0 ? ", HEAD" : "");
}

struct http_entry *http_find_entry(const struct http *h, const char *method, const char *path,
                                   const char **ret_rest, struct http_allow *ret_allow)
{
    struct http_entry *found = NULL;
    const char *rest, *best_rest = "";
    int best = 0;
    *ret_allow = (struct http_allow){.text = ""};
    for (struct http_entry *e = h->entries; e; e = e->next) {
        int n = fit(e, path, &rest);
        if (n == 0 || n < best) {
            continue;
        }
        if (n > best) {
            found = NULL;
            *ret_allow = (struct http_allow){.text = ""};
            best = n;
            best_rest = rest;
        }
        if (!found && is_method(e, method)) {
            found = e;
        }
        add_method(ret_allow, e->method);
    }
    if (found) {
        *ret_rest = best_rest;
    }
    return found;
}
