/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/evidence.h"

#include <string.h>

#include "common/base/compiler.h"

#define STATE(name)      TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name
#define BODY(name)       TROTH__V1__EVENT__BODY_##name

#define SERVQUAL_ITEM_MAX  22
#define SERVQUAL_SCALE_MAX 7
#define VERSION_GIVEN      1 /* of what has no versions of its own */
#define VERSION_TAKEN_BACK 2

static bool is_within(int64_t at_us)
{
    return at_us >= EVIDENCE_FIRST_US && at_us < EVIDENCE_END_US;
}

static int64_t earlier(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

/* ---- promises */

static bool is_running(Troth__V1__PromiseState state)
{
    return state == STATE(OPEN) || state == STATE(AT_RISK);
}

static int of_promise(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__PromiseChanged *changed = event->promise_changed;

    e->kind = EVIDENCE_PROMISE;
    e->subject = changed->promise;
    e->version = changed->promise_version;
    e->value = changed->to;
    e->service_case = changed->service_case;
    e->made_us = changed->made_us;
    e->due_us = changed->due_us;
    e->done_us = changed->done_us;
    e->branch = changed->branch;
    e->team = changed->owner_team;
    e->label = changed->kind;
    bool is_silent = changed->has_from && is_running(changed->from) && is_running(changed->to);
    return changed->has_to && changed->to > STATE(UNSPECIFIED) &&
           changed->to <= STATE(RENEGOTIATED_LATE) && !is_silent;
}

static int of_word(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__PromiseAnswered *answered = event->promise_answered;

    e->kind = EVIDENCE_WORD;
    e->subject = answered->promise;
    e->version = event->version;
    e->value = answered->is_confirmed ? 1 : -1;
    e->is_void = event->is_reversal;
    e->service_case = answered->service_case;
    e->branch = answered->branch;
    e->label = answered->kind;
    return answered->has_is_confirmed;
}

static int of_cause(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__BreakExplained *explained = event->break_explained;

    e->kind = EVIDENCE_CAUSE;
    e->subject = explained->promise;
    e->version = event->version;
    e->value = explained->cause;
    e->is_void = event->is_reversal;
    e->service_case = explained->service_case;
    e->branch = explained->branch;
    e->label = explained->kind;
    return explained->has_cause && e->value >= 0 &&
           e->value <= TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNDERSTOOD_DIFFERENTLY;
}

/* ---- answers */

static bool is_on_scale(int32_t value, int32_t min, int32_t max)
{
    return value >= min && value <= max;
}

/* 0: not asked. False: not on the scale. */
static bool read_half(protobuf_c_boolean has, int32_t value, int32_t *ret)
{
    *ret = has ? value : 0;
    return !has || is_on_scale(value, 1, SERVQUAL_SCALE_MAX);
}

static bool read_item(const Troth__V1__ServqualItem *item, struct evidence *e)
{
    int32_t perception;

    if (!is_on_scale(item->item, 1, SERVQUAL_ITEM_MAX) ||
        !is_on_scale((int32_t)item->dimension,
                     TROTH__V1__SERVQUAL_DIMENSION__SERVQUAL_DIMENSION_TANGIBLES,
                     TROTH__V1__SERVQUAL_DIMENSION__SERVQUAL_DIMENSION_EMPATHY) ||
        !read_half(item->has_perception, item->perception, &perception) ||
        !read_half(item->has_expectation, item->expectation, &e->expectation)) {
        return false;
    }
    e->part = item->item;
    e->dimension = (int32_t)item->dimension;
    e->value = perception;
    return item->has_perception || item->has_expectation;
}

static int of_items(const Troth__V1__SurveyAnswered *answered, struct evidence *e)
{
    const struct evidence common = *e;
    uint32_t seen = 0; /* an item counts once, as it comes first */
    int count = 0;

    for (size_t i = 0; i < answered->n_items; i++) {
        e[count] = common;
        if (read_item(answered->items[i], &e[count]) && !(seen & 1U << e[count].part)) {
            seen |= 1U << e[count].part;
            if (++count == EVIDENCE_PER_EVENT_MAX) {
                break;
            }
        }
    }
    return count;
}

static int of_answer(const Troth__V1__Event *event, struct evidence *e)
{
    static const struct {
        Troth__V1__SurveyInstrument instrument;
        enum evidence_kind kind;
        int32_t min, max;
    } scales[] = {
        {INSTRUMENT(CSAT), EVIDENCE_CSAT, 1, 5 },
        {INSTRUMENT(NPS),  EVIDENCE_NPS,  0, 10},
        {INSTRUMENT(CES),  EVIDENCE_CES,  1, 7 },
    };
    const Troth__V1__SurveyAnswered *answered = event->survey_answered;

    e->subject = answered->answer;
    e->version = event->is_reversal ? VERSION_TAKEN_BACK : VERSION_GIVEN;
    e->is_void = event->is_reversal;
    e->service_case = answered->service_case;
    e->branch = answered->branch;
    if (answered->instrument == INSTRUMENT(SERVQUAL)) {
        e->kind = EVIDENCE_SERVQUAL;
        return of_items(answered, e);
    }
    for (size_t i = 0; i < ARRAY_LEN(scales); i++) {
        if (scales[i].instrument == answered->instrument) {
            e->kind = scales[i].kind;
            e->value = answered->value;
            return answered->has_value &&
                   is_on_scale(answered->value, scales[i].min, scales[i].max);
        }
    }
    return 0;
}

/* ---- complaints: what a case is */

static int of_case(const Troth__V1__Event *event, struct evidence *e, int64_t service_case,
                   Troth__V1__ContactKind kind)
{
    e->kind = EVIDENCE_COMPLAINT;
    e->subject = e->service_case = service_case;
    e->version = event->version;
    e->value = kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT;
    return 1;
}

static int of_opened(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__CaseOpened *opened = event->case_opened;
    int count = of_case(event, e, opened->service_case, opened->kind);

    e->is_void = event->is_reversal;
    e->branch = opened->branch;
    bool is_silent = e->value == 0 && !e->is_void && e->version <= VERSION_GIVEN;
    return is_silent ? 0 : count;
}

static int of_reclassified(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__CaseReclassified *changed = event->case_reclassified;
    bool is_back = event->is_reversal;
    int count =
        of_case(event, e, changed->service_case, is_back ? changed->kind_before : changed->kind);
    struct evidence other;

    (void)of_case(event, &other, 0, is_back ? changed->kind : changed->kind_before);
    e->branch = changed->branch;
    if (changed->has_opened_us) {
        e->at_us = earlier(changed->opened_us, e->recorded_us);
    }
    return changed->has_kind_before && e->value == other.value ? 0 : count;
}

static int of_changed(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__CaseChanged *changed = event->case_changed;
    int count =
        of_case(event, e, changed->service_case, TROTH__V1__CONTACT_KIND__CONTACT_KIND_UNSPECIFIED);

    e->is_void = true;
    e->branch = changed->branch;
    return changed->to == TROTH__V1__CASE_STATE__CASE_STATE_VOID ? count : 0;
}

/* ---- purchases */

static int of_sale(const Troth__V1__Event *event, struct evidence *e, int64_t amount_minor,
                   const char *currency)
{
    e->version = event->is_reversal ? VERSION_TAKEN_BACK : VERSION_GIVEN;
    e->is_void = event->is_reversal;
    e->value = amount_minor;
    e->label = currency;
    return amount_minor >= 0 && amount_minor <= EVIDENCE_AMOUNT_MAX_MINOR && currency != NULL &&
           strlen(currency) == 3;
}

static int of_purchase(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__PurchaseMade *made = event->purchase_made;

    e->kind = EVIDENCE_PURCHASE;
    e->subject = made->purchase;
    e->branch = made->branch;
    return of_sale(event, e, made->amount_minor, made->currency);
}

static int of_refund(const Troth__V1__Event *event, struct evidence *e)
{
    const Troth__V1__RefundMade *made = event->refund_made;

    e->kind = EVIDENCE_REFUND;
    e->subject = made->refund;
    e->branch = made->branch;
    return of_sale(event, e, made->amount_minor, made->currency);
}

/* ---- events */

typedef int evidence_reader(const Troth__V1__Event *event, struct evidence *e);

static evidence_reader *reader_of(const Troth__V1__Event *event)
{
    static const struct {
        Troth__V1__Event__BodyCase body;
        evidence_reader *reader;
    } readers[] = {
        {BODY(PROMISE_CHANGED),   of_promise     },
        {BODY(PROMISE_ANSWERED),  of_word        },
        {BODY(BREAK_EXPLAINED),   of_cause       },
        {BODY(SURVEY_ANSWERED),   of_answer      },
        {BODY(CASE_OPENED),       of_opened      },
        {BODY(CASE_RECLASSIFIED), of_reclassified},
        {BODY(CASE_CHANGED),      of_changed     },
        {BODY(PURCHASE_MADE),     of_purchase    },
        {BODY(REFUND_MADE),       of_refund      },
    };

    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        if (readers[i].body == event->body_case) {
            return readers[i].reader;
        }
    }
    return NULL;
}

