/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/audit_copier.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define ANSWER_US (30 * DURATION_S)

struct audit_copier {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_watch *watch; /* while there is a child */
    int fd;
    pid_t child;
    char *storage;
    const char *paths[AUDIT_COPIES_MAX];
    size_t count;
    struct audit_copy copies[AUDIT_COPIES_MAX];
    audit_copied_fn *done; /* while it is asked */
    void *ctx;
};

/* ---- the child: what may be called after a fork() of a process with threads, and no more */

/* The last line that has its end, of what stands in the last 4 KiB. */
static int read_last(int fd, off_t size, char ret[AUDIT_HEAD_LINE_SIZE])
{
    char tail[4 * AUDIT_HEAD_LINE_SIZE];
    const off_t from = size > (off_t)sizeof(tail) ? size - (off_t)sizeof(tail) : 0;
    const ssize_t n = pread(fd, tail, sizeof(tail), from);
    const char *end = n > 0 ? memrchr(tail, '\n', (size_t)n) : NULL;
    ret[0] = '\0';
    if (!end) {
        return n < 0 ? errno : 0;
    }
    const char *before = end > tail ? memrchr(tail, '\n', (size_t)(end - tail)) : NULL;
    const char *begin = before ? before + 1 : tail;
    const size_t len = (size_t)(end - begin);
    if (len < AUDIT_HEAD_LINE_SIZE) {
        memcpy(ret, begin, len);
        ret[len] = '\0';
    }
    return 0;
}

static int append_line(int fd, off_t size, const char *line)
{
    char out[1 + AUDIT_HEAD_LINE_SIZE];
    char last = '\n';
    size_t len = 0;
    /* Whoever was killed while writing left half a line behind. */
    if (size > 0 && (pread(fd, &last, 1, size - 1) < 0 || last != '\n')) {
        out[len++] = '\n';
    }
    const size_t more = strnlen(line, AUDIT_HEAD_LINE_SIZE);
    memcpy(out + len, line, more);
    len += more;
    const ssize_t n = write(fd, out, len);
    if (n < 0 || (size_t)n < len) {
        return n < 0 ? errno : ENOSPC;
    }
    return fsync(fd) < 0 ? errno : 0;
}

/* The name of a new file is on the disk when its folder is. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash && (size_t)(slash - path) < sizeof(folder) - 1) {
        const size_t len = slash == path ? 1 : (size_t)(slash - path);
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

static void copy_one(const char *path, const char *line, struct audit_copy *ret)
{
    struct stat st;
    const int flags = line[0] ? O_RDWR | O_APPEND | O_CREAT : O_RDONLY;
    ret->last[0] = '\0';
    const int fd = open(path, flags | O_CLOEXEC, 0640);
    if (fd < 0) {
        ret->error = errno == ENOENT && !line[0] ? 0 : errno; /* a file to come */
        return;
    }
    ret->error = fstat(fd, &st) < 0 ? errno : read_last(fd, st.st_size, ret->last);
    if (ret->error == 0 && line[0]) {
        ret->error = append_line(fd, st.st_size, line);
        if (st.st_size == 0) {
            sync_folder(path);
        }
    }
    (void)close(fd);
}

static _Noreturn void run_child(struct audit_copier *c, int fd)
{
    char line[AUDIT_HEAD_LINE_SIZE + 1];
    /* Signals are for our parent, whose end we see. Its sockets must not outlive it in here. */
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)close_range(0, (unsigned)fd - 1, 0);
    (void)close_range((unsigned)fd + 1, ~0U, 0);
    for (;;) {
        /* The first byte is there so that no message is empty. */
        const ssize_t n = recv(fd, line, sizeof(line) - 1, 0);
        if (n <= 0) {
            _exit(0);
        }
        line[n] = '\0';
        for (size_t i = 0; i < c->count; i++) {
            copy_one(c->paths[i], line + 1, &c->copies[i]);
        }
        if (send(fd, c->copies, c->count * sizeof(c->copies[0]), MSG_NOSIGNAL) < 0) {
            _exit(0);
        }
    }
}

