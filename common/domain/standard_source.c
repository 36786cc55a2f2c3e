/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/bytes.h"
#include "common/base/xalloc.h"

static const char include_word[] = "@include";

/* A file that is being read, and the one that includes it. */
struct open_file {
    const char *path;
    unsigned index; /* in the list of files */
    dev_t device;   /* with the inode it is the file, however it is named */
    ino_t inode;
    const struct open_file *includer;
    unsigned depth;
};

static int expand(struct standard_source *s, const char *path, const struct open_file *includer,
                  unsigned line, struct err *err);

static const char *unreadable(const struct standard_source *s)
{
    return s->unreadable ? s->unreadable : "standard_unreadable";
}

const char *standard_source_invalid(const struct standard_source *s)
{
    return s && s->invalid ? s->invalid : "standard_invalid";
}

/* Says, where there is one, who includes the file at fault. */
static int refuse(const struct open_file *includer, unsigned line, struct err *err)
{
    return includer ? err_prefix(err, "%s:%u", includer->path, line) : err_failed();
}

/* ---- one file */

static int check_text(const struct standard_source *s, const char *path, const struct text *t,
                      struct err *err)
{
    if (t->len > STANDARD_BYTES_MAX) {
        return err_set(err, unreadable(s), "%s: is larger than %d bytes", path,
                       (int)STANDARD_BYTES_MAX);
    }
    if (!text_is_utf8((struct bytes){(const uint8_t *)t->data, t->len})) {
        return err_set(err, unreadable(s), "%s: is not UTF-8 text", path);
    }
    return 0;
}

/* Keeps the bytes as they are; a NUL, or what is not UTF-8, would not survive in the database. */
static int read_file(const struct standard_source *s, struct open_file *f, struct text *ret_text,
                     struct err *err)
{
    char block[4096];
    struct stat status;
    FILE *file = fopen(f->path, "re");
    size_t len;
    int rc;

    if (!file || fstat(fileno(file), &status) < 0) {
        rc = err_set(err, unreadable(s), "%s: %s", f->path, strerror(errno));
        if (file) {
            (void)fclose(file);
        }
        return rc;
    }
    f->device = status.st_dev;
    f->inode = status.st_ino;
    do {
        len = fread(block, 1, sizeof(block), file);
        text_append_len(ret_text, block, len);
    } while (len > 0 && ret_text->len <= STANDARD_BYTES_MAX);
    if (ferror(file)) {
        rc = err_set(err, unreadable(s), "%s: %s", f->path, strerror(errno));
    } else {
        rc = check_text(s, f->path, ret_text, err);
    }
    (void)fclose(file); /* it was only read */
    return rc;
}

/* ---- lines */

static void add_line(struct standard_source *s, const char *line, size_t len, unsigned file,
                     unsigned number)
{
    if ((s->line_count & (s->line_count - 1)) == 0) { /* the room doubles at each power of 2 */
        s->lines =
            xreallocarray(s->lines, s->line_count ? 2 * s->line_count : 1, sizeof(*s->lines));
    }
    s->lines[s->line_count++] = (struct standard_line){.number = number, .file = file};
    text_append_len(&s->text, line, len);
}

static bool is_include(const char *line)
{
    return strncmp(line + strspn(line, " \t"), include_word, strlen(include_word)) == 0;
}

/* The name in quotes on such a line, which the caller frees; NULL: it is none. */
static char *included_name(const char *line, size_t len)
{
    const char *end = line + len;
    const char *begin = memchr(line, '"', len);
    const char *close = begin ? memchr(begin + 1, '"', (size_t)(end - begin) - 1) : NULL;
    const char *word = strstr(line, include_word) + strlen(include_word);

    if (!close || close == begin + 1 || strspn(word, " \t") != (size_t)(begin - word) ||
        begin == word) {
        return NULL;
    }
    for (const char *rest = close + 1; rest < end; rest++) {
        if (!strchr(" \t\r\n", *rest)) {
            return NULL;
        }
    }
    struct text name = {.data = NULL};
    text_append_len(&name, begin + 1, (size_t)(close - begin) - 1);
    return name.data;
}

/* Beside the file that includes it; the caller frees it. */
static char *path_beside(const char *includer, const char *name)
{
    const char *slash = strrchr(includer, '/');
    struct text path = {.data = NULL};

    if (slash && name[0] != '/') {
        text_append_len(&path, includer, (size_t)(slash - includer) + 1);
    }
    text_append(&path, name);
    return path.data;
}

