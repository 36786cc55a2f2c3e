/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_bundle.c - one case becomes entries of figures.
 *
 * 1. what it counts for: its dimensions, and who answered and resolved it
 * 2. the case itself: opening, contacts, turns, answers, resolution
 * 3. its promises (case_promise_bundle.c) and the answers about it (answer_bundle.c)
 */
#include "services/reporting/case_bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/model/peak_end.h"
#include "services/reporting/case_maker.h"
#include "services/reporting/case_turn.h"

#define STATE(name)  TROTH__V1__CASE_STATE__CASE_STATE_##name
#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define KIND(name)   TROTH__V1__CONTACT_KIND__CONTACT_KIND_##name

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static bool is_open(Troth__V1__CaseState state)
{
    return state >= STATE(NEW) && state <= STATE(WAITING_THIRD_PARTY);
}

/* Closing a praise answers nobody. */
static bool is_answer(const struct case_rows *c, const struct case_move *m)
{
    return m->action == ACTION(RESPONDED) || m->action == ACTION(RESOLVED) ||
           (m->action == ACTION(CLOSED) && c->kind != KIND(PRAISE));
}

static bool asks(const struct case_rows *c)
{
    bool is_promised = false, was_reopened = false;

    for (size_t i = 0; i < c->promise_count; i++) {
        is_promised |= c->promises[i].state != TROTH__V1__PROMISE_STATE__PROMISE_STATE_WITHDRAWN;
    }
    for (size_t i = 0; i < c->move_count; i++) {
        was_reopened |= c->moves[i].action == ACTION(REOPENED);
    }
    return case_turn_asks(c->kind, is_promised, was_reopened);
}

bool case_is_resolved(const struct case_rows *c)
{
    return !is_open(c->state) && c->resolved_us != CASE_NO_TIME && !c->is_merged;
}

/* ---- who did it */

static const char *staff_of_answer(const struct case_rows *c)
{
    for (size_t i = 0; i < c->move_count && c->first_response_us != CASE_NO_TIME; i++) {
        if (is_answer(c, &c->moves[i])) {
            return or_empty(c->moves[i].staff);
        }
    }
    return "";
}

static const char *staff_of_resolution(const struct case_rows *c)
{
    const char *staff = "";

    for (size_t i = 0; i < c->move_count && c->resolved_us != CASE_NO_TIME; i++) {
        if (c->moves[i].action == ACTION(RESOLVED)) {
            staff = or_empty(c->moves[i].staff);
        }
    }
    return staff;
}

static const char *staff_of_case(const struct case_rows *c)
{
    const char *staff = staff_of_answer(c);

    return staff[0] != '\0' ? staff : staff_of_resolution(c);
}

/* ---- adding */

struct figure_entry *case_add(const struct case_maker *m, enum figure_measure measure,
                              int64_t at_us)
{
    return figure_bundle_add(m->to, measure, figure_day(m->zone, at_us));
}

struct figure_entry *case_add_sum(const struct case_maker *m, enum figure_measure measure,
                                  int64_t at_us, int64_t sum)
{
    struct figure_entry *e = case_add(m, measure, at_us);

    e->sum = sum;
    return e;
}

/* Clocks of two systems differ: nothing takes less than no time. */
struct figure_entry *case_add_duration(const struct case_maker *m, enum figure_measure measure,
                                       int64_t at_us, int64_t us)
{
    return case_add_sum(m, measure, at_us, us > 0 ? us : 0);
}

/* ---- the case */

static void set_values(const struct case_maker *m)
{
    static const char *const kinds[] = {"", "enquiry", "complaint", "request", "praise"};
    const struct case_rows *c = m->rows;
    const char **values = m->to->values;

    values[DIMENSION_BRANCH] = c->branch;
    values[DIMENSION_CHANNEL] = c->channel;
    values[DIMENSION_TEAM] = c->team;
    values[DIMENSION_STAFF] = staff_of_case(c);
    values[DIMENSION_CATEGORY] = c->category;
    values[DIMENSION_PRODUCT] = c->product;
    values[DIMENSION_TIER] = c->tier;
    values[DIMENSION_PRIORITY] = figure_bundle_text(m->to, "%d", c->priority);
    values[DIMENSION_CONTACT_KIND] = (size_t)c->kind < ARRAY_LEN(kinds) ? kinds[c->kind] : "";
}

