/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_view.h"

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

static Troth__V1__PointsEntry *view_of(const struct points_found *found,
                                       const struct points_entry *e)
{
    Troth__V1__PointsEntry *view = xcalloc(1, sizeof(*view));
    char event[96];

    *view = (Troth__V1__PointsEntry)TROTH__V1__POINTS_ENTRY__INIT;
    (void)text_format(event, sizeof(event), "%s/%d/%lld", e->stream,
                      identifier_bucket(found->customer), (long long)e->seq);
    view->has_points = view->has_at_us = view->has_balance = true;
    view->kind = xstrdup(points_kind_name(e->kind));
    view->points = e->points;
    view->at_us = e->at_us;
    view->has_expires_us = e->expires_us != POINTS_NEVER;
    view->expires_us = view->has_expires_us ? e->expires_us : 0;
    view->reason = xstrdup(points_subject_name(e->of));
    view->event = xstrdup(event);
    view->balance = e->balance;
    view->has_left = e->left > 0;
    view->left = e->left;
    return view;
}

static void say(Troth__V1__ScoreReply *reply, const char *code, const char *text)
{
    reply->code = xstrdup(code);
    reply->text = xstrdup(text);
}

void points_view_set(Troth__V1__ScoreReply *reply, const struct points_found *found,
                     bool is_by_number)
{
    char number[IDENTIFIER_TEXT_SIZE];

    if (found->customers == 0) {
        say(reply, "customer_unknown",
            is_by_number ? "there is no such customer" : "no customer has this reference");
        return;
    }
    if (found->customers > 1) {
        say(reply, "reference_ambiguous", "several sources know it: name the source");
        return;
    }
    if (found->is_erased) {
        say(reply, "customer_erased", "what was known about this customer is erased");
        return;
    }
    Troth__V1__PointsAccount *account = xcalloc(1, sizeof(*account));
    *account = (Troth__V1__PointsAccount)TROTH__V1__POINTS_ACCOUNT__INIT;
    account->customer_number =
        xstrdup(identifier_format(IDENTIFIER_CUSTOMER, found->customer, number));
    account->has_balance = account->has_expiring = true;
    account->balance = found->balance;
    account->expiring = found->soon;
    account->has_elsewhere = found->elsewhere != 0;
    account->elsewhere = found->elsewhere;
    account->entries = xcalloc(found->count + 1, sizeof(Troth__V1__PointsEntry *));
    for (size_t i = 0; i < found->count; i++) {
        account->entries[account->n_entries++] = view_of(found, &found->entries[i]);
    }
    reply->points = account;
}
