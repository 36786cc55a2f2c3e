/* SPDX-License-Identifier: Apache-2.0 */
/*
 * days_file.c - the file around days_text.c: found, read, replaced.
 */
#include "services/cli/days_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "common/domain/standard_source.h"

enum {
    NEW_FILE_MODE = 0644,
    LIST_BYTES_MAX = 64,
};

static const char unwritable[] = "file_unwritable";

static int failed(struct err *err, const char *path)
{
    return err_set(err, unwritable, "%s: %s", path, strerror(errno));
}

/* NAME of "some/where/days-NAME.conf". */
static bool list_of_name(const char *path, char ret_list[LIST_BYTES_MAX])
{
    static const char prefix[] = "days-";
    static const char suffix[] = ".conf";
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t len = strlen(name);

    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 || len < sizeof(suffix) ||
        strcmp(name + len - (sizeof(suffix) - 1), suffix) != 0) {
        return false;
    }
    name += sizeof(prefix) - 1;
    len = len - (sizeof(prefix) - 1) - (sizeof(suffix) - 1);
    return len > 0 && len < LIST_BYTES_MAX &&
           text_format(ret_list, LIST_BYTES_MAX, "%.*s", (int)len, name);
}

/* ---- writing */

static int write_all(int fd, const struct text *content)
{
    for (size_t done = 0; done < content->len;) {
        const ssize_t n = write(fd, content->data + done, content->len - done);

        if (n < 0 && errno != EINTR) {
            return -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int sync_folder(const char *path)
{
    char *copy = xstrdup(path);
    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int rc = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0) {
        (void)close(fd);
    }
    free(copy);
    return rc;
}

/* Beside it under another name, on the disk, then renamed. mode: of the new file. */
static int replace(const char *path, const struct text *content, mode_t mode, struct err *err)
{
    struct text beside = {0};
    int fd;
    int rc = 0;

    text_appendf(&beside, "%s.XXXXXX", path);
    fd = mkostemp(beside.data, O_CLOEXEC);
    if (fd < 0) {
        rc = failed(err, beside.data);
        text_free(&beside);
        return rc;
    }
    if (write_all(fd, content) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0) {
        rc = failed(err, beside.data);
    }
    if (close(fd) < 0 && rc == 0) {
        rc = failed(err, beside.data);
    }
    if (rc == 0 && (rename(beside.data, path) < 0 || sync_folder(path) < 0)) {
        rc = failed(err, path);
    }
    if (rc < 0) {
        (void)unlink(beside.data); /* gone already when only the folder could not be synced */
    }
    text_free(&beside);
    return rc;
}

/* ---- both */

static int add(const char *path, const char *old, mode_t mode, const char *list,
               const struct holiday_year *year, struct err *err)
{
    struct text text = {0};
    int rc = days_text_add(path, old, list, year, &text, err);

    if (rc > 0 && replace(path, &text, mode, err) < 0) {
        rc = -1;
    }
    text_free(&text);
    return rc;
}

int days_file_add(const char *path, const char *list, const struct holiday_year *year,
                  struct err *err)
{
    struct standard_source source = {.file_count = 0};
    char own_list[LIST_BYTES_MAX];
    struct stat status;
    int rc;

    if (stat(path, &status) < 0) {
        if (errno != ENOENT) {
            return failed(err, path);
        }
        if (!list && !list_of_name(path, own_list)) {
            return err_set_field(err, "list_unknown", "list",
                                 "%s is not there yet: name the list with --list NAME", path);
        }
        return add(path, "", NEW_FILE_MODE, list ? list : own_list, year, err);
    }
    rc = standard_source_read(&source, path, err);
    if (rc == 0 && source.file_count > 1) {
        rc = err_set(err, "days_elsewhere",
                     "%s includes other files: name the one that has the list", path);
    }
    if (rc == 0) {
        rc = add(path, text_or_empty(&source.text), status.st_mode & 0777, list, year, err);
    }
    standard_source_free(&source);
    return rc;
}
