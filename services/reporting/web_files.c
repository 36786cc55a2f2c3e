/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    FILES_MAX = 512,
    DEPTH_MAX = 4,
    ETAG_SIZE = 2 * BYTES_DIGEST_LEN + 8,
};
#define BYTES_MAX ((size_t)16 * 1024 * 1024)
#define ASSETS    "/assets/"
#define INDEX     "/index.html"

struct web_file {
    char *path; /* "/assets/x.js" */
    const char *type;
    bool is_lasting; /* its name changes with what is in it */
    bool is_part;    /* of another, which has taken what was in it */
    struct buffer plain, gzip;
    char etag[ETAG_SIZE], gzip_etag[ETAG_SIZE];
    struct web_file *next;
};

struct web_files {
    struct web_file *all;
    size_t count, bytes;
};

/* ---- what is known of names */

static const struct {
    const char *end, *type;
} types[] = {
    {".html",        "text/html; charset=utf-8"      },
    {".js",          "text/javascript; charset=utf-8"},
    {".css",         "text/css; charset=utf-8"       },
    {".svg",         "image/svg+xml"                 },
    {".png",         "image/png"                     },
    {".ico",         "image/x-icon"                  },
    {".woff2",       "font/woff2"                    },
    {".json",        "application/json"              },
    {".webmanifest", "application/manifest+json"     },
    {".txt",         "text/plain; charset=utf-8"     },
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

const char *web_files_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (ends_with(name, types[i].end)) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

/* "gzip;q=0" refuses it. */
static bool is_refused(const char *parameters, size_t len)
{
    char text[32];
    double quality;
    (void)text_format(text, sizeof(text), "%.*s", (int)len, parameters);
    const char *q = strstr(text, "q=");
    return q && text_to_double(q + 2, &quality) == 0 && quality <= 0;
}

bool web_files_takes_gzip(const char *accept)
{
    static const char name[] = "gzip";
    for (const char *at = accept; at && *at;) {
        at += strspn(at, " \t,");
        size_t len = strcspn(at, ",");
        size_t word = strcspn(at, " \t,;");
        if (word == strlen(name) && strncasecmp(at, name, word) == 0) {
            return !is_refused(at + word, len - word);
        }
        at += len;
    }
    return false;
}

/* ---- answering */

static void serve(void *ctx, const struct http_request *request, struct http_response *r)
{
    const struct web_file *f = ctx;
    bool is_gzip = f->gzip.data && web_files_takes_gzip(http_header(request, "Accept-Encoding"));
    const struct buffer *body = is_gzip ? &f->gzip : &f->plain;
    r->content_type = f->type;
    r->lasting_body = (struct bytes){body->data, body->len};
    r->etag = is_gzip ? f->gzip_etag : f->etag;
    r->cache_control = f->is_lasting ? "public, max-age=31536000, immutable" : "no-cache";
    if (f->gzip.data) {
        http_response_header(r, "Vary", "Accept-Encoding");
    }
    if (is_gzip) {
        http_response_header(r, "Content-Encoding", "gzip");
    }
}

static void say_how(void *ctx, const struct http_request *request, struct http_response *r)
{
    (void)ctx;
    (void)request;
    r->content_type = "text/html; charset=utf-8";
    text_append(&r->body,
                "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
                "<title>Troth</title></head>\n<body>\n<main>\n<h1>Troth</h1>\n"
                "<p>The dashboard is not set up. Build it with <code>make web</code> and name its "
                "folder in the setting <code>web_root</code> of troth-reporting.</p>\n"
                "<p lang=\"zh-Hans\">看板尚未配置：请运行 <code>make web</code>，并在 "
                "troth-reporting 的设置 <code>web_root</code> 中填写其目录。</p>\n"
                "</main>\n</body>\n</html>\n");
}

/* ---- reading */

static int fail(struct err *err, const char *path, const char *why)
{
    return err_set_field(err, "web_root_invalid", "web_root", "%s: %s", path, why);
}

static int read_file(struct web_files *files, int fd, struct buffer *out)
{
    uint8_t piece[65536];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) != 0) {
        if (n < 0 && errno == EINTR) {
            continue;
        }
        files->bytes += n > 0 ? (size_t)n : 0;
        if (n < 0 || files->bytes > BYTES_MAX) {
            return -1;
        }
        buffer_append(out, piece, (size_t)n);
    }
    return 0;
}

