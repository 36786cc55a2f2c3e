/* SPDX-License-Identifier: Apache-2.0 */
/* record_key.h - keys for records whose sender has none of his own. */
#ifndef TROTH_COMMON_RUNTIME_RECORD_KEY_H
#define TROTH_COMMON_RUNTIME_RECORD_KEY_H

#include <stdint.h>

/* A new UUIDv7 (RFC 9562): its first half is the time, which keeps keys of one day together. */
#define RECORD_KEY_SIZE 37
void record_key_new(int64_t now_us, char ret_key[RECORD_KEY_SIZE]);

#endif
