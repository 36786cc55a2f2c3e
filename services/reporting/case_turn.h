/* SPDX-License-Identifier: Apache-2.0 */
/* case_turn.h - whose turn it is in a case, and whether it waits for anybody at all: the one
 * definition, for figures, lists and progress pages. Pure. */
#ifndef TROTH_REPORTING_CASE_TURN_H
#define TROTH_REPORTING_CASE_TURN_H

#include <stdbool.h>

#include "event.pb-c.h"
#include "intake.pb-c.h"

enum case_turn {
    CASE_TURN_OURS = 1,
    CASE_TURN_CUSTOMER,
    CASE_TURN_THIRD_PARTY, /* and the customer waits for us all the same */
    CASE_TURN_NOBODY,
};

/* Whether somebody waits for something: always, but for a praise. A praise asks for nothing, so it
 * is no backlog, unless something was promised about it (is_promised: a promise that was not
 * withdrawn) or it was opened again. */
bool case_turn_asks(Troth__V1__ContactKind kind, bool is_promised, bool was_reopened);

/* Of a case in that state. asks: as above. */
enum case_turn case_turn_of(Troth__V1__CaseState state, bool asks);

#endif
