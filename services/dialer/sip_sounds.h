/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_sounds.h - where the voice comes from: recorded files, and for what is missing espeak-ng.
 *
 * What was spoken is kept in memory, the last used, up to a limit: words of an order may be about a
 * customer, and nothing of that may stand on a disk. The words go to espeak-ng through a pipe, for
 * the same reason. One text is spoken once, however many calls wait for it, and two at a time.
 */
#ifndef TROTH_SERVICES_DIALER_SIP_SOUNDS_H
#define TROTH_SERVICES_DIALER_SIP_SOUNDS_H

#include <stddef.h>
#include <stdint.h>

#include "services/dialer/dialer_driver.h"

enum sip_sound_state {
    SIP_SOUND_WAITING = 1, /* to be spoken, or being spoken */
    SIP_SOUND_READY,
    SIP_SOUND_FAILED, /* said in the log */
};

/* Counted: give it back with sip_sounds_release(). */
struct sip_sound;

enum sip_sound_state sip_sound_state(const struct sip_sound *sound);
/* Of one that is ready; SIP_WAVE_RATE samples a second. */
const int16_t *sip_sound_samples(const struct sip_sound *sound, size_t *ret_count);

struct sip_sounds;

/* folder: of recorded sounds; "": none. may_speak: whether espeak-ng may. changed() is called from
 * libre's loop when sounds that waited are ready or failed. */
struct sip_sounds *sip_sounds_new(const char *folder, bool may_speak, void (*changed)(void *ctx),
                                  void *ctx);
void sip_sounds_free(struct sip_sounds *s); /* NULL is fine; after all sounds were released */

/* The sound for these words (see sip_talk.h), or NULL: there is nothing to say. */
struct sip_sound *sip_sounds_get(struct sip_sounds *s, const struct dialer_order *order,
                                 size_t say);
void sip_sounds_release(struct sip_sound *sound); /* NULL is fine */

#endif
