/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/identity_decide.h"

#include <string.h>

#include <sodium.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/erasure_decide.h"

#define LINK(name) TROTH__V1__CUSTOMER_LINK_ACTION__CUSTOMER_LINK_ACTION_##name

/* ---- contact points */

bool identity_decide_hash(const struct intake_work *w, enum contact_point_kind kind,
                          const char *text, uint8_t ret[KEYRING_HASH_LEN])
{
    char plain[CONTACT_POINT_SIZE];
    bool is_one = contact_point_normalise(kind, standard_identity(w->standard), text, plain);
    if (is_one && kind == CONTACT_POINT_PHONE) {
        keyring_hash_phone(w->keyring, plain, ret);
    } else if (is_one) {
        keyring_hash_email(w->keyring, plain, ret);
    }
    sodium_memzero(plain, sizeof(plain));
    return is_one;
}

/* What cannot be told (an extension, a national number) is compared as it was written. */
int64_t identity_decide_handle(const struct intake_work *w, enum contact_point_kind kind,
                               const char *text)
{
    uint8_t hash[KEYRING_HASH_LEN];
    uint64_t handle = 0;
    if (text_is_empty(text)) {
        return 0;
    }
    if (!identity_decide_hash(w, kind, text, hash)) {
        if (kind == CONTACT_POINT_PHONE) {
            keyring_hash_phone(w->keyring, text, hash);
        } else {
            keyring_hash_email(w->keyring, text, hash);
        }
    }
    for (size_t i = 0; i < sizeof(handle); i++) {
        handle = handle << 8 | hash[i];
    }
    handle &= INT64_MAX;
    return handle ? (int64_t)handle : 1;
}

/* Whom a customer follows, or itself. */
static int64_t survivor_of(const struct work_customer *c)
{
    return c->merged_into ? c->merged_into : c->number;
}

/* The survivor that the contact point of the profile leads to; 0: nobody. */
static int64_t leads_to(struct intake_work *w, const struct intake_record *r, int kind)
{
    if (!r->needs.points[kind].is_set) {
        return 0;
    }
    const struct work_contact_point *p =
        work_find_contact_point(w, kind, r->needs.points[kind].hash);
    if (!p || !p->owner) {
        return 0;
    }
    if (erasure_is_erased(w, p->survivor)) {
        return 0;
    }
    /* A record before this one may have merged or unmerged the owner. */
    const struct work_customer *owner = work_find_customer(w, p->owner);
    return owner ? survivor_of(owner) : p->survivor;
}

static void claim(struct intake_work *w, const struct intake_record *r, int kind,
                  const struct work_customer *c)
{
    struct work_contact_point *p = work_add_contact_point(w, kind, r->needs.points[kind].hash);
    if (p->owner && p->owner != c->number) { /* of somebody who was erased */
        struct work_given_up *g = work_append(w, &w->given_up_points, sizeof(*g));
        g->kind = kind;
        memcpy(g->hash, p->hash, sizeof(g->hash));
        g->customer = p->owner;
    }
    p->owner = c->number;
    p->survivor = survivor_of(c);
    p->is_claimed = true;
}

void identity_decide_forget(struct intake_work *w, const struct work_customer *c,
                            enum contact_point_kind kind, const char *was)
{
    const struct standard_identity *identity = standard_identity(w->standard);
    uint8_t hash[KEYRING_HASH_LEN];
    if ((!identity->is_joined_by_phone && !identity->is_joined_by_email) ||
        !identity_decide_hash(w, kind, was, hash)) {
        return;
    }
    struct work_contact_point *p = work_find_contact_point(w, (int)kind, hash);
    if (p && p->owner != c->number) {
        return;
    }
    if (!p || !p->is_claimed) {
        struct work_given_up *g = work_append(w, &w->given_up_points, sizeof(*g));
        g->kind = (int)kind;
        memcpy(g->hash, hash, sizeof(hash));
        g->customer = c->number;
    }
    if (p) {
        p->owner = 0;
        p->is_claimed = false;
    }
}

/* The profile says another text, none, or that this one is not the customer's. */
static void forget_replaced(struct intake_work *w, const struct work_customer *c,
                            enum contact_point_kind kind, const char *was, const char *said,
                            bool is_disowned)
{
    const struct standard_identity *identity = standard_identity(w->standard);
    char before[CONTACT_POINT_SIZE];
    char after[CONTACT_POINT_SIZE];
    if (!said || !was) {
        return;
    }
    bool is_same = contact_point_normalise(kind, identity, was, before) &&
                   contact_point_normalise(kind, identity, said, after) &&
                   strcmp(before, after) == 0;
    if (!is_same || is_disowned) {
        identity_decide_forget(w, c, kind, was);
    }
    sodium_memzero(before, sizeof(before));
    sodium_memzero(after, sizeof(after));
}

