/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters.c - in every program of the build with counters (make COVERAGE=1): they are written
 * also where a program ends otherwise than by exit().
 *
 * The linker sends _exit(), abort() and kill() here (--wrap). Whom a test kills is asked by a
 * signal first (support/system.py): it writes its counters where it stands, and kills itself. Who
 * holds a lock at that instant that writing needs hangs, and is killed without them.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* The names are the compiler's and the linker's. */
/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);
int __real_kill(pid_t pid, int number);
int __wrap_kill(pid_t pid, int number);

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}

void __wrap_abort(void)
{
    __gcov_dump();
    __real_abort();
}

/* A crash point kills the process it is in. */
int __wrap_kill(pid_t pid, int number)
{
    if (pid == getpid() && number == SIGKILL) {
        __gcov_dump();
    }
    return __real_kill(pid, number);
}

static void die_counted(int number)
{
    (void)number;
    (void)__wrap_kill(getpid(), SIGKILL);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

__attribute__((constructor)) static void listen_for_the_kill(void)
{
    struct sigaction action = {.sa_handler = die_counted};
    (void)sigaction(SIGRTMIN + 5, &action, NULL);
}