int evidence_of_event(const Troth__V1__Event *event,
                      struct evidence ret[static EVIDENCE_PER_EVENT_MAX])
{
    evidence_reader *reader = reader_of(event);

    if (reader == NULL || event->customer <= 0 || !is_within(event->occurred_us) ||
        !is_within(event->recorded_us)) {
        return 0;
    }
    ret[0] = (struct evidence){
        .customer = event->customer,
        .at_us = earlier(event->occurred_us, event->recorded_us),
        .recorded_us = event->recorded_us,
        .stream = event->stream,
        .seq = event->seq,
    };
    int count = reader(event, ret);
    return count > 0 && ret[0].subject > 0 && ret[0].version > 0 && is_within(ret[0].at_us) ? count
                                                                                            : 0;
}

/* ---- heard of */

static bool is_heard(const Troth__V1__Event *event)
{
    static const Troth__V1__Event__BodyCase bodies[] = {
        BODY(CASE_OPENED),        BODY(SURVEY_ANSWERED),  BODY(PURCHASE_MADE), BODY(POINTS_SPENT),
        BODY(EXPECTATION_STATED), BODY(PROMISE_ANSWERED), BODY(CONTACT_ADDED),
    };
    bool is_heard = false;

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        is_heard |= bodies[i] == event->body_case;
    }
    if (event->body_case == BODY(CONTACT_ADDED)) {
        Troth__V1__ContactOrigin origin = event->contact_added->origin;
        is_heard = origin == TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_UNSPECIFIED ||
                   origin == TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON;
    }
    return is_heard && !event->is_reversal;
}

int64_t evidence_seen_us(const Troth__V1__Event *event)
{
    if (!is_heard(event) || event->customer <= 0 || !is_within(event->occurred_us) ||
        !is_within(event->recorded_us)) {
        return INT64_MIN;
    }
    return earlier(event->occurred_us, event->recorded_us);
}

/* ---- order */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int evidence_compare_things(const struct evidence *a, const struct evidence *b)
{
    int order = compare_numbers(a->customer, b->customer);

    if (order == 0) {
        order = compare_numbers(a->kind, b->kind);
    }
    if (order == 0) {
        order = compare_numbers(a->subject, b->subject);
    }
    return order != 0 ? order : compare_numbers(a->part, b->part);
}

int evidence_compare_versions(const void *a, const void *b)
{
    const struct evidence *left = a, *right = b;
    int order = evidence_compare_things(left, right);

    return order != 0 ? order : compare_numbers(right->version, left->version);
}
