/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_events.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "services/followup/plan_answer.h"
#include "services/followup/plan_case.h"
#include "services/followup/plan_customer.h"
#include "services/followup/plan_promise.h"
#include "services/followup/servqual_round.h"

/* ---- facts */

const char *plan_event_kind(int32_t kind)
{
    static const char *const names[] = {
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY] = "enquiry",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT] = "complaint",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST] = "request",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE] = "praise",
    };
    return kind > 0 && (size_t)kind < ARRAY_LEN(names) ? names[kind] : NULL;
}

static bool find_case(const struct plan_batch *b, int64_t number, struct plan_case_row *ret)
{
    size_t row = number > 0 ? plan_index_first(&b->case_index, number) : PLAN_INDEX_END;
    if (row != PLAN_INDEX_END) {
        plan_store_get_case(b->case_rows, row, ret);
    }
    return row != PLAN_INDEX_END;
}

static struct plan_customer_row customer_of(const struct plan_batch *b, int64_t number)
{
    struct plan_customer_row u = {.churn = (double)NAN};
    size_t row = plan_index_first(&b->people_index, number);
    if (row != PLAN_INDEX_END) {
        plan_store_get_customer(b->people_rows, row, &u);
    }
    return u;
}

bool plan_event_is_merged(const struct plan_batch *b, int64_t customer)
{
    return customer_of(b, customer).is_merged;
}

const struct zone *plan_event_facts(struct plan_batch *b, int trigger, int64_t customer,
                                    int64_t service_case, const char *branch,
                                    struct rulebook_facts *ret)
{
    struct plan_case_row c = {.number = 0};
    struct plan_customer_row u = customer_of(b, customer);
    (void)find_case(b, service_case, &c);
    *ret = (struct rulebook_facts){
        .trigger = trigger,
        .kind = plan_event_kind(c.kind),
        .category = c.category,
        .product = c.product,
        .branch = text_is_empty(branch) ? c.branch : branch,
        .tier = u.tier,
        .priority = c.priority,
        .score = (double)NAN,
        .churn = u.churn,
    };
    const struct zone *zone = zone_shelf_find(b->zones, u.zone);
    zone = zone ? zone : zone_shelf_find(b->zones, branch_zones_find(b->branches, ret->branch));
    return zone ? zone : zone_shelf_find(b->zones, rulebook_limits(b->plan.rules)->usual_zone);
}

/* ---- cases */

static bool is_resolution(const Troth__V1__CaseChanged *c)
{
    return c->to == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED &&
           c->action == TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED;
}

static bool gather_case_changed(struct plan_batch *b, const Troth__V1__Event *e)
{
    const Troth__V1__CaseChanged *c = e->case_changed;
    bool is_ours = c->service_case > 0 && e->customer > 0 &&
                   !e->is_reversal && /* the correction after it says what is */
                   (is_resolution(c) || c->is_correction ||
                    c->action == TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED);
    if (is_ours) {
        plan_keys_add(&b->cases, c->service_case);
        plan_keys_add(&b->people, e->customer);
    }
    return is_ours;
}

static void apply_case_changed(struct plan_batch *b, const Troth__V1__Event *e)
{
    const Troth__V1__CaseChanged *c = e->case_changed;
    struct plan_case_row row;
    struct rulebook_facts facts;
    struct plan_case_now now = {.is_known = false};
    const struct plan_case_change change = {
        .customer = e->customer,
        .service_case = c->service_case,
        .version = e->version,
        .occurred_us = e->occurred_us,
        .reopened_count = c->reopened_count,
        .branch = c->branch,
        .is_historical = e->is_historical,
    };
    if (plan_index_first(&b->cases.seen, c->service_case) == PLAN_INDEX_END || e->is_reversal) {
        return;
    }
    if (find_case(b, c->service_case, &row)) {
        now = (struct plan_case_now){
            .is_known = true, .reopened_count = row.reopened_count, .resolved_us = row.resolved_us};
    }
    const struct zone *zone = plan_event_facts(b, FOLLOW_UP_ON_CASE_RESOLVED, e->customer,
                                               c->service_case, c->branch, &facts);
    if (c->is_correction) {
        plan_case_corrected(&b->plan, c->service_case, &now, zone);
    } else if (is_resolution(c)) {
        plan_case_resolved(&b->plan, &change, &now, &facts, zone);
    } else if (c->action == TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED) {
        plan_case_reopened(&b->plan, &change);
    }
}

/* ---- promises */

