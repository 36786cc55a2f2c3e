/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_parts.h"

#include <stddef.h>

const struct weekly_part weekly_parts[WEEKLY_PARTS] = {
    {"timeliness",   "day",          WEEKLY_COLUMNS,  "first_responses"      },
    {"timeliness",   "branch",       WEEKLY_BARS,     "first_response_median"},
    {"promises",     "branch",       WEEKLY_BARS,     "kept_share"           },
    {"promises",     "promise_kind", WEEKLY_NO_CHART, NULL                   },
    {"satisfaction", "branch",       WEEKLY_BARS,     "csat"                 },
    {"solving",      "branch",       WEEKLY_NO_CHART, NULL                   },
    {"causes",       "category",     WEEKLY_BARS,     "cases"                },
    {"follow_ups",   "rule",         WEEKLY_BARS,     "due"                  },
    {"loyalty",      NULL,           WEEKLY_NO_CHART, NULL                   },
    {"warnings",     NULL,           WEEKLY_NO_CHART, NULL                   },
    {"improvements", NULL,           WEEKLY_NO_CHART, NULL                   },
    {"teams",        "team",         WEEKLY_NO_CHART, NULL                   },
};