static void print_etag(const struct buffer *b, const char *end, char ret_etag[ETAG_SIZE])
{
    uint8_t digest[BYTES_DIGEST_LEN];
    char hex[2 * BYTES_DIGEST_LEN + 1];
    bytes_digest((struct bytes){b->data, b->len}, digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, hex);
    (void)text_format(ret_etag, ETAG_SIZE, "\"%s%s\"", hex, end);
}

/* Takes path over. */
static int add_file(struct web_files *files, int fd, char *path, struct err *err)
{
    struct web_file *f = xcalloc(1, sizeof(*f));
    f->path = path;
    f->type = web_files_type(path);
    f->is_lasting = strncmp(path, ASSETS, strlen(ASSETS)) == 0;
    f->next = files->all;
    files->all = f;
    files->count++;
    if (files->count > FILES_MAX || read_file(files, fd, &f->plain) < 0) {
        return fail(err, path, "it cannot be read, or all is more than 16 MiB or 512 files");
    }
    print_etag(&f->plain, "", f->etag);
    return 0;
}

static int read_folder(struct web_files *files, int folder, const char *prefix, int depth,
                       struct err *err);

/* Links are not followed: what is outside of the folder stays there. */
static int read_entry(struct web_files *files, int folder, const char *path, int depth,
                      struct err *err)
{
    struct stat st;
    int fd = openat(folder, strrchr(path, '/') + 1, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    int rc = 0;
    if (fd < 0) {
        return errno == ELOOP ? 0 : fail(err, path, strerror(errno));
    }
    if (fstat(fd, &st) < 0) {
        rc = fail(err, path, strerror(errno));
    } else if (S_ISDIR(st.st_mode) && depth > 0) {
        return read_folder(files, fd, path, depth - 1, err);
    } else if (S_ISREG(st.st_mode)) {
        rc = add_file(files, fd, xstrdup(path), err);
    }
    (void)close(fd);
    return rc;
}

/* Takes the descriptor over. */
static int read_folder(struct web_files *files, int folder, const char *prefix, int depth,
                       struct err *err)
{
    const struct dirent *entry;
    int rc = 0;
    DIR *dir = fdopendir(folder);
    if (!dir) {
        (void)close(folder);
        return fail(err, prefix, strerror(errno));
    }
    /* cppcheck-suppress readdirCalled ; a stream of this thread alone */
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of this thread alone
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        struct text path = {0};
        if (entry->d_name[0] == '.') {
            continue;
        }
        text_appendf(&path, "%s/%s", prefix, entry->d_name);
        rc = read_entry(files, dirfd(dir), path.data, depth, err);
        text_free(&path);
    }
    (void)closedir(dir);
    return rc;
}

static struct web_file *find(const struct web_files *files, const char *path, size_t len)
{
    for (struct web_file *f = files->all; f; f = f->next) {
        if (strlen(f->path) == len && memcmp(f->path, path, len) == 0) {
            return f;
        }
    }
    return NULL;
}

/* "x.gz" becomes a part of "x". One without an "x" stays what it is. */
static void pair_up(struct web_files *files)
{
    for (struct web_file *f = files->all; f; f = f->next) {
        struct web_file *of =
            ends_with(f->path, ".gz") ? find(files, f->path, strlen(f->path) - 3) : NULL;
        if (of) {
            of->gzip = f->plain;
            f->plain = (struct buffer){.data = NULL};
            f->is_part = true;
            print_etag(&of->gzip, "-gz", of->gzip_etag);
        }
    }
}

static int load(struct web_files *files, const char *folder, struct err *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail(err, folder, strerror(errno));
    }
    if (read_folder(files, fd, "", DEPTH_MAX, err) < 0) {
        return -1;
    }
    pair_up(files);
    return find(files, INDEX, strlen(INDEX)) ? 0 : fail(err, folder, "there is no index.html");
}

struct web_files *web_files_new(struct http *h, const char *folder, struct err *err)
{
    struct web_files *files = xcalloc(1, sizeof(*files));
    if (text_is_empty(folder)) {
        http_route(h, "GET", "/", say_how, files);
        return files;
    }
    if (load(files, folder, err) < 0) {
        web_files_free(files);
        return NULL;
    }
    for (struct web_file *f = files->all; f; f = f->next) {
        if (!f->is_part) {
            http_route(h, "GET", f->path, serve, f);
        }
    }
    http_route(h, "GET", "/", serve, find(files, INDEX, strlen(INDEX)));
    return files;
}

void web_files_free(struct web_files *files)
{
    if (!files) {
        return;
    }
    for (struct web_file *f = files->all, *next; f; f = next) {
        next = f->next;
        free(f->path);
        buffer_free(&f->plain);
        buffer_free(&f->gzip);
        free(f);
    }
    free(files);
}
