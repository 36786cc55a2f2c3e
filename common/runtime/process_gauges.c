/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_gauges.c - looked up in /proc and in memory when somebody asks for /metrics.
 *
 * Names and meaning of process_* are those of Prometheus' own client libraries, so that dashboards
 * made for them fit.
 */
#include "common/runtime/process_gauges.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/base/zone.h"
#include "common/runtime/process_memory.h"
#include "common/runtime/service_clock.h"

struct process_gauges {
    const struct service *service;
    int64_t *resident, *virtual, *cpu, *files, *files_max;
    int64_t *business, *sample_age; /* NULL without a database */
    int64_t *pool_size, *pool_open, *pool_used, *pool_waiting;
};

/* ---- looking */

static void read_memory(const struct process_gauges *g)
{
    struct process_memory now;
    if (process_memory_read(&now)) {
        *g->virtual = now.virtual_bytes;
        *g->resident = now.resident_bytes;
    }
}

static int64_t open_files(void)
{
    int64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder) {
        /* cppcheck-suppress readdirCalled ; a stream of this thread alone */
        while (readdir(folder)) {
            count++;
        }
        (void)closedir(folder);
        count -= 3; /* ".", ".." and the folder itself */
    }
    return count;
}

static int64_t in_us(const struct timeval *t)
{
    return t->tv_sec * DURATION_S + t->tv_usec;
}

static void read_pool(const struct process_gauges *g)
{
    struct db_pool_usage usage = db_pool_usage(g->service->db);
    *g->pool_size = (int64_t)usage.size;
    *g->pool_open = (int64_t)usage.open;
    *g->pool_used = (int64_t)usage.used;
    *g->pool_waiting = (int64_t)usage.waiting;
}

static void fill(void *ctx)
{
    const struct process_gauges *g = ctx;
    struct rusage usage;
    struct rlimit limit;
    read_memory(g);
    *g->files = open_files();
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        *g->cpu = in_us(&usage.ru_utime) + in_us(&usage.ru_stime);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        *g->files_max = (int64_t)limit.rlim_cur;
    }
    *g->business = service_now_us(g->service);
    if (g->sample_age) {
        *g->sample_age = service_clock_sample_age_us(g->service->clock);
    }
    if (g->pool_size) {
        read_pool(g);
    }
}

/* ---- registering */

static void register_process(struct process_gauges *g, struct metrics *m)
{
    g->cpu = metrics_counter_micro(m, "process_cpu_seconds_total", NULL,
                                   "Time on processors, of user and system together.");
    g->resident =
        metrics_gauge(m, "process_resident_memory_bytes", NULL, "Memory in use, resident.");
    g->virtual = metrics_gauge(m, "process_virtual_memory_bytes", NULL, "Memory, virtual.");
    g->files = metrics_gauge(m, "process_open_fds", NULL, "Open file descriptors.");
    g->files_max = metrics_gauge(m, "process_max_fds", NULL, "How many may be open.");
    *metrics_gauge_micro(m, "process_start_time_seconds", NULL,
                         "When the process started, seconds since 1970.") = instant_now_us();
}

static void register_versions(struct metrics *m)
{
    char zones[ZONE_VERSION_SIZE], labels[64];
    (void)text_format(labels, sizeof(labels), "version=\"%s\"", TROTH_VERSION);
    *metrics_gauge(m, "troth_build_info", labels, "1; the label is the version of the program.") =
        1;
    (void)text_format(labels, sizeof(labels), "version=\"%s\"", zone_database_version(zones));
    *metrics_gauge(m, "troth_tzdata_info", labels,
                   "1; the label is the release of the time zones when the process started.") = 1;
}

static void register_pool(struct process_gauges *g, struct metrics *m)
{
    g->pool_size = metrics_gauge(m, "troth_db_pool_connections_max", NULL,
                                 "Connections to the database for work that there may be.");
    g->pool_open = metrics_gauge(m, "troth_db_pool_connections_open", NULL, "Those that are open.");
    g->pool_used =
        metrics_gauge(m, "troth_db_pool_connections_used", NULL, "Those that work at this moment.");
    g->pool_waiting = metrics_gauge(m, "troth_db_pool_waiting", NULL,
                                    "Pieces of work that wait for a connection.");
}

struct process_gauges *process_gauges_new(const struct service *s)
{
    struct process_gauges *g = xcalloc(1, sizeof(*g));
    struct metrics *m = s->metrics;
    g->service = s;
    register_process(g, m);
    register_versions(m);
    g->business = metrics_gauge_micro(m, "troth_clock_business_seconds", NULL,
                                      "Business time, seconds since 1970.");
    if (s->db) {
        g->sample_age = metrics_gauge_micro(m, "troth_clock_sample_age_seconds", NULL,
                                            "Time since the database last told business time.");
        register_pool(g, m);
    }
    metrics_before_print(m, fill, g);
    return g;
}

void process_gauges_free(struct process_gauges *g)
{
    if (g) {
        metrics_withdraw(g->service->metrics, g);
        free(g);
    }
}
