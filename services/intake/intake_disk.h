/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_disk.h - is there room left on the volume of the database? PostgreSQL that finds none ends
 * for everybody, so intake stops taking records before that.
 */
#ifndef TROTH_INTAKE_DISK_H
#define TROTH_INTAKE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/loop.h"
#include "common/runtime/metrics.h"

#define INTAKE_DISK_RETRY_US INT64_C(5000000) /* told to senders: room does not come at once */

/* The decision. free_ppm: free for us, in millionths of the volume; min_percent: the setting. Once
 * low, it takes a point more than the limit to be good again, so that it does not flap. */
bool intake_disk_decide(bool was_low, int64_t free_ppm, int64_t min_percent);

struct intake_disk;

struct intake_disk_options {
    struct loop *loop;
    const char *path;           /* on the volume; "": nothing is watched. Borrowed */
    const int64_t *min_percent; /* read each time, for it may be reloaded */
    int64_t *free_gauge;        /* millionths; METRICS_NONE: not known */
    int64_t *low_gauge;         /* 1: low; METRICS_NONE as well */
};

/* Looks at once and then each second. */
struct intake_disk *intake_disk_new(const struct intake_disk_options *options);
void intake_disk_free(struct intake_disk *d); /* NULL is fine */

bool intake_disk_is_low(const struct intake_disk *d);

#endif
