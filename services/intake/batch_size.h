/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_size.h - how many records the next batch of a lane may have. Pure.
 *
 * Who sends one record waits for the batch that is under way and for the one it is in. While one
 * source has a lane for itself that is its own affair, and large batches are cheapest. As soon as
 * sources share it, a batch may only be so large that it takes BATCH_SHARED_US, by what the last
 * one took: on a slow or busy machine a flood would fill each to the brim.
 */
#ifndef TROTH_INTAKE_BATCH_SIZE_H
#define TROTH_INTAKE_BATCH_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/duration.h"

#define BATCH_SHARED_US (50 * DURATION_MS)

enum {
    BATCH_SHARED_MIN = 64 /* less would mostly be the cost of a transaction */
};

/* took_us: of the last batch, which had so many records; 0: there was none. */
size_t batch_size(size_t max, size_t sources, size_t last_count, int64_t took_us);

#endif
