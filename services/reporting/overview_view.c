/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/overview_view.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_reply.h"

/* ---- gathering */

void overview_free(struct overview *o)
{
    for (int i = 0; i < OVERVIEW_LIST_COUNT; i++) {
        free(o->list[i]);
        o->list[i] = NULL;
        o->count[i] = 0;
    }
}

struct overview_figures *overview_add(struct overview *o, enum overview_list which, const char *key)
{
    size_t count = o->count[which]++;

    o->list[which] = xreallocarray(o->list[which], count + 1, sizeof(struct overview_figures));
    struct overview_figures *added = &o->list[which][count];
    *added = (struct overview_figures){.cases = 0};
    (void)text_copy(added->key, sizeof(added->key), key);
    return added;
}

/* ---- one row of the reply */

static void put_counts(Troth__V1__OverviewFigures *view, const struct overview_figures *f)
{
    view->has_cases = view->has_first_responses = view->has_resolved = true;
    view->has_promises_made = view->has_promises_kept = view->has_promises_broken = true;
    view->has_promises_waived = view->has_promises_renegotiated = true;
    view->has_calls_placed = view->has_calls_reached = view->has_follow_ups_planned = true;
    view->has_purchases = view->has_csat_count = view->has_nps_count = true;
    view->cases = f->cases;
    view->first_responses = f->first_responses;
    view->resolved = f->resolved;
    view->promises_made = f->promises_made;
    view->promises_kept = f->promises_kept;
    view->promises_broken = f->promises_broken;
    view->promises_waived = f->promises_waived;
    view->promises_renegotiated = f->promises_renegotiated;
    view->calls_placed = f->calls_placed;
    view->calls_reached = f->calls_reached;
    view->follow_ups_planned = f->follow_ups_planned;
    view->purchases = f->purchases;
    view->csat_count = f->csat_count;
    view->nps_count = f->nps_count;
}

static Troth__V1__OverviewFigures *figures_view(enum overview_list which,
                                                const struct overview_figures *f)
{
    Troth__V1__OverviewFigures *view = xcalloc(1, sizeof(*view));

    troth__v1__overview_figures__init(view);
    if (which == OVERVIEW_PER_DAY) {
        view->day = xstrdup(f->key);
    } else if (which == OVERVIEW_PER_BRANCH) {
        view->branch = xstrdup(f->key);
    }
    put_counts(view, f);
    if (f->has_first_response) {
        view->has_first_response_median_us = view->has_first_response_p90_us = true;
        view->first_response_median_us = f->first_response_median_us;
        view->first_response_p90_us = f->first_response_p90_us;
    }
    if (f->csat_count > 0) {
        view->has_csat_mean = true;
        view->csat_mean = (double)f->csat_sum / (double)f->csat_count;
    }
    if (f->nps_count > 0) {
        view->has_nps = true;
        view->nps = 100.0 * (double)f->nps_net / (double)f->nps_count;
    }
    return view;
}

/* ---- the order in which rows are kept: what would be left out stands last */

static int newest_first(const void *a, const void *b)
{
    const struct overview_figures *left = a, *right = b;

    return strcmp(right->key, left->key);
}

static int largest_first(const void *a, const void *b)
{
    const struct overview_figures *left = a, *right = b;

    if (left->cases != right->cases) {
        return left->cases < right->cases ? 1 : -1;
    }
    return strcmp(left->key, right->key);
}

static size_t sort(struct overview *o, enum overview_list which, size_t max,
                   int (*compare)(const void *, const void *))
{
    if (o->count[which] > 0) {
        qsort(o->list[which], o->count[which], sizeof(struct overview_figures), compare);
    }
    return o->count[which] < max ? o->count[which] : max;
}

/* ---- making it fit */

static size_t size_of(enum overview_list which, const struct overview_figures *f)
{
    Troth__V1__OverviewFigures *view = figures_view(which, f);
    size_t size = troth__v1__overview_figures__get_packed_size(view);

    troth__v1__overview_figures__free_unpacked(view, NULL);
    return size + 4; /* tag and length in front of it */
}