static int expand_include(struct standard_source *s, const struct open_file *f, const char *line,
                          size_t len, unsigned number, struct err *err)
{
    char *name = included_name(line, len);
    char *path;
    int rc;

    if (!name) {
        return err_set(err, standard_source_invalid(s),
                       "%s:%u: write it as @include \"file\", alone on its line", f->path, number);
    }
    path = path_beside(f->path, name);
    add_line(s, "# ", 2, f->index, number);
    text_append_len(&s->text, line, len);
    if (line[len - 1] != '\n') {
        text_append(&s->text, "\n");
    }
    rc = expand(s, path, f, number, err);
    free(path);
    free(name);
    return rc;
}

static int expand_lines(struct standard_source *s, const struct open_file *f, const char *text,
                        struct err *err)
{
    unsigned number = 1;

    for (const char *line = text; *line; number++) {
        const char *end = strchrnul(line, '\n');
        const size_t len = (size_t)(end - line) + (*end ? 1 : 0);

        if (!is_include(line)) {
            add_line(s, line, len, f->index, number);
        } else if (expand_include(s, f, line, len, number, err) < 0) {
            return -1;
        }
        line += len;
    }
    /* What includes this file goes on in a line of its own. */
    if (f->includer && s->text.len > 0 && s->text.data[s->text.len - 1] != '\n') {
        text_append(&s->text, "\n");
    }
    return 0;
}

/* ---- files */

static int check_place(const struct standard_source *s, const struct open_file *f, struct err *err)
{
    for (const struct open_file *above = f->includer; above; above = above->includer) {
        if (above->device == f->device && above->inode == f->inode) {
            return err_set(err, standard_source_invalid(s), "%s includes itself", f->path);
        }
    }
    if (f->depth > STANDARD_DEPTH_MAX) {
        return err_set(err, standard_source_invalid(s), "%s: files may be included %d deep",
                       f->path, (int)STANDARD_DEPTH_MAX);
    }
    if (s->file_count == STANDARD_FILES_MAX) {
        return err_set(err, standard_source_invalid(s), "%s: at most %d files make one text",
                       f->path, (int)STANDARD_FILES_MAX);
    }
    return 0;
}

static int expand(struct standard_source *s, const char *path, const struct open_file *includer,
                  unsigned line, struct err *err)
{
    struct open_file f = {.path = path,
                          .index = (unsigned)s->file_count,
                          .includer = includer,
                          .depth = includer ? includer->depth + 1 : 0};
    struct text text = {.data = NULL};
    int rc = 0;

    if (read_file(s, &f, &text, err) < 0 || check_place(s, &f, err) < 0) {
        rc = refuse(includer, line, err);
    } else {
        s->files[s->file_count++] = xstrdup(path);
        rc = expand_lines(s, &f, text_or_empty(&text), err);
    }
    text_free(&text);
    return rc;
}

int standard_source_read(struct standard_source *s, const char *path, struct err *err)
{
    if (expand(s, path, NULL, 0, err) < 0) {
        return -1;
    }
    text_append(&s->text, ""); /* an empty file is a text, too */
    return check_text(s, path, &s->text, err);
}

int standard_source_take(struct standard_source *s, const char *text, const char *name,
                         struct err *err)
{
    unsigned number = 1;

    s->files[s->file_count++] = xstrdup(name);
    for (const char *line = text; *line; number++) {
        const char *end = strchrnul(line, '\n');
        const size_t len = (size_t)(end - line) + (*end ? 1 : 0);

        if (is_include(line)) {
            return err_set(err, standard_source_invalid(s),
                           "%s:%u: a stored text includes no other file", name, number);
        }
        add_line(s, line, len, 0, number);
        line += len;
    }
    text_append(&s->text, "");
    return check_text(s, name, &s->text, err);
}

void standard_source_free(struct standard_source *s)
{
    for (size_t i = 0; i < s->file_count; i++) {
        free(s->files[i]);
    }
    free(s->lines);
    text_free(&s->text);
    *s = (struct standard_source){.file_count = 0};
}

/* ---- where a line comes from */

/* The parser also names the line after the last one. */
static struct standard_line find_line(const struct standard_source *s, unsigned line)
{
    if (line == 0 || s->line_count == 0) {
        return (struct standard_line){.number = 1, .file = 0};
    }
    if (line <= s->line_count) {
        return s->lines[line - 1];
    }
    return (struct standard_line){.number = s->lines[s->line_count - 1].number +
                                            (line - (unsigned)s->line_count),
                                  .file = s->lines[s->line_count - 1].file};
}

const char *standard_source_file(const struct standard_source *s, unsigned line)
{
    return s->files[find_line(s, line).file];
}

unsigned standard_source_line(const struct standard_source *s, unsigned line)
{
    return find_line(s, line).number;
}
