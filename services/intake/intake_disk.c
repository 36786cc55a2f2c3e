/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/metrics.h"

#define LOOK_EVERY_US DURATION_S
#define PPM           INT64_C(1000000)
#define PPM_PERCENT   (PPM / 100)

struct intake_disk {
    struct intake_disk_options options;
    struct loop_timer *timer;
    bool is_low;
    bool is_unreadable;
};

bool intake_disk_decide(bool was_low, int64_t free_ppm, int64_t min_percent)
{
    const int64_t limit_ppm = min_percent * PPM_PERCENT;
    if (min_percent == 0) {
        return false;
    }
    return free_ppm < (was_low ? limit_ppm + PPM_PERCENT : limit_ppm) && free_ppm < PPM;
}

/* What others may not use (blocks kept for root) is not free for us either. -1: not known. */
static int64_t read_free_ppm(const char *path)
{
    struct statvfs volume;
    if (statvfs(path, &volume) < 0) {
        return -1;
    }
    if (volume.f_blocks == 0) {
        errno = ENOTSUP;
        return -1;
    }
    return (int64_t)((double)volume.f_bavail / (double)volume.f_blocks * (double)PPM);
}

/* A path that cannot be looked at is no reason to refuse records; it is said once. */
static void note_unreadable(struct intake_disk *d)
{
    if (!d->is_unreadable) {
        log_warning("disk_unreadable", LOG_TEXT("path", d->options.path),
                    LOG_TEXT("text", strerror(errno)));
    }
    d->is_unreadable = true;
    d->is_low = false;
    *d->options.free_gauge = METRICS_NONE;
    *d->options.low_gauge = METRICS_NONE;
}

static void look(struct intake_disk *d)
{
    int64_t free_ppm = read_free_ppm(d->options.path);
    if (free_ppm < 0) {
        note_unreadable(d);
        return;
    }
    d->is_unreadable = false;
    bool is_low = intake_disk_decide(d->is_low, free_ppm, *d->options.min_percent);
    if (is_low && !d->is_low) {
        log_error("disk_low", LOG_TEXT("path", d->options.path),
                  LOG_INT("free_percent", free_ppm / PPM_PERCENT),
                  LOG_TEXT("text", "records are told to come back until there is room"));
    } else if (!is_low && d->is_low) {
        log_info("disk_low_ended", LOG_TEXT("path", d->options.path),
                 LOG_INT("free_percent", free_ppm / PPM_PERCENT));
    }
    d->is_low = is_low;
    *d->options.free_gauge = free_ppm;
    *d->options.low_gauge = is_low;
}

static void on_timer(void *ctx)
{
    struct intake_disk *d = ctx;
    look(d);
    loop_timer_after(d->timer, LOOK_EVERY_US);
}

struct intake_disk *intake_disk_new(const struct intake_disk_options *options)
{
    struct intake_disk *d = xcalloc(1, sizeof(*d));
    d->options = *options;
    *d->options.free_gauge = METRICS_NONE;
    *d->options.low_gauge = METRICS_NONE;
    if (!text_is_empty(options->path)) {
        d->timer = loop_timer_new(options->loop, on_timer, d);
        on_timer(d);
    }
    return d;
}

void intake_disk_free(struct intake_disk *d)
{
    if (d) {
        loop_timer_free(d->timer);
        free(d);
    }
}

bool intake_disk_is_low(const struct intake_disk *d)
{
    return d->is_low;
}
