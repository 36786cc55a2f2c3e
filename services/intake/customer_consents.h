/* SPDX-License-Identifier: Apache-2.0 */
/* customer_consents.h - what a customer allows and forbids, as bits. Pure. */
#ifndef TROTH_INTAKE_CUSTOMER_CONSENTS_H
#define TROTH_INTAKE_CUSTOMER_CONSENTS_H

#include <stddef.h>
#include <stdint.h>

#include "intake.pb-c.h"
#include "services/intake/intake_work.h"

enum {
    CUSTOMER_CHANNELS = TROTH__V1__CHANNEL__CHANNEL_PERSON + 1, /* 0: whatever the channel */
    CUSTOMER_PURPOSES = TROTH__V1__PURPOSE__PURPOSE_MARKETING + 1,
    CUSTOMER_CONSENT_BITS = CUSTOMER_PURPOSES * CUSTOMER_CHANNELS,
};

/* How consents and refusals are stored and published. */
static inline int64_t customer_consent_bit(int purpose, int channel)
{
    return INT64_C(1) << (purpose + 8 * channel);
}

/* What was said, as events tell it: fills room, lists it, returns how much that is. */
size_t customer_consents_list(const struct work_customer *c,
                              Troth__V1__ConsentChange room[CUSTOMER_CONSENT_BITS],
                              Troth__V1__ConsentChange *ret_list[CUSTOMER_CONSENT_BITS]);

#endif
