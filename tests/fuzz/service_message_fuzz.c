/* SPDX-License-Identifier: Apache-2.0 */
/* service_message_fuzz.c - what services say to each other, and what they read from tables: the
 * first byte says which kind of message the rest is. */
#include "dialer.pb-c.h"
#include "event.pb-c.h"
#include "figure_sheet.pb-c.h"
#include "intake.pb-c.h"
#include "report.pb-c.h"
#include "score.pb-c.h"
#include "sealed.pb-c.h"
#include "tests/fuzz/fuzz_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &troth__v1__event__descriptor,          &troth__v1__intake_reply__descriptor,
        &troth__v1__report_request__descriptor, &troth__v1__report_reply__descriptor,
        &troth__v1__score_request__descriptor,  &troth__v1__score_reply__descriptor,
        &troth__v1__dialer_reply__descriptor,   &troth__v1__record__descriptor,
    };

    if (size > 0) {
        fuzz_message(types[data[0] % (sizeof(types) / sizeof(types[0]))], data + 1, size - 1);
    }
    return 0;
}
