/* SPDX-License-Identifier: Apache-2.0 */
/* sip_wave.h - from WAV files to what a telephone hears: 8,000 samples a second, G.711. Pure. */
#ifndef TROTH_SERVICES_DIALER_SIP_WAVE_H
#define TROTH_SERVICES_DIALER_SIP_WAVE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"

enum {
    SIP_WAVE_RATE = 8000,         /* samples a second, of what comes out */
    SIP_WAVE_SECONDS_MAX = 120,   /* longer is refused */
    SIP_WAVE_BYTES_MAX = 12 << 20 /* of a file: the longest at the highest rate, and its header */
};

/* Reads a RIFF WAVE file: PCM of 16 bits, one channel, 8,000 to 48,000 samples a second, and brings
 * it to SIP_WAVE_RATE. A data chunk that claims more than is there (what a program writes that
 * cannot go back in a pipe) ends with the file. Returns 0 and samples that the caller frees, or -1
 * (code "sound_unusable"). */
MUST_CHECK int sip_wave_read(struct bytes file, int16_t **ret_samples, size_t *ret_count,
                             struct err *err);

/* ITU-T G.711: one sample as a byte of PCMU and of PCMA. */
uint8_t sip_wave_ulaw(int16_t sample);
uint8_t sip_wave_alaw(int16_t sample);

#endif
