/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_wave.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    RIFF_SIZE = 12,
    CHUNK_SIZE = 8,
    FORMAT_SIZE = 16,
    RATE_MAX = 48000,
};

struct wave {
    uint32_t rate;
    const uint8_t *data; /* 16 bits each, the low byte first */
    size_t count;
};

static uint32_t little(const uint8_t *p, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = bytes; i > 0; i--) {
        value = value << 8 | p[i - 1];
    }
    return value;
}

static int16_t sample_at(const struct wave *w, size_t i)
{
    uint32_t raw = little(w->data + 2 * i, 2);
    return (int16_t)(raw >= 0x8000 ? (int32_t)raw - 0x10000 : (int32_t)raw);
}

static int read_format(const uint8_t *chunk, size_t len, struct wave *w, struct err *err)
{
    if (len < FORMAT_SIZE || little(chunk, 2) != 1 || little(chunk + 2, 2) != 1 ||
        little(chunk + 14, 2) != 16) {
        return err_set(err, "sound_unusable", "a sound is PCM of 16 bits with one channel");
    }
    w->rate = little(chunk + 4, 4);
    if (w->rate < SIP_WAVE_RATE || w->rate > RATE_MAX) {
        return err_set(err, "sound_unusable", "a sound has %d to %d samples a second",
                       SIP_WAVE_RATE, RATE_MAX);
    }
    return 0;
}

static int find_chunks(struct bytes file, struct wave *w, struct err *err)
{
    if (file.len < RIFF_SIZE || memcmp(file.data, "RIFF", 4) != 0 ||
        memcmp(file.data + 8, "WAVE", 4) != 0) {
        return err_set(err, "sound_unusable", "not a WAV file");
    }
    for (size_t at = RIFF_SIZE; file.len - at >= CHUNK_SIZE;) {
        const uint8_t *chunk = file.data + at + CHUNK_SIZE;
        size_t left = file.len - at - CHUNK_SIZE;
        size_t len = little(file.data + at + 4, 4);
        len = len < left ? len : left;
        if (memcmp(file.data + at, "fmt ", 4) == 0 && read_format(chunk, len, w, err) < 0) {
            return -1;
        }
        if (memcmp(file.data + at, "data", 4) == 0) {
            w->data = chunk;
            w->count = len / 2;
            break;
        }
        /* Chunks begin at even places. */
        size_t step = CHUNK_SIZE + len + (len & 1);
        at += step < file.len - at ? step : file.len - at;
    }
    return w->rate && w->data && w->count > 0
               ? 0
               : err_set(err, "sound_unusable", "a WAV file without sound");
}

/* Each sample is the mean of those that it stands for: a filter good enough for a telephone. */
static int16_t mean(const struct wave *w, size_t from, size_t to)
{
    int64_t sum = 0;
    for (size_t i = from; i < to; i++) {
        sum += sample_at(w, i);
    }
    int64_t count = (int64_t)(to - from);
    return (int16_t)(count > 0 ? sum / count : 0);
}

int sip_wave_read(struct bytes file, int16_t **ret_samples, size_t *ret_count, struct err *err)
{
    struct wave w = {.rate = 0};
    if (find_chunks(file, &w, err) < 0) {
        return -1;
    }
    size_t count = (size_t)((uint64_t)w.count * SIP_WAVE_RATE / w.rate);
    if (count == 0 || count > (size_t)SIP_WAVE_RATE * SIP_WAVE_SECONDS_MAX) {
        return err_set(err, "sound_unusable", "a sound is at most %d s long", SIP_WAVE_SECONDS_MAX);
    }
    int16_t *samples = xcalloc(count, sizeof(*samples));
    for (size_t i = 0; i < count; i++) {
        size_t from = (size_t)((uint64_t)i * w.rate / SIP_WAVE_RATE);
        size_t to = (size_t)((uint64_t)(i + 1) * w.rate / SIP_WAVE_RATE);
        samples[i] = mean(&w, from, to <= w.count ? to : w.count);
    }
    *ret_samples = samples;
    *ret_count = count;
    return 0;
}

/* The number of the segment: how often the magnitude can be halved before it is below limit. */
static unsigned segment_of(unsigned magnitude, unsigned limit)
{
    unsigned segment = 0;
    while (segment < 7 && magnitude >= limit << segment) {
        segment++;
    }
    return segment;
}

uint8_t sip_wave_ulaw(int16_t sample)
{
    /* 14 bits in G.711's table are 16 here: its bias of 33 is 132, its clip 8158 is 32635. */
    bool is_negative = sample < 0;
    unsigned magnitude = (unsigned)(is_negative ? -(int)sample : sample);
    magnitude = (magnitude > 32635 ? 32635 : magnitude) + 132;
    unsigned segment = segment_of(magnitude, 256);
    unsigned bits = segment << 4 | ((magnitude >> (segment + 3)) & 15);
    return (uint8_t) ~((is_negative ? 0x80U : 0U) | bits);
}

uint8_t sip_wave_alaw(int16_t sample)
{
    bool is_negative = sample < 0;
    unsigned magnitude = (unsigned)(is_negative ? -(int)sample - 1 : sample);
    unsigned segment = segment_of(magnitude, 256);
    unsigned bits = segment << 4 | ((magnitude >> (segment ? segment + 3 : 4)) & 15);
    return (uint8_t)((bits | (is_negative ? 0U : 0x80U)) ^ 0x55U);
}
