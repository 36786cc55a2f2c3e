/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/record_key.h"

#include <sodium.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/text.h"

void record_key_new(int64_t now_us, char ret_key[RECORD_KEY_SIZE])
{
    const int64_t ms = now_us / DURATION_MS;
    uint8_t raw[16];
    char hex[33];

    randombytes_buf(raw, sizeof(raw));
    for (int i = 0; i < 6; i++) {
        raw[i] = (uint8_t)(ms >> (8 * (5 - i)));
    }
    raw[6] = (uint8_t)(0x70 | (raw[6] & 0x0f)); /* version 7 */
    raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3f)); /* variant of RFC 9562 */
    bytes_to_hex((struct bytes){.data = raw, .len = sizeof(raw)}, hex);
    text_format(ret_key, RECORD_KEY_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                hex + 16, hex + 20);
}
