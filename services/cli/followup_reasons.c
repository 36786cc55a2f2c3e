/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/followup_reasons.h"

#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/domain/arbitration.h"

static const struct {
    const char *reason, *words;
} reasons[] = {
    {ARBITRATION_HISTORY,           "planned from an old record, which is only a fact"               },
    {ARBITRATION_ERASED,            "the customer was erased"                                        },
    {ARBITRATION_DO_NOT_CALL,       "the customer wants no call of any kind"                         },
    {ARBITRATION_CONSENT_REFUSED,   "the customer refused this purpose on every channel of the rule" },
    {ARBITRATION_CONSENT_MISSING,   "the purpose needs a consent, and the customer has given none"   },
    {ARBITRATION_CASE_REOPENED,     "the case was opened again"                                      },
    {ARBITRATION_PROMISE_SETTLED,   "the promise is not what it was any more"                        },
    {ARBITRATION_OPEN_COMPLAINT,    "the customer has an open complaint"                             },
    {ARBITRATION_BROKEN_PROMISE,    "a promise to the customer is broken and not made good"          },
    {ARBITRATION_REFUSED_LATELY,    "the customer did not want to talk a short time ago"             },
    {ARBITRATION_NO_LONGER_TRUE,    "what it was planned for does not hold any more"                 },
    {ARBITRATION_WINDOW_PASSED,     "nobody could call in its window"                                },
    {ARBITRATION_NOTHING_PERMITTED, "quiet hours and budgets left no moment of its window"           },
    {ARBITRATION_QUIET_HOURS,       "quiet hours in the customer's zone"                             },
    {ARBITRATION_DAY_NOT_PERMITTED, "nobody is called on that day"                                   },
    {ARBITRATION_ZONE_UNKNOWN,      "nobody knows the customer's zone: it waits for the safest hours"},
    {ARBITRATION_BUDGET_DAY,        "the customer was tried often enough today"                      },
    {ARBITRATION_BUDGET_WEEK,       "the customer was tried often enough this week"                  },
    {ARBITRATION_BUDGET_MONTH,      "the customer was tried often enough this month"                 },
    {ARBITRATION_BUDGET_NUMBER,     "the number was tried often enough this week"                    },
    {ARBITRATION_ATTEMPTS_DAY,      "it was tried often enough today"                                },
    {ARBITRATION_AGENDA,            "another call to the customer covers it"                         },
    {ARBITRATION_JOINED,            "a call to another number of the same person covers it"          },
    {ARBITRATION_CALL_UNDER_WAY,    "another call to the customer is under way"                      },
    {ARBITRATION_NO_CHANNEL,        "there is no number or address to reach the customer by"         },
    {"record_void",                 "its source took back what it was planned for"                   },
    {"called_back",                 "the customer called us meanwhile"                               },
    {"outcome_unknown",             "placed, and no result came"                                     },
    {"dialer_gone",                 "the dialer that had the order cannot be asked"                  },
    {"journal_lost",                "the dialer that had the order has lost its journal"             },
    {"orders_barred",               "dialers did not take it, again and again"                       },
    {"number_refused",              "intake does not let the scheduler read the number"              },
};

const char *followup_reason_words(const char *reason)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (strcmp(reasons[i].reason, reason) == 0) {
            return reasons[i].words;
        }
    }
    return "";
}
