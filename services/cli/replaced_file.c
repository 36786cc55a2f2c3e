/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/replaced_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/xalloc.h"

#define MODE_BITS 07777

static int failed(struct err *err, const char *path)
{
    return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
}

/* Also its folder, so that the name is on the disk when we say that it is. */
static int sync_folder(const char *path)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0) {
        (void)close(fd);
    }
    free(copy);
    return rc;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* The mode last: a change of the owner may take bits away. */
static int give(int fd, const struct stat *old, const char *path, struct err *err)
{
    struct stat now;
    if (fstat(fd, &now) < 0) {
        return failed(err, path);
    }
    bool is_same = now.st_uid == old->st_uid && now.st_gid == old->st_gid;
    if (!is_same && fchown(fd, old->st_uid, old->st_gid) < 0) {
        return err_set(err, "file_unwritable",
                       "%s belongs to user %u and group %u, and we may not give them another one "
                       "(%s): do this as root or as that user",
                       path, (unsigned)old->st_uid, (unsigned)old->st_gid, strerror(errno));
    }
    return fchmod(fd, old->st_mode & MODE_BITS) < 0 ? failed(err, path) : 0;
}

/* A file that was not there, complete and on the disk; like: whose it is to be, and path is that
 * one's name; NULL: ours, with mode. */
static int write_new(const char *name, mode_t mode, const struct text *content,
                     const struct stat *like, const char *path, struct err *err)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, like ? S_IRUSR | S_IWUSR : mode);
    if (fd < 0) {
        return failed(err, name);
    }
    int rc = like ? give(fd, like, path, err) : 0;
    if (rc == 0 && (write_all(fd, content->data, content->len) < 0 || fsync(fd) < 0)) {
        rc = failed(err, name);
    }
    (void)close(fd);
    if (rc < 0) {
        (void)unlink(name);
    }
    return rc;
}

int replaced_file_make(const char *path, mode_t mode, const struct text *content, struct err *err)
{
    int rc = write_new(path, mode, content, NULL, path, err);
    return rc == 0 && sync_folder(path) < 0 ? failed(err, path) : rc;
}

int replaced_file_write(const char *path, mode_t mode, const struct text *content, struct err *err)
{
    struct stat old;
    struct text beside = {0};
    bool is_there = stat(path, &old) == 0;
    if (!is_there && errno != ENOENT) {
        return failed(err, path);
    }
    text_appendf(&beside, "%s.new", path);
    (void)unlink(beside.data); /* of an attempt that broke off: nobody used it yet */
    int rc = write_new(beside.data, mode, content, is_there ? &old : NULL, path, err);
    if (rc == 0 && rename(beside.data, path) < 0) {
        rc = failed(err, path);
        (void)unlink(beside.data);
    }
    if (rc == 0 && sync_folder(path) < 0) {
        rc = failed(err, path);
    }
    text_free(&beside);
    return rc;
}
