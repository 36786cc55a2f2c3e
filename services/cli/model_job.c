/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/model_job.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

#define PROGRAM "troth-loyalty"

enum {
    NOT_STARTED = 127
};

/* Beside the program that runs; where that cannot be known the search path decides. */
static void find_program(char ret[PATH_MAX])
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash = NULL;
    if (len > 0) {
        self[len] = '\0';
        slash = strrchr(self, '/');
    }
    if (!slash || !text_format(ret, PATH_MAX, "%.*s/" PROGRAM, (int)(slash - self), self) ||
        access(ret, X_OK) < 0) {
        (void)text_copy(ret, PATH_MAX, PROGRAM);
    }
}

/* Between fork and exec: only what is safe there. Does not return. */
static void become(char *const *command, bool is_quiet, pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent &&
        (!is_quiet || dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)) {
        (void)signal(SIGINT, SIG_DFL);
        (void)execvp(command[0], command);
    }
    _exit(NOT_STARTED);
}

static int end_of(pid_t pid, const char *program, struct err *err)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return err_set(err, "job_failed", "%s is gone: %s", PROGRAM, strerror(errno));
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED) {
        return err_set(err, "start_failed", "%s cannot be started", program);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status)
                             : err_set(err, "job_failed", "%s was killed", PROGRAM);
}

int model_job_run(const struct model_job *job, struct err *err)
{
    char program[PATH_MAX], config_word[] = "--config", job_word[] = "--job";
    char clock_word[] = "--demo-clock";
    const pid_t parent = getpid();
    find_program(program);
    char *config = xstrdup(job->config), *name = xstrdup(job->name);
    char *const command[] = {
        program, config_word, config, job_word, name, job->is_demo_clock ? clock_word : NULL, NULL};
    (void)fflush(stdout);
    (void)signal(SIGINT, SIG_IGN); /* the job has it, and we say how it ended */
    pid_t pid = fork();
    if (pid == 0) {
        become(command, job->is_quiet, parent);
    }
    int rc = pid < 0 ? err_set(err, "start_failed", "no process: %s", strerror(errno))
                     : end_of(pid, program, err);
    (void)signal(SIGINT, SIG_DFL);
    free(config);
    free(name);
    return rc;
}
