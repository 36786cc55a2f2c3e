/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_aside.h"

#include <string.h>

#include <sodium.h>

#include "common/base/backoff.h"
#include "common/base/text.h"

int64_t event_aside_delay_us(unsigned attempt)
{
    static const struct backoff retry_backoff = {.base_us = 100000, .cap_us = 10000000};
    uint64_t random;
    randombytes_buf(&random, sizeof(random));
    return backoff_delay_us(&retry_backoff, attempt, random);
}

/* count when it is not there. */
static size_t find(const struct event_aside *a, const char *stream, int16_t bucket)
{
    size_t i = 0;
    while (i < a->count &&
           !(a->places[i].bucket == bucket && strcmp(a->places[i].stream, stream) == 0)) {
        i++;
    }
    return i;
}

bool event_aside_add(struct event_aside *a, const char *stream, int16_t bucket, int64_t now_us)
{
    size_t i = find(a, stream, bucket);
    if (i == EVENT_ASIDE_MAX) {
        return false;
    }
    if (i == a->count) {
        (void)text_copy(a->places[i].stream, sizeof(a->places[i].stream), stream);
        a->places[i].bucket = bucket;
        a->places[i].attempt = 0;
        a->count++;
    }
    a->places[i].until_us = now_us + event_aside_delay_us(a->places[i].attempt++);
    return true;
}

bool event_aside_has(const struct event_aside *a, const char *stream, int16_t bucket,
                     int64_t now_us)
{
    size_t i = find(a, stream, bucket);
    return i < a->count && now_us < a->places[i].until_us;
}

void event_aside_remove(struct event_aside *a, const char *stream, int16_t bucket)
{
    size_t i = find(a, stream, bucket);
    if (i < a->count) {
        a->places[i] = a->places[--a->count];
    }
}
