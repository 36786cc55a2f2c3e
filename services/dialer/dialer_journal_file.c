/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    FILE_BYTES_MAX = 1 << 30, /* read at once */
};

static ssize_t real_write(void *ctx, int fd, const void *data, size_t len)
{
    (void)ctx;
    return write(fd, data, len);
}

static int real_sync(void *ctx, int fd)
{
    (void)ctx;
    return fdatasync(fd);
}

static const struct dialer_journal_io real_io = {.write = real_write, .sync = real_sync};

static int write_all(const struct dialer_journal_file *f, int fd, const struct buffer *b)
{
    for (size_t done = 0; done < b->len;) {
        ssize_t n = f->io.write(f->io.ctx, fd, b->data + done, b->len - done);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int dialer_journal_file_sync(const struct dialer_journal_file *f, struct err *err)
{
    return f->io.sync(f->io.ctx, f->fd) < 0
               ? err_set(err, "journal_unusable", "%s cannot be written: %s", f->path,
                         strerror(errno))
               : 0;
}

int dialer_journal_file_append(const struct dialer_journal_file *f, const struct buffer *more,
                               struct err *err)
{
    if (write_all(f, f->fd, more) < 0) {
        return err_set(err, "journal_unusable", "%s cannot be written: %s", f->path,
                       strerror(errno));
    }
    return dialer_journal_file_sync(f, err);
}

int dialer_journal_file_cut(const struct dialer_journal_file *f, size_t len, struct err *err)
{
    return ftruncate(f->fd, (off_t)len) < 0
               ? err_set(err, "journal_unusable", "%s: %s", f->path, strerror(errno))
               : 0;
}

int dialer_journal_file_read(const struct dialer_journal_file *f, struct buffer *ret,
                             struct err *err)
{
    struct stat s;
    if (fstat(f->fd, &s) < 0 || s.st_size > FILE_BYTES_MAX) {
        return err_set(err, "journal_unusable", "%s is too large", f->path);
    }
    size_t size = (size_t)s.st_size;
    uint8_t *at = buffer_extend(ret, size);
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(f->fd, at + done, size - done, (off_t)done);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return err_set(err, "journal_unusable", "%s cannot be read: %s", f->path,
                           n == 0 ? "it became shorter" : strerror(errno));
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int dialer_journal_file_sync_folder(const struct dialer_journal_file *f, struct err *err)
{
    char *copy = xstrdup(f->path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (rc < 0) {
        (void)err_set(err, "journal_unusable", "the folder of %s: %s", f->path, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(copy);
    return rc;
}

/* The old file stays in force until the new one is complete on the disk. */
int dialer_journal_file_replace(struct dialer_journal_file *f, const struct buffer *content,
                                struct err *err)
{
    struct text path = {.data = NULL};
    text_appendf(&path, "%s.new", f->path);
    int fd = open(path.data, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    int rc = -1;
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && write_all(f, fd, content) == 0 &&
        f->io.sync(f->io.ctx, fd) == 0 && rename(path.data, f->path) == 0) {
        rc = dialer_journal_file_sync_folder(f, err);
    } else {
        (void)err_set(err, "journal_unusable", "%s: %s", path.data, strerror(errno));
    }
    if (rc == 0) {
        (void)close(f->fd);
        f->fd = fd;
    } else if (fd >= 0) {
        (void)close(fd);
    }
    text_free(&path);
    return rc;
}

/* The lock is worth something only if the path still names the file that we locked. */
int dialer_journal_file_open(struct dialer_journal_file *f, const char *path,
                             const struct dialer_journal_io *io, struct err *err)
{
    struct stat ours;
    struct stat named;
    f->path = xstrdup(path);
    f->io = io ? *io : real_io;
    f->fd = open(f->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (f->fd < 0) {
        return err_set(err, "journal_unusable", "%s: %s", f->path, strerror(errno));
    }
    if (flock(f->fd, LOCK_EX | LOCK_NB) < 0 || fstat(f->fd, &ours) < 0 ||
        stat(f->path, &named) < 0 || ours.st_ino != named.st_ino) {
        return err_set(err, "journal_in_use", "%s is the journal of a dialer that runs", f->path);
    }
    return 0;
}

void dialer_journal_file_close(struct dialer_journal_file *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    free(f->path);
}
