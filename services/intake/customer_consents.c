/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/customer_consents.h"

size_t customer_consents_list(const struct work_customer *c,
                              Troth__V1__ConsentChange room[CUSTOMER_CONSENT_BITS],
                              Troth__V1__ConsentChange *ret_list[CUSTOMER_CONSENT_BITS])
{
    size_t count = 0;
    for (int i = 0; i < CUSTOMER_CONSENT_BITS; i++) {
        const int purpose = i % CUSTOMER_PURPOSES;
        const int channel = i / CUSTOMER_PURPOSES;
        const int64_t bit = customer_consent_bit(purpose, channel);
        if (purpose == 0 || !((c->consents | c->refusals) & bit)) {
            continue;
        }
        Troth__V1__ConsentChange *one = &room[count];
        *one = (Troth__V1__ConsentChange)TROTH__V1__CONSENT_CHANGE__INIT;
        one->has_purpose = one->has_is_given = true;
        one->purpose = (Troth__V1__Purpose)purpose;
        one->is_given = (c->consents & bit) != 0;
        one->has_channel = channel != 0;
        one->channel = (Troth__V1__Channel)channel;
        ret_list[count++] = one;
    }
    return count;
}