static bool gather_promise(struct plan_batch *b, const Troth__V1__Event *e, int64_t promise,
                           int64_t service_case)
{
    if (promise <= 0 || service_case <= 0 || e->customer <= 0) {
        return false;
    }
    plan_keys_add(&b->promises, promise);
    plan_keys_add(&b->cases, service_case);
    plan_keys_add(&b->people, e->customer);
    return true;
}

/* What is planned for a promise follows it; trigger 0: nothing new is planned. Returns the one
 * whose place it took; 0: none. */
static int64_t apply_one_promise(struct plan_batch *b, const Troth__V1__Event *e, int64_t promise,
                                 int trigger)
{
    struct plan_promise_row row;
    struct rulebook_facts facts;
    size_t place = plan_index_first(&b->promise_index, promise);
    if (place == PLAN_INDEX_END) {
        return 0;
    }
    plan_store_get_promise(b->promise_rows, place, &row);
    const struct plan_promise_now now = {
        .promise = row.number,
        .service_case = row.service_case,
        .customer = row.customer,
        .state = row.state,
        .clock_version = row.clock_version,
        .last_state = row.last_state,
        .due_us = row.due_us,
        .branch = row.branch,
        .is_void = row.is_void,
        .is_compensation_void = row.is_compensation_void,
    };
    const struct zone *zone =
        plan_event_facts(b, trigger, row.customer, row.service_case, row.branch, &facts);
    facts.promise_kind = trigger == FOLLOW_UP_ON_COMPENSATION ? "compensation" : row.kind;
    if (trigger && !e->is_reversal) {
        plan_promise_happened(&b->plan, &now, e->occurred_us, e->is_historical, &facts, zone);
    } else {
        plan_promise_follow(&b->plan, &now, zone);
    }
    return row.replaces;
}

/* A compensation that was promised anew is still that of the first promise. */
static void apply_promise(struct plan_batch *b, const Troth__V1__Event *e, int64_t promise,
                          int trigger)
{
    for (int64_t next = promise; next > 0; trigger = 0) {
        next = apply_one_promise(b, e, next, trigger);
    }
}

static bool gather_promise_changed(struct plan_batch *b, const Troth__V1__Event *e)
{
    return gather_promise(b, e, e->promise_changed->promise, e->promise_changed->service_case);
}

static void apply_promise_changed(struct plan_batch *b, const Troth__V1__Event *e)
{
    int trigger = 0;
    if (e->promise_changed->to == TROTH__V1__PROMISE_STATE__PROMISE_STATE_AT_RISK) {
        trigger = FOLLOW_UP_ON_PROMISE_AT_RISK;
    } else if (e->promise_changed->to == TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN) {
        trigger = FOLLOW_UP_ON_PROMISE_BROKEN;
    }
    apply_promise(b, e, e->promise_changed->promise, trigger);
}

static bool gather_promise_retargeted(struct plan_batch *b, const Troth__V1__Event *e)
{
    return gather_promise(b, e, e->promise_retargeted->promise,
                          e->promise_retargeted->service_case);
}

static void apply_promise_retargeted(struct plan_batch *b, const Troth__V1__Event *e)
{
    apply_promise(b, e, e->promise_retargeted->promise, 0);
}

/* Taken back; or given in the place of another one, whose compensation moves with it. */
static bool gather_promise_made(struct plan_batch *b, const Troth__V1__Event *e)
{
    const Troth__V1__PromiseMade *m = e->promise_made;
    bool is_taken_back = e->is_reversal && gather_promise(b, e, m->promise, m->service_case);
    bool replaces = m->replaces > 0 && gather_promise(b, e, m->replaces, m->service_case);
    return is_taken_back || replaces;
}

static void apply_promise_made(struct plan_batch *b, const Troth__V1__Event *e)
{
    apply_promise(b, e, e->promise_made->promise, 0);
    apply_promise(b, e, e->promise_made->replaces, 0);
}

static bool gather_compensation(struct plan_batch *b, const Troth__V1__Event *e)
{
    return gather_promise(b, e, e->compensation_promised->promise,
                          e->compensation_promised->service_case);
}

static void apply_compensation(struct plan_batch *b, const Troth__V1__Event *e)
{
    apply_promise(b, e, e->compensation_promised->promise, FOLLOW_UP_ON_COMPENSATION);
}

/* ---- answers */

enum {
    ITEMS_MAX = 32
}; /* the questionnaire has 22 */

