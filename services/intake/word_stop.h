/* SPDX-License-Identifier: Apache-2.0 */
/* word_stop.h - words that say nothing about what a text is about. Pure. */
#ifndef TROTH_INTAKE_WORD_STOP_H
#define TROTH_INTAKE_WORD_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* In UTF-8, small letters. */
bool word_is_stopped(const char *word);

/* A Han letter that no word worth counting begins or ends with. */
bool word_is_particle(uint32_t letter);

#endif
