/* SPDX-License-Identifier: Apache-2.0 */
/* event_aside.h - places in the log whose next event fails for its data: left alone for a while,
 * longer each time. */
#ifndef TROTH_COMMON_RUNTIME_EVENT_ASIDE_H
#define TROTH_COMMON_RUNTIME_EVENT_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_ASIDE_MAX   32
#define EVENT_STREAM_SIZE 64

/* Start with {0}. Instants are monotonic. */
struct event_aside {
    struct {
        char stream[EVENT_STREAM_SIZE];
        int16_t bucket;
        unsigned attempt;
        int64_t until_us;
    } places[EVENT_ASIDE_MAX];
    size_t count;
};

/* Sets the place aside for 100 ms to 10 s, by how often it failed in a row. Returns false when
 * there is no room. */
bool event_aside_add(struct event_aside *a, const char *stream, int16_t bucket, int64_t now_us);
bool event_aside_has(const struct event_aside *a, const char *stream, int16_t bucket,
                     int64_t now_us);
/* It worked. */
void event_aside_remove(struct event_aside *a, const char *stream, int16_t bucket);

/* 100 ms to 10 s with jitter: also how long a whole consumer waits after failure number attempt (0
 * is the first). */
int64_t event_aside_delay_us(unsigned attempt);

#endif
