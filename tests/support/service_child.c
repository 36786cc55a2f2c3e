/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/service_child.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/base/xalloc.h"

#define ARGUMENTS_MAX 16
#define DEADLINE_US   INT64_C(20000000)

struct service_child service_child_begin(const struct service_spec *spec,
                                         const char *const *arguments)
{
    char *argv[ARGUMENTS_MAX + 2] = {xstrdup("troth")};
    int argc = 1;
    int ends[2];
    for (; arguments[argc - 1]; argc++) {
        assert_true(argc <= ARGUMENTS_MAX);
        argv[argc] = xstrdup(arguments[argc - 1]);
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    (void)fflush(NULL);
    struct service_child c = {.pid = fork(), .out = ends[0]};
    assert_true(c.pid >= 0);
    if (c.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* no test that fails leaves a service behind */
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)dup2(ends[1], STDERR_FILENO);
        int code = service_main(argc, argv, spec);
        (void)fflush(stdout);
        _exit(code);
    }
    (void)close(ends[1]);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    return c;
}

const char *service_child_read(struct service_child *c, const char *wanted)
{
    int64_t end_us = instant_monotonic_us() + DEADLINE_US;
    for (;;) {
        const char *found = wanted ? strstr(text_or_empty(&c->text), wanted) : NULL;
        struct pollfd item = {.fd = c->out, .events = POLLIN};
        char buffer[4096];
        if (found) {
            return found + strlen(wanted);
        }
        if (instant_monotonic_us() > end_us || poll(&item, 1, 1000) < 0) {
            return NULL;
        }
        ssize_t n = item.revents ? read(c->out, buffer, sizeof(buffer)) : -1;
        if (n == 0) {
            return wanted ? NULL : text_or_empty(&c->text);
        }
        if (n > 0) {
            text_append_len(&c->text, buffer, (size_t)n);
        }
    }
}

int service_child_finish(struct service_child *c)
{
    int status = -1;
    assert_non_null(service_child_read(c, NULL));
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    (void)close(c->out);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int service_child_count(const struct service_child *c, const char *word)
{
    int count = 0;
    for (const char *p = text_or_empty(&c->text); (p = strstr(p, word)); p += strlen(word)) {
        count++;
    }
    return count;
}

void service_child_free(struct service_child *c)
{
    text_free(&c->text);
}