void identity_decide_forget_replaced(struct intake_work *w, const struct intake_record *r,
                                     const struct work_customer *c)
{
    const Troth__V1__CustomerProfile *p = r->message->customer_profile;
    forget_replaced(w, c, CONTACT_POINT_PHONE, c->person.field[PERSON_PHONE].text, p->phone,
                    p->has_phone_is_verified && !p->phone_is_verified);
    forget_replaced(w, c, CONTACT_POINT_EMAIL, c->person.field[PERSON_EMAIL].text, p->email,
                    p->has_email_is_verified && !p->email_is_verified);
}

/* ---- questions */

static struct work_question *question_of(struct intake_work *w, int64_t one, int64_t other)
{
    int64_t first = one < other ? one : other;
    int64_t second = one < other ? other : one;
    WORK_EACH(struct work_question, q, &w->questions)
    {
        if (q->customer == first && q->other == second) {
            return q;
        }
    }
    struct work_question *q = work_append(w, &w->questions, sizeof(*q));
    q->customer = first;
    q->other = second;
    q->reason = "person";
    return q;
}

static void ask(struct intake_work *w, int64_t one, int64_t other, int kind)
{
    struct work_question *q = question_of(w, one, other);
    if (!q->is_asked) {
        q->is_asked = true;
        q->reason = contact_point_name((enum contact_point_kind)kind);
    }
}

/* ---- the customer of a profile */

/* The one customer that the contact points of a new reference lead to; 0: none, or several. */
static int64_t agreed(const int64_t leads[CONTACT_POINT_KINDS], int *ret_kind)
{
    int64_t one = 0;
    for (int kind = 0; kind < CONTACT_POINT_KINDS; kind++) {
        if (leads[kind] && !one) {
            one = leads[kind];
            *ret_kind = kind;
        } else if (leads[kind] && leads[kind] != one) {
            return 0;
        }
    }
    return one;
}

static struct work_customer *join(struct intake_work *w, const struct intake_record *r,
                                  const int64_t leads[CONTACT_POINT_KINDS],
                                  const char **ret_joined_by)
{
    int32_t source_id = r->request->sender.source_id;
    int kind = 0;
    if (work_find_reference(w, source_id, r->names.customer_ref)) {
        return NULL;
    }
    int64_t number = agreed(leads, &kind);
    struct work_customer *c = number ? work_find_customer(w, number) : NULL;
    if (c) {
        work_add_reference(w, source_id, r->names.customer_ref, c)->is_new = true;
        *ret_joined_by = contact_point_name((enum contact_point_kind)kind);
    }
    return c;
}

struct work_customer *identity_decide_customer(struct intake_work *w, const struct intake_record *r,
                                               const char **ret_joined_by, struct err *err)
{
    static const char *const fields[] = {"customer_profile.customer_ref",
                                         "customer_profile.customer_number"};
    int64_t leads[CONTACT_POINT_KINDS];
    for (int kind = 0; kind < CONTACT_POINT_KINDS; kind++) {
        leads[kind] = leads_to(w, r, kind);
    }
    *ret_joined_by = NULL;
    struct work_customer *c = r->names.customer_number ? NULL : join(w, r, leads, ret_joined_by);
    if (!c) {
        c = intake_decide_named_customer(w, r, fields, err);
    }
    if (!c) {
        return NULL;
    }
    for (int kind = 0; kind < CONTACT_POINT_KINDS; kind++) {
        if (leads[kind] && leads[kind] != survivor_of(c)) {
            ask(w, survivor_of(c), leads[kind], kind);
            *ret_joined_by = "ambiguous";
        } else if (r->needs.points[kind].is_set && !leads[kind]) {
            claim(w, r, kind, c);
        }
    }
    return c;
}

/* ---- what people say about two customers */

static struct work_customer *named(struct intake_work *w, int32_t source_id, int64_t number,
                                   const char *reference, const char *const fields[2],
                                   struct err *err)
{
    struct work_reference *known = reference ? work_find_reference(w, source_id, reference) : NULL;
    struct work_customer *c = number  ? work_find_customer(w, number)
                              : known ? known->customer
                                      : NULL;
    if (reference && (!known || known->customer != c)) {
        err_set_field(err, "customer_unknown", fields[0],
                      number ? "the reference is not that of the number"
                             : "no customer has this reference");
        return NULL;
    }
    if (!c) {
        err_set_field(err, "customer_unknown", fields[1], "no customer has this number");
    }
    return c;
}