/* How many of the first count rows fit into room bytes. */
static size_t fitting(const struct overview *o, enum overview_list which, size_t count, size_t room,
                      size_t *ret_used)
{
    size_t used = 0, i = 0;

    while (i < count) {
        size_t size = size_of(which, &o->list[which][i]);
        if (used + size > room) {
            break;
        }
        used += size;
        i++;
    }
    *ret_used = used;
    return i;
}

static void put_list(const struct overview *o, enum overview_list which, size_t count,
                     Troth__V1__OverviewFigures ***ret_list, size_t *ret_count)
{
    Troth__V1__OverviewFigures **views = xcalloc(count + 1, sizeof(Troth__V1__OverviewFigures *));

    for (size_t i = 0; i < count; i++) {
        /* Kept from new to old, shown from old to new. */
        size_t from = which == OVERVIEW_PER_DAY ? count - 1 - i : i;
        views[i] = figures_view(which, &o->list[which][from]);
    }
    *ret_list = views;
    *ret_count = count;
}

static char *what_is_left_out(const struct overview *o, size_t days, size_t branches)
{
    struct text text = {.data = NULL};

    if (days < o->count[OVERVIEW_PER_DAY]) {
        text_appendf(&text, "per_day has the newest %zu days; ask for earlier ones by range", days);
    }
    if (branches < o->count[OVERVIEW_PER_BRANCH]) {
        text_appendf(&text, "%sper_branch has the %zu branches with most cases",
                     text.len > 0 ? "; " : "", branches);
    }
    return text.data;
}

static char *day_or(const char *asked, const char *known)
{
    const char *day = text_is_empty(asked) ? known : asked;

    return text_is_empty(day) ? NULL : xstrdup(day);
}

#define FRAME_ROOM 1024 /* for everything but the two lists */

Troth__V1__ReportReply *overview_reply(struct overview *o, const struct overview_frame *frame,
                                       size_t max)
{
    Troth__V1__ReportReply *reply = report_reply_new(frame->request_id, NULL, NULL);
    Troth__V1__Overview *view = xcalloc(1, sizeof(*view));
    if (o->count[OVERVIEW_TOTAL] == 0) {
        (void)overview_add(o, OVERVIEW_TOTAL, ""); /* nothing happened in this range */
    }
    const struct overview_figures *total = &o->list[OVERVIEW_TOTAL][0];
    size_t room = max > FRAME_ROOM ? max - FRAME_ROOM : 0;
    size_t used;

    troth__v1__overview__init(view);
    size_t branches = sort(o, OVERVIEW_PER_BRANCH, OVERVIEW_BRANCHES_MAX, largest_first);
    size_t days = sort(o, OVERVIEW_PER_DAY, OVERVIEW_DAYS_MAX, newest_first);
    /* Branches may have a third of the room, days the rest. */
    branches = fitting(o, OVERVIEW_PER_BRANCH, branches, room / 3, &used);
    days = fitting(o, OVERVIEW_PER_DAY, days, room - used, &used);
    view->total = figures_view(OVERVIEW_TOTAL, total);
    put_list(o, OVERVIEW_PER_BRANCH, branches, &view->per_branch, &view->n_per_branch);
    put_list(o, OVERVIEW_PER_DAY, days, &view->per_day, &view->n_per_day);
    view->from_day = day_or(frame->from_day, total->first_day);
    view->to_day = day_or(frame->to_day, total->last_day);
    view->time_zone = xstrdup(frame->time_zone);
    view->has_events_behind = true;
    view->events_behind = o->events_behind;
    reply->text = what_is_left_out(o, days, branches);
    reply->body_case = TROTH__V1__REPORT_REPLY__BODY_OVERVIEW;
    reply->overview = view;
    return reply;
}
