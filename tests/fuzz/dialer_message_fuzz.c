/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_message_fuzz.c - what may arrive at the ROUTER of followup. */
#include "dialer.pb-c.h"
#include "tests/fuzz/fuzz_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_message(&troth__v1__dialer_request__descriptor, data, size);
    return 0;
}
