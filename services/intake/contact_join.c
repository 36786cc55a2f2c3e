/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_join.h"

#include <string.h>

#include "common/base/text.h"
#include "services/intake/case_decide.h"

#define ORIGIN(name) TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_##name

Troth__V1__ContactOrigin contact_join_origin(const struct standard *s, const Troth__V1__Contact *m)
{
    bool is_person =
        !m->has_origin || m->origin == ORIGIN(UNSPECIFIED) || m->origin == ORIGIN(PERSON);
    if (!is_person) {
        return m->origin;
    }
    return m->has_hop_count && m->hop_count > standard_hops_max(s) ? ORIGIN(OURSELVES)
                                                                   : ORIGIN(PERSON);
}

void contact_join_request(const Troth__V1__Contact *m, struct standard_request *ret)
{
    *ret = (struct standard_request){
        .kind = standard_contact_kind((int)m->kind),
        .category = m->category,
        .channel = m->channel,
        .branch = m->branch,
    };
}

/* ---- does the rule find the case? */

static bool is_same(const char *a, const char *b)
{
    return !text_is_empty(a) && !text_is_empty(b) && strcmp(a, b) == 0;
}

bool contact_join_applies(const struct standard_dedup *d, const Troth__V1__Contact *m)
{
    return (!(d->same & STANDARD_SAME_CATEGORY) || !text_is_empty(m->category)) &&
           (!(d->same & STANDARD_SAME_CHANNEL) || !text_is_empty(m->channel)) &&
           (!(d->same & STANDARD_SAME_BRANCH) || !text_is_empty(m->branch)) &&
           (!(d->same & STANDARD_SAME_PRODUCT) || !text_is_empty(m->product));
}

static bool is_same_matter(const struct standard_dedup *d, const Troth__V1__Contact *m,
                           const struct work_case *c)
{
    return (!(d->same & STANDARD_SAME_CATEGORY) || is_same(m->category, c->category)) &&
           (!(d->same & STANDARD_SAME_CHANNEL) || is_same(m->channel, c->channel)) &&
           (!(d->same & STANDARD_SAME_BRANCH) || is_same(m->branch, c->branch)) &&
           (!(d->same & STANDARD_SAME_PRODUCT) || is_same(m->product, c->product));
}

static bool is_open(const struct standard_dedup *d, Troth__V1__CaseState state)
{
    switch (state) {
    case TROTH__V1__CASE_STATE__CASE_STATE_NEW:
    case TROTH__V1__CASE_STATE__CASE_STATE_OPEN:
    case TROTH__V1__CASE_STATE__CASE_STATE_WAITING_CUSTOMER:
    case TROTH__V1__CASE_STATE__CASE_STATE_WAITING_THIRD_PARTY:
        return true;
    case TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED:
    case TROTH__V1__CASE_STATE__CASE_STATE_CLOSED:
        return d->reopens;
    case TROTH__V1__CASE_STATE__CASE_STATE_VOID:
    case TROTH__V1__CASE_STATE__CASE_STATE_UNSPECIFIED:
    case _TROTH__V1__CASE_STATE_IS_INT_SIZE:
        break;
    }
    return false;
}

/* Contacts may come in another order than they were said: before the opening counts as after it. */
static bool is_near(const struct standard_dedup *d, int64_t occurred_us, const struct work_case *c)
{
    return occurred_us <= c->last_contact_us + d->window_us &&
           occurred_us >= c->opened_us - d->window_us;
}

static bool is_newer(const struct work_case *a, const struct work_case *b)
{
    return a->last_contact_us != b->last_contact_us ? a->last_contact_us > b->last_contact_us
                                                    : a->number > b->number;
}

struct work_case *contact_join_find(const struct intake_work *w, const struct intake_record *r,
                                    int64_t customer, const char **ret_rule)
{
    const Troth__V1__Contact *m = r->message->contact;
    struct standard_request request;
    struct work_case *found = NULL;
    if (r->needs.dedup_window_us == 0) {
        return NULL;
    }
    contact_join_request(m, &request);
    for (const struct standard_dedup *d = standard_dedup_next(w->standard, &request, NULL);
         d && !found; d = standard_dedup_next(w->standard, &request, d)) {
        WORK_EACH(struct work_case, c, &w->cases)
        {
            if (c->customer == customer && !c->joined_case && is_open(d, c->state) &&
                is_same_matter(d, m, c) && is_near(d, r->message->occurred_us, c) &&
                (!found || is_newer(c, found))) {
                found = c;
                *ret_rule = d->name;
            }
        }
    }
    return found;
}
