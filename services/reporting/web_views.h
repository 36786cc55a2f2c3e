/* SPDX-License-Identifier: Apache-2.0 */
/* web_views.h - views of personal data on their way into the database: web_personal_view(). */
#ifndef TROTH_REPORTING_WEB_VIEWS_H
#define TROTH_REPORTING_WEB_VIEWS_H

#include "services/reporting/web_door.h"

struct web_views;

/* wait_us: for a connection to the database; what waits longer is not written. */
struct web_views *web_views_new(struct service *service, int64_t wait_us);
void web_views_free(struct web_views *v); /* NULL is fine */
size_t web_views_open_count(const struct web_views *v);

void web_views_write(struct web_views *v, const struct web_personal_view *view,
                     web_personal_view_fn *done, void *ctx);
void web_views_forget(struct web_views *v, const void *ctx);

#endif