static void add_opening(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;

    (void)case_add(m, MEASURE_CASES, c->opened_us);
    if (asks(c)) {
        (void)case_add(m, MEASURE_BACKLOG, c->opened_us);
    }
    if (c->kind == KIND(COMPLAINT)) {
        (void)case_add(m, MEASURE_COMPLAINTS, c->opened_us);
    }
}

static void add_contacts(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;

    for (size_t i = 0; i < c->contact_count; i++) {
        if (!c->contacts[i].is_machine) {
            (void)case_add(m, MEASURE_CONTACTS, c->contacts[i].at_us);
        }
    }
}

/* ---- turns */

/* How long the case was in whose turn; and the backlog. */
struct turns {
    bool asks; /* somebody waits */
    int64_t since_us;
    Troth__V1__CaseState state;
    int64_t us, customer, third_party;
    const char *ended_by;
    bool is_merged;
};

static void end_turn(struct turns *t, int64_t at_us)
{
    int64_t passed_us = at_us - t->since_us;

    switch (case_turn_of(t->state, t->asks)) {
    case CASE_TURN_OURS:
        t->us += passed_us;
        break;
    case CASE_TURN_CUSTOMER:
        t->customer += passed_us;
        break;
    case CASE_TURN_THIRD_PARTY:
        t->third_party += passed_us;
        break;
    case CASE_TURN_NOBODY:
        break;
    }
    t->since_us = at_us;
}

static void add_reopening(const struct case_maker *m, const struct turns *t)
{
    if (!t->is_merged) {
        figure_entry_set(case_add(m, MEASURE_REOPENINGS, t->since_us), DIMENSION_STAFF,
                         t->ended_by);
    }
}

static void take_turn(const struct case_maker *m, const struct case_move *move, struct turns *t)
{
    end_turn(t, move->at_us > t->since_us ? move->at_us : t->since_us);
    if (is_open(move->to) != is_open(t->state)) {
        if (t->asks) {
            case_add(m, MEASURE_BACKLOG, t->since_us)->count = is_open(move->to) ? 1 : -1;
        }
        if (is_open(move->to)) {
            add_reopening(m, t);
        }
    }
    if (!is_open(move->to) && (is_open(t->state) || move->action == ACTION(RESOLVED))) {
        t->ended_by = or_empty(move->staff);
        t->is_merged = move->action == ACTION(MERGED);
    }
    t->state = move->to;
}

static void add_turns(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;
    struct turns t = {
        .asks = asks(c), .since_us = c->opened_us, .state = STATE(NEW), .ended_by = ""};

    for (size_t i = 0; i < c->move_count; i++) {
        take_turn(m, &c->moves[i], &t);
    }
    if (case_is_resolved(c) && t.asks) {
        (void)case_add_duration(m, MEASURE_WAITED_FOR_US, c->resolved_us, t.us);
        (void)case_add_duration(m, MEASURE_WAITED_FOR_CUSTOMER, c->resolved_us, t.customer);
        (void)case_add_duration(m, MEASURE_WAITED_FOR_THIRD_PARTY, c->resolved_us, t.third_party);
    }
}

/* ---- answers to contacts */

/* What the customer said and nobody has answered: since when, or CASE_NO_TIME. */
struct asking {
    int64_t since_us;
    bool is_first;
};

static void hear(const struct case_contact *k, struct asking *a)
{
    bool needs_answer = !k->is_machine && !k->is_thanks && k->version > 0;

    if (needs_answer && a->since_us == CASE_NO_TIME) {
        a->since_us = k->at_us;
    }
}