static struct plan_answer answer_of(const Troth__V1__Event *e,
                                    struct plan_answer_item items[ITEMS_MAX])
{
    const Troth__V1__SurveyAnswered *s = e->survey_answered;
    struct plan_answer a = {
        .answer = s->answer,
        .customer = e->customer,
        .service_case = s->service_case,
        .instrument = (int32_t)s->instrument,
        .value = s->value,
        .items = items,
        .branch = s->branch,
        .occurred_us = e->occurred_us,
        .is_historical = e->is_historical,
    };
    for (size_t i = 0; i < s->n_items && a.item_count < ITEMS_MAX; i++) {
        if (!s->items[i]->has_expectation || !s->items[i]->has_perception) {
            continue; /* half an item has no gap */
        }
        items[a.item_count++] = (struct plan_answer_item){
            .dimension = (int32_t)s->items[i]->dimension,
            .expectation = s->items[i]->expectation,
            .perception = s->items[i]->perception,
        };
    }
    return a;
}

/* That the customer was heard of, and which items of SERVQUAL need not be asked again soon,
 * whichever way they came. */
static bool note_answer(struct plan_batch *b, const Troth__V1__Event *e)
{
    struct rhythm_beat beat = {
        .customer = e->customer,
        .contact_us = e->occurred_us,
        .purchase_us = DB_NO_TIME,
        .refusal_us = DB_NO_TIME,
    };
    for (size_t i = 0; i < e->survey_answered->n_items; i++) {
        beat.servqual |= servqual_round_bit(e->survey_answered->items[i]->item);
    }
    if (e->customer <= 0 || e->is_reversal) {
        return false;
    }
    rhythm_list_add(&b->rhythm, &beat);
    return true;
}

static bool gather_survey_answered(struct plan_batch *b, const Troth__V1__Event *e)
{
    struct plan_answer_item items[ITEMS_MAX];
    const struct plan_answer a = answer_of(e, items);
    bool is_words_alone = !e->survey_answered->has_value && a.item_count == 0;
    bool is_noted = note_answer(b, e);
    if (is_words_alone && !e->is_reversal) {
        return is_noted;
    }
    if (a.answer <= 0 || a.customer <= 0 ||
        (!e->is_reversal && !plan_answer_is_low(b->plan.rules, &a))) {
        return is_noted;
    }
    plan_keys_add(&b->answers, a.answer);
    plan_keys_add(&b->subjects, a.answer);
    plan_keys_add(&b->cases, a.service_case);
    plan_keys_add(&b->customers, a.customer);
    plan_keys_add(&b->people, a.customer);
    return true;
}

static void apply_survey_answered(struct plan_batch *b, const Troth__V1__Event *e)
{
    struct plan_answer_item items[ITEMS_MAX];
    struct plan_answer a = answer_of(e, items);
    struct rulebook_facts facts;
    if (plan_index_first(&b->answers.seen, a.answer) == PLAN_INDEX_END) {
        return;
    }
    if (e->is_reversal) {
        plan_void(&b->plan, FOLLOW_UP_ON_LOW_ANSWER, a.answer);
        return;
    }
    a.is_void = plan_index_first(&b->void_index, a.answer) != PLAN_INDEX_END;
    const struct zone *zone =
        plan_event_facts(b, FOLLOW_UP_ON_LOW_ANSWER, a.customer, a.service_case, a.branch, &facts);
    plan_answer_given(&b->plan, &a, &facts, zone);
}

/* ---- customers */

static bool gather_spoke(struct plan_batch *b, const Troth__V1__Event *e)
{
    if (e->customer <= 0 || e->is_reversal) {
        return false;
    }
    const struct rhythm_beat beat = {
        .customer = e->customer,
        .contact_us = e->occurred_us,
        .purchase_us = DB_NO_TIME,
        .refusal_us = DB_NO_TIME,
    };
    rhythm_list_add(&b->rhythm, &beat);
    if (!e->is_historical) {
        plan_keys_add(&b->customers, e->customer);
        plan_keys_add(&b->speakers, e->customer);
    }
    return true;
}

/* Machines that answer for somebody have said nothing of the customer. */
static bool gather_contact_added(struct plan_batch *b, const Troth__V1__Event *e)
{
    Troth__V1__ContactOrigin origin = e->contact_added->origin;
    return (origin == TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_UNSPECIFIED ||
            origin == TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON) &&
           gather_spoke(b, e);
}

