/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failing_malloc.c - memory that runs out when a test says so: a library to be loaded before
 * libc's.
 *
 *   LD_PRELOAD=failing_malloc.so TROTH_FAILING_MALLOC=/path/of/control program ...
 *
 * The file of TROTH_FAILING_MALLOC is a struct control of zeros, which the test maps, too. It says
 * how many allocations from now on still succeed; the one after them gets NULL, in whichever thread
 * it is. With 'only_new' it is the first one from a place in the program (the whole stack) that has
 * not failed yet, so that every place fails once before one fails twice; addresses must be the same
 * in every run of the program (no address space layout randomization), and the test keeps the file.
 *
 * What failed is told on standard error, as frames that addr2line can read; so is where the program
 * crashed, if it does.
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    FRAMES = 24,
    OWN_FRAMES = 3, /* of this file: they say nothing */
    PLACES = 1 << 20,
};

/* tests/faults/f16_memory.py knows this layout. */
struct control {
    _Atomic int64_t until_next; /* 0: all succeed; n: the n-th from now on fails */
    _Atomic int64_t in_a_row;   /* how many fail from there on; 0 is one */
    _Atomic int64_t only_new;
    _Atomic int64_t made;   /* allocations since the file is there */
    _Atomic int64_t failed; /* of them */
    _Atomic uint8_t seen[PLACES];
};

/* What libc itself calls its functions: there is no need to look for them, which would allocate. */
/* NOLINTBEGIN(readability-identifier-naming) */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
/* NOLINTEND(readability-identifier-naming) */

static struct control *control;

/* Looking at the stack may allocate. */
static _Thread_local __attribute__((tls_model("initial-exec"))) bool is_looking;

static void tell(const char *text, void *const *frames, int count)
{
    if (write(STDERR_FILENO, text, strlen(text)) > 0 && count > 0) {
        backtrace_symbols_fd(frames, count, STDERR_FILENO);
    }
}

/* Says where, and lets it happen again without us. */
static void on_crash(int number)
{
    void *frames[FRAMES];
    int count;

    is_looking = true;
    count = backtrace(frames, FRAMES);
    /* The first two are this function and the kernel's return from it. */
    tell("failing_malloc: crashed in\n", frames + 2, count - 2);
    (void)signal(number, SIG_DFL);
}

__attribute__((constructor)) static void find_control(void)
{
    const char *path = getenv("TROTH_FAILING_MALLOC");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *frames[2];
    void *mapped;

    if (fd < 0) {
        return;
    }
    (void)backtrace(frames, 2); /* loads what it needs now and not in the middle of an allocation */
    mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (mapped != MAP_FAILED) {
        control = mapped;
        (void)signal(SIGSEGV, on_crash);
        (void)signal(SIGBUS, on_crash);
        (void)signal(SIGFPE, on_crash);
    }
}

/* libzmq's threads block all signals: one that crashes would say nothing. */
int pthread_sigmask(int how, const sigset_t *set, sigset_t *ret_old)
{
    sigset_t without;

    if (control && set && how != SIG_UNBLOCK) {
        without = *set;
        (void)sigdelset(&without, SIGSEGV);
        (void)sigdelset(&without, SIGBUS);
        (void)sigdelset(&without, SIGFPE);
        set = &without;
    }
    return sigprocmask(how, set, ret_old) < 0 ? errno : 0;
}

static uint32_t place_of(void *const *frames, int count)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a over the addresses */

    for (int i = OWN_FRAMES; i < count; i++) {
        hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211U;
        hash ^= hash >> 29;
    }
    return (uint32_t)(hash % PLACES);
}

/* Whether the allocation whose turn it is shall fail; it then counts as failed. */
static bool is_refused(void)
{
    void *frames[FRAMES];
    int count;
    uint32_t place;
    bool is_known;

    is_looking = true;
    count = backtrace(frames, FRAMES);
    is_looking = false;
    place = place_of(frames, count);
    is_known = atomic_exchange(&control->seen[place], 1) != 0;
    if (is_known && atomic_load(&control->only_new)) {
        return false;
    }
    if (atomic_fetch_sub(&control->in_a_row, 1) <= 1) {
        atomic_store(&control->until_next, 0);
    }
    atomic_fetch_add(&control->failed, 1);
    tell("failing_malloc: no memory for\n", frames + OWN_FRAMES, count - OWN_FRAMES);
    return true;
}

static __attribute__((noinline)) bool shall_fail(void)
{
    int64_t left;

    if (!control || is_looking) {
        return false;
    }
    atomic_fetch_add_explicit(&control->made, 1, memory_order_relaxed);
    left = atomic_load(&control->until_next);
    while (left > 1) {
        if (atomic_compare_exchange_weak(&control->until_next, &left, left - 1)) {
            return false;
        }
    }
    if (left < 1 || !is_refused()) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return shall_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return shall_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
    return size > 0 && shall_fail() ? NULL : __libc_realloc(p, size);
}

void *memalign(size_t alignment, size_t size)
{
    return shall_fail() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return shall_fail() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **ret_p, size_t alignment, size_t size)
{
    void *p = shall_fail() ? NULL : __libc_memalign(alignment, size);

    if (!p) {
        return ENOMEM;
    }
    *ret_p = p;
    return 0;
}
