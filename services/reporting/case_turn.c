/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/case_turn.h"

#define STATE(name) TROTH__V1__CASE_STATE__CASE_STATE_##name

bool case_turn_asks(Troth__V1__ContactKind kind, bool is_promised, bool was_reopened)
{
    return kind != TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE || is_promised || was_reopened;
}

enum case_turn case_turn_of(Troth__V1__CaseState state, bool asks)
{
    switch ((int)state) {
    case STATE(NEW):
    case STATE(OPEN):
        return asks ? CASE_TURN_OURS : CASE_TURN_NOBODY;
    case STATE(WAITING_CUSTOMER):
        return asks ? CASE_TURN_CUSTOMER : CASE_TURN_NOBODY;
    case STATE(WAITING_THIRD_PARTY):
        return asks ? CASE_TURN_THIRD_PARTY : CASE_TURN_NOBODY;
    default:
        return CASE_TURN_NOBODY;
    }
}
