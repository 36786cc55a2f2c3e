/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/said_event.h"

#include <string.h>

#define BODY(name)       TROTH__V1__EVENT__BODY_##name
#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name
#define ITEM             5

static char stream[] = "intake.0";

/* Every body that an event of ours can have; those of the others stay as they are. */
struct bodies {
    Troth__V1__PromiseChanged promise;
    Troth__V1__PromiseAnswered word;
    Troth__V1__BreakExplained cause;
    Troth__V1__SurveyAnswered answer;
    Troth__V1__ServqualItem item;
    Troth__V1__ServqualItem *items[1];
    Troth__V1__CaseOpened opened;
    Troth__V1__CaseReclassified reclassified;
    Troth__V1__CaseChanged changed;
    Troth__V1__PurchaseMade purchase;
    Troth__V1__RefundMade refund;
    Troth__V1__ContactAdded contact;
};

static char *text(const char *t)
{
    char *same;

    memcpy(&same, &t, sizeof(same)); /* generated code has no const; nobody writes to it */
    return same;
}

static void say_promise(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->promise = (Troth__V1__PromiseChanged)TROTH__V1__PROMISE_CHANGED__INIT;
    b->promise.has_promise = b->promise.has_promise_version = b->promise.has_to = true;
    b->promise.has_from = s->value_before != 0;
    b->promise.promise = s->subject;
    b->promise.promise_version = (int32_t)s->version;
    b->promise.from = (Troth__V1__PromiseState)s->value_before;
    b->promise.to = (Troth__V1__PromiseState)s->value;
    b->promise.service_case = s->service_case;
    b->promise.made_us = s->made_us;
    b->promise.due_us = s->due_us;
    b->promise.done_us = s->done_us;
    b->promise.branch = text(s->branch);
    b->promise.owner_team = text(s->team);
    b->promise.kind = text(s->label);
    e->body_case = BODY(PROMISE_CHANGED);
    e->promise_changed = &b->promise;
}

static void say_word(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->word = (Troth__V1__PromiseAnswered)TROTH__V1__PROMISE_ANSWERED__INIT;
    b->word.has_promise = b->word.has_is_confirmed = true;
    b->word.promise = s->subject;
    b->word.service_case = s->service_case;
    b->word.is_confirmed = s->value != 0;
    e->body_case = BODY(PROMISE_ANSWERED);
    e->promise_answered = &b->word;
}

static void say_cause(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->cause = (Troth__V1__BreakExplained)TROTH__V1__BREAK_EXPLAINED__INIT;
    b->cause.has_promise = b->cause.has_cause = true;
    b->cause.promise = s->subject;
    b->cause.service_case = s->service_case;
    b->cause.cause = (Troth__V1__BreakCause)s->value;
    e->body_case = BODY(BREAK_EXPLAINED);
    e->break_explained = &b->cause;
}

static void say_items(const struct said_event *s, struct bodies *b)
{
    b->item = (Troth__V1__ServqualItem)TROTH__V1__SERVQUAL_ITEM__INIT;
    b->item.item = ITEM;
    b->item.dimension = TROTH__V1__SERVQUAL_DIMENSION__SERVQUAL_DIMENSION_RELIABILITY;
    b->item.has_perception = s->value != 0;
    b->item.has_expectation = s->value_before != 0;
    b->item.perception = s->value;
    b->item.expectation = s->value_before;
    b->items[0] = &b->item;
    b->answer.items = b->items;
    b->answer.n_items = 1;
}

static void say_answer(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    static const Troth__V1__SurveyInstrument instruments[] = {
        [SAID_CSAT] = INSTRUMENT(CSAT),
        [SAID_NPS] = INSTRUMENT(NPS),
        [SAID_CES] = INSTRUMENT(CES),
        [SAID_SERVQUAL] = INSTRUMENT(SERVQUAL),
    };

    b->answer = (Troth__V1__SurveyAnswered)TROTH__V1__SURVEY_ANSWERED__INIT;
    b->answer.answer = s->subject;
    b->answer.has_instrument = true;
    b->answer.instrument = instruments[s->what];
    b->answer.service_case = s->service_case;
    b->answer.branch = text(s->branch);
    if (s->what == SAID_SERVQUAL) {
        say_items(s, b);
    } else {
        b->answer.has_value = true;
        b->answer.value = s->value;
    }
    e->body_case = BODY(SURVEY_ANSWERED);
    e->survey_answered = &b->answer;
}

