/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_simulated_mood.h - what a simulated customer says to a question, as a function of mood
 * and chance. Pure. */
#ifndef TROTH_SERVICES_DIALER_DIALER_SIMULATED_MOOD_H
#define TROTH_SERVICES_DIALER_DIALER_SIMULATED_MOOD_H

#include <stdint.h>

#include "services/dialer/dialer_driver.h"

enum dialer_mood {
    DIALER_MOOD_NEUTRAL,
    DIALER_MOOD_PLEASED,
    DIALER_MOOD_LET_DOWN
};

/* One broken promise outweighs those that were kept. */
enum dialer_mood dialer_mood_of(const struct dialer_order *order);

/* 1 to 5. All chances are in [0, 1). */
int32_t dialer_mood_csat(enum dialer_mood mood, double chance);

/* 0 to 10: who is satisfied recommends. */
int32_t dialer_mood_nps(int32_t csat, double chance);

/* Within the item's range: what fits a customer of that mood who is satisfied so much. */
int32_t dialer_mood_value(const struct dialer_item *item, enum dialer_mood mood, int32_t csat,
                          double chance);

#endif
