/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/child_end.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"

/* cmocka catches what crashes, goes on with the test after it, and ends with status 1: that of
 * xalloc.h. */
static void crash_as_programs_do(void)
{
    static const int signals[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS};
    const struct rlimit no_core = {0, 0};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        (void)signal(signals[i], SIG_DFL);
    }
    (void)setrlimit(RLIMIT_CORE, &no_core);
}

static void read_all(int from, struct child_end *ret)
{
    char rest[256];
    size_t len = 0;
    ssize_t got;

    do {
        const size_t room = sizeof(ret->said) - 1 - len;

        got = room > 0 ? read(from, ret->said + len, room) : read(from, rest, sizeof(rest));
        len += room > 0 && got > 0 ? (size_t)got : 0;
    } while (got > 0);
    assert_int_equal(got, 0);
    ret->said[len] = '\0';
}

struct child_end child_end_of(void (*what)(void *ctx), void *ctx)
{
    struct child_end e = {.status = 0};
    int ends[2], status = 0;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        crash_as_programs_do();
        (void)dup2(ends[1], STDERR_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        what(ctx);
        _exit(CHILD_RETURNED);
    }
    assert_true(pid > 0);
    (void)close(ends[1]);
    read_all(ends[0], &e);
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    e.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return e;
}

bool child_end_is_out_of_memory(const struct child_end *e)
{
    return e->status == 1 && strstr(e->said, "event=out_of_memory") != NULL;
}