/* Whichever number the customer is known under to whom it was said: it is the same person. */
static void apply_spoke(struct plan_batch *b, const Troth__V1__Event *e)
{
    if (e->is_historical || e->is_reversal ||
        plan_index_first(&b->speakers.seen, e->customer) == PLAN_INDEX_END) {
        return;
    }
    plan_customer_spoke(&b->plan, e->customer, e->occurred_us);
    for (size_t i = plan_index_first(&b->group_index, e->customer); i != PLAN_INDEX_END;
         i = plan_index_next(&b->group_index, i)) {
        plan_customer_spoke(&b->plan, plan_store_get_customer_of(b->group_rows, i), e->occurred_us);
    }
}

static void apply_contact_added(struct plan_batch *b, const Troth__V1__Event *e)
{
    if (e->contact_added->origin <= TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON) {
        apply_spoke(b, e);
    }
}

static bool gather_erased(struct plan_batch *b, const Troth__V1__Event *e)
{
    if (e->customer <= 0) {
        return false;
    }
    plan_keys_add(&b->customers, e->customer);
    plan_keys_add(&b->erased, e->customer);
    return true;
}

static void apply_erased(struct plan_batch *b, const Troth__V1__Event *e)
{
    plan_customer_erased(&b->plan, e->customer);
}

/* ---- purchases, improvements */

static bool gather_purchase(struct plan_batch *b, const Troth__V1__Event *e)
{
    const struct rhythm_beat beat = {
        .customer = e->customer,
        .contact_us = DB_NO_TIME,
        .purchase_us = e->occurred_us,
        .refusal_us = DB_NO_TIME,
    };
    if (e->customer <= 0) {
        return false;
    }
    if (!e->is_reversal) {
        rhythm_list_add(&b->rhythm, &beat);
        return true;
    }
    plan_keys_add(&b->customers, e->customer);
    plan_keys_add(&b->subjects, e->purchase_made->purchase);
    return true;
}

static void apply_purchase(struct plan_batch *b, const Troth__V1__Event *e)
{
    if (e->is_reversal) {
        plan_void(&b->plan, FOLLOW_UP_ON_SERVICE_DUE, e->purchase_made->purchase);
    }
}

static bool gather_improvement(struct plan_batch *b, const Troth__V1__Event *e)
{
    if (e->improvement_shipped->improvement <= 0 || e->is_reversal ||
        !rulebook_has_trigger(b->plan.rules, FOLLOW_UP_ON_IMPROVEMENT)) {
        return false;
    }
    db_array_add_int(&b->improvements, e->improvement_shipped->improvement);
    db_array_add_bool(&b->improvements_historical, e->is_historical);
    return true;
}

/* ---- the map */

const struct plan_event *plan_event_find(Troth__V1__Event__BodyCase body)
{
    /* body, gather, apply */
    static const struct plan_event events[] = {
        {TROTH__V1__EVENT__BODY_CASE_CHANGED,          gather_case_changed,       apply_case_changed   },
        {TROTH__V1__EVENT__BODY_PROMISE_CHANGED,       gather_promise_changed,    apply_promise_changed},
        {TROTH__V1__EVENT__BODY_PROMISE_RETARGETED,    gather_promise_retargeted,
         apply_promise_retargeted                                                                      },
        {TROTH__V1__EVENT__BODY_PROMISE_MADE,          gather_promise_made,       apply_promise_made   },
        {TROTH__V1__EVENT__BODY_COMPENSATION_PROMISED, gather_compensation,       apply_compensation   },
        {TROTH__V1__EVENT__BODY_SURVEY_ANSWERED,       gather_survey_answered,    apply_survey_answered},
        {TROTH__V1__EVENT__BODY_CASE_OPENED,           gather_spoke,              apply_spoke          },
        {TROTH__V1__EVENT__BODY_CONTACT_ADDED,         gather_contact_added,      apply_contact_added  },
        {TROTH__V1__EVENT__BODY_SCORE_CHANGED,         plan_event_gather_risk,    plan_event_apply_risk},
        {TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED,    plan_event_gather_risk,    plan_event_apply_risk},
        {TROTH__V1__EVENT__BODY_TRUST_BROKEN,          plan_event_gather_risk,    plan_event_apply_risk},
        {TROTH__V1__EVENT__BODY_PURCHASE_MADE,         gather_purchase,           apply_purchase       },
        {TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED,      plan_event_gather_device,
         plan_event_apply_device                                                                       },
        {TROTH__V1__EVENT__BODY_CUSTOMER_ERASED,       gather_erased,             apply_erased         },
        {TROTH__V1__EVENT__BODY_IMPROVEMENT_SHIPPED,   gather_improvement,        NULL                 },
    };
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        if (events[i].body == body) {
            return &events[i];
        }
    }
    return NULL;
}
