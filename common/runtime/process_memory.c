/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/process_memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"

#define MIB ((int64_t)1024 * 1024)

/* Less is not worth a walk through all that is free. */
#define WORTH_IT  (64 * MIB)
#define WAITS_MAX 64

struct memory_trim {
    struct loop_timer *timer;
    int64_t every_us, wait_us;
};

bool process_memory_read(struct process_memory *ret)
{
    char line[128];
    char *at = NULL;
    /* The first two numbers, in pages: size and resident part. */
    FILE *statm = fopen("/proc/self/statm", "re");
    if (statm) {
        at = fgets(line, sizeof(line), statm);
        (void)fclose(statm);
    }
    if (!at) {
        return false;
    }
    const int64_t page = sysconf(_SC_PAGESIZE);
    ret->virtual_bytes = strtoll(at, &at, 10) * page;
    ret->resident_bytes = strtoll(at, NULL, 10) * page;
    return true;
}

int64_t memory_trim_next_us(int64_t left_bytes, int64_t wait_us, int64_t every_us)
{
    const int64_t longest_us = WAITS_MAX * every_us;
    if (left_bytes <= WORTH_IT) {
        return every_us;
    }
    return wait_us < longest_us / 2 ? 2 * wait_us : longest_us;
}

/* Programs and libraries are resident, too, and count as idle: a few MiB. */
static int64_t idle_now(void)
{
    struct process_memory now;
    if (!process_memory_read(&now) || now.resident_bytes <= WORTH_IT) {
        return 0;
    }
    const struct mallinfo2 heap = mallinfo2();
    return now.resident_bytes - (int64_t)(heap.uordblks + heap.hblkhd);
}

static void look(void *ctx)
{
    struct memory_trim *t = ctx;
    int64_t left_bytes = 0;
    const int64_t idle_bytes = idle_now();
    if (idle_bytes > WORTH_IT) {
        (void)malloc_trim(0);
        left_bytes = idle_now();
        log_info("memory_given_back", LOG_INT("idle_mib", idle_bytes / MIB),
                 LOG_INT("left_mib", left_bytes / MIB));
    }
    t->wait_us = memory_trim_next_us(left_bytes, t->wait_us, t->every_us);
    loop_timer_after(t->timer, t->wait_us);
}

struct memory_trim *memory_trim_new(struct loop *loop, int64_t every_us)
{
    struct memory_trim *t = xcalloc(1, sizeof(*t));
    t->every_us = t->wait_us = every_us;
    t->timer = loop_timer_new(loop, look, t);
    loop_timer_after(t->timer, every_us);
    return t;
}

void memory_trim_free(struct memory_trim *t)
{
    if (t) {
        loop_timer_free(t->timer);
        free(t);
    }
}