static int refuse_merged(struct err *err, const char *field, const struct work_customer *c,
                         const char *what_to_do)
{
    char number[IDENTIFIER_TEXT_SIZE];
    return err_set_field(err, "customer_merged_already", field, "it follows %s: %s",
                         identifier_format(IDENTIFIER_CUSTOMER, c->merged_into, number),
                         what_to_do);
}

static int merge(struct intake_work *w, struct work_customer *c, struct work_customer *other,
                 struct work_when when, struct err *err)
{
    if (other->merged_into) {
        return refuse_merged(err, "customer_link.other_ref", other,
                             other->merged_into == c->number ? "nothing is left to do"
                                                             : "unmerge them first");
    }
    if (c->merged_into) {
        return refuse_merged(err, "customer_link.customer_ref", c,
                             "merge into that one, or unmerge them first");
    }
    if (other->follower_count > 0) {
        return err_set_field(err, "customer_has_followers", "customer_link.other_ref",
                             "%d customers follow it: merge the other way round, or unmerge them "
                             "first",
                             (int)other->follower_count);
    }
    other->merged_into = c->number;
    c->follower_count++;
    work_emit_customer_link(w, c, other, true, when);
    question_of(w, c->number, other->number)->state = WORK_QUESTION_MERGED;
    return 0;
}

static void unmerge(struct intake_work *w, struct work_customer *survivor,
                    struct work_customer *merged, struct work_when when)
{
    merged->merged_into = 0;
    survivor->follower_count--;
    work_emit_customer_link(w, survivor, merged, false, when);
    struct work_question *q = question_of(w, survivor->number, merged->number);
    q->state = WORK_QUESTION_OPEN;
    q->is_reopened = true;
}

static int apply_link(struct intake_work *w, Troth__V1__CustomerLinkAction action,
                      struct work_customer **c, struct work_customer **other, struct work_when when,
                      struct err *err)
{
    if ((*c)->merged_into == (*other)->number && action != LINK(MERGE)) {
        /* Which of them stays does not matter to who takes it back. */
        struct work_customer *survivor = *other;
        *other = *c;
        *c = survivor;
    }
    bool is_merged = (*other)->merged_into == (*c)->number;
    if (action == LINK(MERGE)) {
        return merge(w, *c, *other, when, err);
    }
    if (action == LINK(UNMERGE)) {
        if (!is_merged) {
            return err_set_field(err, "customer_not_merged", "customer_link.other_ref",
                                 "neither of the two follows the other");
        }
        unmerge(w, *c, *other, when);
        return 0;
    }
    if (is_merged) {
        return refuse_merged(err, "customer_link.other_ref", *other, "unmerge them first");
    }
    question_of(w, (*c)->number, (*other)->number)->state = WORK_QUESTION_DISTINCT;
    return 0;
}

int identity_decide_link(struct intake_work *w, const struct intake_record *r,
                         struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__CustomerLink *m = r->message->customer_link;
    const struct intake_names *n = &r->names;
    int32_t source_id = r->request->sender.source_id;
    struct work_customer *c = named(
        w, source_id, n->customer_number, n->customer_ref,
        (const char *const[]){"customer_link.customer_ref", "customer_link.customer_number"}, err);
    struct work_customer *other =
        c ? named(w, source_id, n->other_number, n->other_ref,
                  (const char *const[]){"customer_link.other_ref", "customer_link.other_number"},
                  err)
          : NULL;
    if (!c || !other) {
        return -1;
    }
    if (c == other) {
        return err_set_field(err, "same_customer", "customer_link.other_ref",
                             "both are one customer already");
    }
    if (apply_link(w, m->action, &c, &other, intake_decide_when(r), err) < 0) {
        return -1;
    }
    struct work_customer_link *link = work_append(w, &w->customer_links, sizeof(*link));
    link->number = intake_numbers_take(&w->numbers, identifier_bucket(other->number));
    link->survivor = c->number;
    link->merged = other->number;
    link->action = m->action;
    link->source_id = source_id;
    link->occurred_us = r->message->occurred_us;
    intake_decide_text(w, r,
                       &(struct work_text){.number = link->number,
                                           .field = "reason",
                                           .customer = other->number,
                                           .body = m->reason});
    *ret_outcome = (struct intake_outcome){.customer = c->number, .fact_number = link->number};
    return 0;
}
