/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_links.h - links to progress pages: made and taken back by people at the dashboard (POST
 * and DELETE /v1/cases/N/link) and by programs (ProgressLinkRequest).
 *
 * A link is told once: its token is random, and only the hash is kept.
 */
#ifndef TROTH_REPORTING_PROGRESS_LINKS_H
#define TROTH_REPORTING_PROGRESS_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "report.pb-c.h"
#include "services/reporting/reporting.h"

struct progress_links;
struct web_door;

/* Registers the two routes. Borrows both. */
struct progress_links *progress_links_new(struct reporting *r, struct web_door *door);
void progress_links_free(struct progress_links *l); /* NULL is fine; before the door */
size_t progress_links_open_count(const struct progress_links *l); /* NULL: 0 */

/* What is asked for, and by whom. */
struct progress_link_asked {
    int64_t service_case;
    int32_t days;
    bool is_revoked; /* all links of the case are taken back, and none is made */
    char by[80];
};

/* Returns 0, or -1 with code "case_unknown" or "request_invalid". */
MUST_CHECK int progress_link_read(const Troth__V1__ProgressLinkRequest *request,
                                  struct progress_link_asked *ret, struct err *err);

#define PROGRESS_LINK_TOKEN_SIZE 23
/* Queues the one statement that does it. ret_token: of a new link. */
void progress_link_put(struct db *db, const struct progress_link_asked *asked, int64_t now_us,
                       char ret_token[PROGRESS_LINK_TOKEN_SIZE]);
/* What came of it: the caller frees the message (free_unpacked). NULL: there is no such case, or
 * its customer is erased. url: the setting progress_url. */
Troth__V1__ProgressLink *progress_link_take(const struct db_rows *rows,
                                            const struct progress_link_asked *asked, int64_t now_us,
                                            const char *url, const char *token);

#endif
