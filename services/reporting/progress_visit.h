/* SPDX-License-Identifier: Apache-2.0 */
/* progress_visit.h - one request for a progress page, from its arrival to its answer. */
#ifndef TROTH_REPORTING_PROGRESS_VISIT_H
#define TROTH_REPORTING_PROGRESS_VISIT_H

#include <stddef.h>

#include "common/base/zone_shelf.h"
#include "common/runtime/http.h"
#include "common/runtime/request_client.h"
#include "services/reporting/progress_round.h"
#include "services/reporting/progress_standards.h"
#include "services/reporting/progress_token.h"
#include "services/reporting/record_desk.h"
#include "services/reporting/reporting.h"
#include "services/reporting/web_rates.h"

struct progress_visit;

struct progress_page {
    struct reporting *reporting;
    struct record_desk *records;
    struct request_client *intake; /* for words that are sealed */
    struct progress_standards *standards;
    struct progress_round *round;
    struct web_rates *strangers; /* addresses that tried links which nobody has */
    struct web_rates *addresses; /* all requests */
    struct web_rates *looks;     /* GETs of a link that there is */
    struct web_rates *sayings;   /* its POSTs */
    struct zone_shelf *zones;
    struct progress_visit *open;
    size_t open_count;
    int64_t *shown, *said, *again, *refused;
};

/* body: of a POST; NULL: it is a GET. Answers the exchange, now or later. */
void progress_visit_begin(struct progress_page *p, const struct http_request *request,
                          const struct bytes *body, struct http_exchange *exchange);
/* Nobody is answered. */
void progress_visit_abandon_all(struct progress_page *p);

#endif