static void say_opened(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->opened = (Troth__V1__CaseOpened)TROTH__V1__CASE_OPENED__INIT;
    b->opened.service_case = s->subject;
    b->opened.kind = (Troth__V1__ContactKind)s->value;
    e->body_case = BODY(CASE_OPENED);
    e->case_opened = &b->opened;
}

static void say_reclassified(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->reclassified = (Troth__V1__CaseReclassified)TROTH__V1__CASE_RECLASSIFIED__INIT;
    b->reclassified.service_case = s->subject;
    b->reclassified.has_kind_before = true;
    b->reclassified.kind_before = (Troth__V1__ContactKind)s->value_before;
    b->reclassified.kind = (Troth__V1__ContactKind)s->value;
    b->reclassified.has_opened_us = s->made_us != 0;
    b->reclassified.opened_us = s->made_us;
    e->body_case = BODY(CASE_RECLASSIFIED);
    e->case_reclassified = &b->reclassified;
}

static void say_voided(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->changed = (Troth__V1__CaseChanged)TROTH__V1__CASE_CHANGED__INIT;
    b->changed.service_case = s->subject;
    b->changed.to = TROTH__V1__CASE_STATE__CASE_STATE_VOID;
    e->body_case = BODY(CASE_CHANGED);
    e->case_changed = &b->changed;
}

static void say_purchase(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->purchase = (Troth__V1__PurchaseMade)TROTH__V1__PURCHASE_MADE__INIT;
    b->purchase.purchase = s->subject;
    b->purchase.amount_minor = s->value;
    b->purchase.currency = text(s->label);
    e->body_case = BODY(PURCHASE_MADE);
    e->purchase_made = &b->purchase;
}

static void say_refund(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->refund = (Troth__V1__RefundMade)TROTH__V1__REFUND_MADE__INIT;
    b->refund.refund = s->subject;
    b->refund.amount_minor = s->value;
    b->refund.currency = text(s->label);
    e->body_case = BODY(REFUND_MADE);
    e->refund_made = &b->refund;
}

static void say_contact(const struct said_event *s, struct bodies *b, Troth__V1__Event *e)
{
    b->contact = (Troth__V1__ContactAdded)TROTH__V1__CONTACT_ADDED__INIT;
    b->contact.service_case = s->subject;
    b->contact.origin = TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON;
    e->body_case = BODY(CONTACT_ADDED);
    e->contact_added = &b->contact;
}

void said_event_add(struct loyalty_fold *f, const struct said_event *said)
{
    static void (*const sayers[])(const struct said_event *, struct bodies *,
                                  Troth__V1__Event *) = {
        [SAID_PROMISE] = say_promise,
        [SAID_WORD] = say_word,
        [SAID_CAUSE] = say_cause,
        [SAID_CSAT] = say_answer,
        [SAID_NPS] = say_answer,
        [SAID_CES] = say_answer,
        [SAID_SERVQUAL] = say_answer,
        [SAID_OPENED] = say_opened,
        [SAID_RECLASSIFIED] = say_reclassified,
        [SAID_VOIDED] = say_voided,
        [SAID_PURCHASE] = say_purchase,
        [SAID_REFUND] = say_refund,
        [SAID_CONTACT] = say_contact,
    };
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    struct bodies bodies;

    event.stream = stream;
    event.seq = said->seq;
    event.has_customer = event.has_version = true;
    event.customer = said->customer;
    event.version = said->version;
    event.has_occurred_us = event.has_recorded_us = true;
    event.occurred_us = said->occurred_us;
    event.recorded_us = said->recorded_us;
    event.is_reversal = said->is_reversal;
    sayers[said->what](said, &bodies, &event);
    loyalty_fold_add(f, &event);
}