static void answer(const struct case_maker *m, const struct case_move *move, struct asking *a)
{
    const struct case_rows *c = m->rows;
    bool is_end = move->action == ACTION(CLOSED) || move->action == ACTION(MERGED);

    if (is_answer(c, move)) {
        if (!a->is_first && a->since_us != CASE_NO_TIME) {
            figure_entry_set(
                case_add_duration(m, MEASURE_NEXT_RESPONSE, move->at_us, move->at_us - a->since_us),
                DIMENSION_STAFF, move->staff);
        }
        *a = (struct asking){.since_us = CASE_NO_TIME};
    } else if (is_end) {
        a->since_us = CASE_NO_TIME;
    }
}

/* Contacts and moves in the order in which they took effect. */
static void add_next_responses(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;
    struct asking a = {.since_us = c->opened_us, .is_first = true};
    size_t k = 0;

    for (size_t i = 0; i < c->move_count; i++) {
        while (k < c->contact_count && c->contacts[k].version <= c->moves[i].version) {
            hear(&c->contacts[k++], &a);
        }
        answer(m, &c->moves[i], &a);
    }
}

static void add_first_response(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;
    const char *staff = staff_of_answer(c);
    int64_t working_us = 0;

    if (c->first_response_us == CASE_NO_TIME) {
        return;
    }
    figure_entry_set(case_add_duration(m, MEASURE_FIRST_RESPONSE, c->first_response_us,
                                       c->first_response_us - c->opened_us),
                     DIMENSION_STAFF, staff);
    if (case_promise_working(c, "first_response", &working_us)) {
        figure_entry_set(
            case_add_duration(m, MEASURE_FIRST_RESPONSE_WORKING, c->first_response_us, working_us),
            DIMENSION_STAFF, staff);
    }
}

/* ---- resolution */

static bool is_returned(const struct case_rows *c)
{
    size_t asked = 0;

    for (size_t i = 0; i < c->contact_count; i++) {
        asked +=
            !c->contacts[i].is_machine && !c->contacts[i].is_thanks && c->contacts[i].version > 0;
    }
    for (size_t i = 0; i < c->move_count; i++) {
        if (c->moves[i].action == ACTION(REOPENED)) {
            return true;
        }
    }
    return asked > 0 || c->has_returned;
}

enum word {
    WORD_NONE,
    WORD_CONFIRMED,
    WORD_DENIED
};

static enum word word_of_customer(const struct case_rows *c)
{
    enum word word = WORD_NONE;

    for (size_t i = 0; i < c->answer_count; i++) {
        if (answer_is_good(&c->answers[i])) {
            word = WORD_CONFIRMED;
        }
    }
    for (size_t i = 0; i < c->promise_count; i++) {
        if (c->promises[i].word == CASE_WORD_NOT_KEPT) {
            return WORD_DENIED;
        }
        if (c->promises[i].word == CASE_WORD_KEPT) {
            word = WORD_CONFIRMED;
        }
    }
    return word;
}

/* Of those with one reference the newest counts. */
static void add_expectations(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;

    for (size_t i = 0; i < c->expectation_count; i++) {
        const struct case_expectation *e = &c->expectations[i];
        bool is_replaced = false;
        for (size_t j = i + 1; e->reference != NULL && j < c->expectation_count; j++) {
            is_replaced |= c->expectations[j].reference != NULL &&
                           strcmp(c->expectations[j].reference, e->reference) == 0;
        }
        if (!is_replaced && e->expected_us != CASE_NO_TIME) {
            (void)case_add_sum(m, MEASURE_EXPECTATIONS, c->resolved_us,
                               c->resolved_us <= e->expected_us);
        }
    }
}