/* ---- the parent */

static void end_child(struct audit_copier *c)
{
    if (c->child <= 0) {
        return;
    }
    loop_unwatch(c->watch);
    c->watch = NULL;
    (void)close(c->fd);
    /* One that hangs in a file system is not to be waited for. */
    (void)kill(c->child, SIGKILL);
    (void)waitpid(c->child, NULL, WNOHANG);
    c->child = 0;
}

static void answer(struct audit_copier *c, int error)
{
    audit_copied_fn *done = c->done;
    c->done = NULL;
    loop_timer_stop(c->timer);
    for (size_t i = 0; error && i < c->count; i++) {
        c->copies[i] = (struct audit_copy){.error = error};
    }
    if (done) {
        done(c->ctx, c->copies, c->count);
    }
}

static void on_late(void *ctx)
{
    struct audit_copier *c = ctx;
    end_child(c);
    answer(c, ETIMEDOUT);
}

static void on_answer(void *ctx, int events)
{
    struct audit_copier *c = ctx;
    const ssize_t want = (ssize_t)(c->count * sizeof(c->copies[0]));
    (void)events;
    if (recv(c->fd, c->copies, (size_t)want, MSG_DONTWAIT) == want) {
        answer(c, 0);
        return;
    }
    end_child(c);
    answer(c, EPIPE);
}

static int start_child(struct audit_copier *c)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        return errno;
    }
    c->child = fork();
    if (c->child == 0) {
        run_child(c, pair[1]);
    }
    (void)close(pair[1]);
    if (c->child < 0) {
        const int error = errno;
        (void)close(pair[0]);
        return error;
    }
    c->fd = pair[0];
    c->watch = loop_watch_fd(c->loop, c->fd, LOOP_READ, on_answer, c);
    return 0;
}

static int cut_paths(struct audit_copier *c, struct err *err)
{
    char *rest = c->storage;
    for (const char *path = strsep(&rest, ":"); path; path = strsep(&rest, ":")) {
        if (path[0] && c->count == AUDIT_COPIES_MAX) {
            return err_set_field(err, "setting_invalid", "audit_copy", "at most %d paths",
                                 AUDIT_COPIES_MAX);
        }
        if (path[0]) {
            c->paths[c->count++] = path;
        }
    }
    return 0;
}

struct audit_copier *audit_copier_new(struct loop *loop, const char *paths, struct err *err)
{
    struct audit_copier *c = xcalloc(1, sizeof(*c));
    c->loop = loop;
    c->storage = xstrdup(paths ? paths : "");
    c->timer = loop_timer_new(loop, on_late, c);
    if (cut_paths(c, err) < 0) {
        audit_copier_free(c);
        return NULL;
    }
    return c;
}

void audit_copier_free(struct audit_copier *c)
{
    if (!c) {
        return;
    }
    end_child(c);
    loop_timer_free(c->timer);
    free(c->storage);
    free(c);
}

size_t audit_copier_count(const struct audit_copier *c)
{
    return c->count;
}

const char *audit_copier_path(const struct audit_copier *c, size_t i)
{
    return c->paths[i];
}

bool audit_copier_is_busy(const struct audit_copier *c)
{
    return c->done != NULL;
}

void audit_copier_ask(struct audit_copier *c, const char *line, audit_copied_fn *done, void *ctx)
{
    char out[1 + AUDIT_HEAD_LINE_SIZE] = "A";
    int error = c->child > 0 ? 0 : start_child(c);
    (void)text_copy(out + 1, sizeof(out) - 1, line ? line : "");
    c->done = done;
    c->ctx = ctx;
    if (!error && send(c->fd, out, strlen(out), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        error = errno;
        end_child(c);
    }
    /* Never from inside of here: what went wrong at once is told by the timer. */
    loop_timer_after(c->timer, error ? 0 : ANSWER_US);
}
