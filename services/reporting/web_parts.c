/* SPDX-License-Identifier: Apache-2.0 */
/* web_parts.c - what the door itself serves. */
#include "services/reporting/account_desk.h"
#include "services/reporting/web_door_private.h"
#include "services/reporting/web_files.h"
#include "services/reporting/web_views.h"

int web_parts_open(struct web_door *d, struct err *err)
{
    d->files = web_files_new(d->reporting->service->http, d->reporting->settings->web_root, err);
    if (!d->files) {
        return -1;
    }
    d->views = web_views_new(d->reporting->service);
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