static void add_resolution(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;
    const char *staff = staff_of_resolution(c);
    enum word word = word_of_customer(c);
    int64_t working_us = 0;

    if (!case_is_resolved(c)) {
        return;
    }
    figure_entry_set(
        case_add_duration(m, MEASURE_RESOLUTION, c->resolved_us, c->resolved_us - c->opened_us),
        DIMENSION_STAFF, staff);
    if (case_promise_working(c, "resolution", &working_us)) {
        figure_entry_set(
            case_add_duration(m, MEASURE_RESOLUTION_WORKING, c->resolved_us, working_us),
            DIMENSION_STAFF, staff);
    }
    if (!is_returned(c) && word == WORD_CONFIRMED) {
        (void)case_add(m, MEASURE_SOLVED_AT_FIRST, c->resolved_us);
    } else if (!is_returned(c) && word == WORD_NONE) {
        (void)case_add(m, MEASURE_SOLVED_QUIETLY, c->resolved_us);
    }
    add_expectations(m);
}

/* ---- answers of the customer */

static int compare_answers(const void *a, const void *b)
{
    const struct answer_row *left = *(const struct answer_row *const *)a;
    const struct answer_row *right = *(const struct answer_row *const *)b;

    if (left->at_us != right->at_us) {
        return left->at_us < right->at_us ? -1 : 1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

static void add_peak_end(const struct case_maker *m)
{
    const struct case_rows *c = m->rows;
    const struct answer_row **marks =
        xcalloc(c->answer_count + 1, sizeof(const struct answer_row *));
    double *scores = xcalloc(c->answer_count + 1, sizeof(*scores));
    struct peak_end felt;
    size_t count = 0;

    for (size_t i = 0; i < c->answer_count; i++) {
        if (answer_is_mark(&c->answers[i])) {
            marks[count++] = &c->answers[i];
        }
    }
    qsort(marks, count, sizeof(const struct answer_row *), compare_answers);
    for (size_t i = 0; i < count; i++) {
        scores[i] = answer_scaled(marks[i]);
    }
    if (count >= 2 && peak_end_of(scores, count, 0, &felt)) {
        (void)case_add_sum(m, MEASURE_PEAK_END, marks[count - 1]->at_us,
                           llround(felt.remembered * 1000));
    }
    free(marks);
    free(scores);
}

/* ---- the whole */

void case_bundle_make(const struct case_rows *c, const struct zone *zone, struct figure_bundle *ret)
{
    const struct case_maker m = {.rows = c, .zone = zone, .to = ret};

    if (c->state == STATE(VOID)) {
        return;
    }
    set_values(&m);
    add_opening(&m);
    add_contacts(&m);
    add_turns(&m);
    add_first_response(&m);
    add_next_responses(&m);
    add_resolution(&m);
    case_promise_bundle_add(&m);
    for (size_t i = 0; i < c->answer_count; i++) {
        answer_bundle_add(&c->answers[i], zone, ret);
    }
    add_peak_end(&m);
    figure_bundle_sort(ret);
}

static void mark_later(int64_t *at_us, int64_t us)
{
    if (us != CASE_NO_TIME && us > *at_us) {
        *at_us = us;
    }
}

void case_bundle_mark(const struct case_rows *c, struct case_marks *ret)
{
    struct case_marks marks = {
        .staff = staff_of_case(c),
        .asks = asks(c),
        .resolved_us = case_is_resolved(c) ? c->resolved_us : CASE_NO_TIME,
        .reopened_us = CASE_NO_TIME,
        .broken_us = CASE_NO_TIME,
        .low_answer_us = CASE_NO_TIME,
        .next_due_us = CASE_NO_TIME,
        .overdue_us = CASE_NO_TIME,
    };

    for (size_t i = 0; i < c->move_count; i++) {
        if (c->moves[i].action == ACTION(REOPENED)) {
            mark_later(&marks.reopened_us, c->moves[i].at_us);
        }
    }
    for (size_t i = 0; i < c->answer_count; i++) {
        if (answer_is_low(&c->answers[i])) {
            mark_later(&marks.low_answer_us, c->answers[i].at_us);
        }
    }
    case_promise_mark(c, &marks);
    *ret = marks;
}
