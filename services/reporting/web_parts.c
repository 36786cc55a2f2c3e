/* SPDX-License-Identifier: Apache-2.0 */
/* web_parts.c - what the door itself serves. */
#include "services/reporting/account_desk.h"
#include "services/reporting/web_door_private.h"
#include "services/reporting/web_files.h"
#include "services/reporting/web_views.h"

/* Browsers ask every site for it, whatever its pages say. The dashboard has an icon of its own, the
 * pages for customers have none. */
static void on_favicon(void *ctx, const struct http_request *request, struct http_response *r)
{
    (void)ctx;
    (void)request;
    r->status = 204;
    r->cache_control = "public, max-age=86400";
}

int web_parts_open(struct web_door *d, struct err *err)
{
    d->files = web_files_new(d->reporting->service->http, d->reporting->settings->web_root, err);
    if (!d->files) {
        return -1;
    }
    http_route(d->reporting->service->http, "GET", "/favicon.ico", on_favicon, NULL);
    d->views = web_views_new(d->reporting->service, d->reporting->settings->web_wait_us);
    d->accounts = account_desk_new(d->reporting, d, d->gate, err);
    return d->accounts ? 0 : -1;
}

void web_parts_close(struct web_door *d)
{
    account_desk_free(d->accounts);
    web_views_free(d->views);
    web_files_free(d->files);
}

size_t web_parts_open_count(const struct web_door *d)
{
    return web_views_open_count(d->views) + account_desk_open_count(d->accounts);
}

void web_personal_view(struct web_door *d, const struct web_personal_view *view,
                       web_personal_view_fn *done, void *ctx)
{
    web_views_write(d->views, view, done, ctx);
}

void web_personal_view_forget(struct web_door *d, const void *ctx)
{
    web_views_forget(d->views, ctx);
}
