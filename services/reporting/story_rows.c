/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/story_rows.h"

#include <stdlib.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_store.h"

/* ---- fields */

char *story_number(const struct db_rows *rows, size_t row, int column, enum identifier_kind kind)
{
    char text[IDENTIFIER_TEXT_SIZE];

    if (db_is_null(rows, row, column)) {
        return NULL;
    }
    return xstrdup(identifier_format(kind, db_get_int(rows, row, column), text));
}

protobuf_c_boolean story_time(const struct db_rows *rows, size_t row, int column, int64_t *field)
{
    if (db_is_null(rows, row, column)) {
        return false;
    }
    *field = db_get_time(rows, row, column);
    return true;
}

protobuf_c_boolean story_int(const struct db_rows *rows, size_t row, int column, int64_t *field)
{
    if (db_is_null(rows, row, column)) {
        return false;
    }
    *field = db_get_int(rows, row, column);
    return true;
}

protobuf_c_boolean story_int32(const struct db_rows *rows, size_t row, int column, int32_t *field)
{
    int64_t value;

    if (!story_int(rows, row, column, &value)) {
        return false;
    }
    *field = (int32_t)value;
    return true;
}

static size_t count_of(const struct db_rows *rows, size_t most)
{
    const size_t count = db_row_count(rows);

    return count < most ? count : most;
}

void story_note_left_out(const struct db_rows *rows, size_t most, const char *name, char ***list,
                         size_t *count)
{
    if (db_row_count(rows) > most) {
        *list = xreallocarray(*list, *count + 1, sizeof(char *));
        (*list)[(*count)++] = xstrdup(name);
    }
}

/* ---- contacts */

size_t story_contacts(const struct db_rows *rows, size_t most, Troth__V1__ContactView ***ret_list)
{
    const size_t count = count_of(rows, most);
    Troth__V1__ContactView **list = xcalloc(count + 1, sizeof(Troth__V1__ContactView *));

    for (size_t row = 0; row < count; row++) {
        Troth__V1__ContactView *one = list[row] = xcalloc(1, sizeof(*one));

        troth__v1__contact_view__init(one);
        one->has_at_us = story_time(rows, row, 0, &one->at_us);
        one->has_kind = true;
        one->kind = (Troth__V1__ContactKind)db_get_int(rows, row, 1);
        one->channel = report_store_text(rows, row, 2);
        one->origin = (Troth__V1__ContactOrigin)db_get_int(rows, row, 3);
        one->has_origin = one->origin > TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON;
        one->case_number = story_number(rows, row, 4, IDENTIFIER_CASE);
        one->has_is_thanks = one->is_thanks = db_get_bool(rows, row, 5);
    }
    *ret_list = list;
    return count;
}

/* ---- calls */

/* As the column counts them. */
static const char *attempt_state(int64_t state)
{
    static const char *const names[] = {"", "ordered", "placed", "finished", "barred", "unknown"};

    return state <= 0 || state >= (int64_t)ARRAY_LEN(names) ? names[0] : names[state];
}

size_t story_calls(const struct db_rows *rows, size_t most, Troth__V1__CallView ***ret_list)
{
    const size_t count = count_of(rows, most);
    Troth__V1__CallView **list = xcalloc(count + 1, sizeof(Troth__V1__CallView *));

    for (size_t row = 0; row < count; row++) {
        Troth__V1__CallView *one = list[row] = xcalloc(1, sizeof(*one));

        troth__v1__call_view__init(one);
        one->follow_up_number = story_number(rows, row, 0, IDENTIFIER_FOLLOW_UP);
        one->has_attempt = story_int32(rows, row, 1, &one->attempt);
        one->has_channel = true;
        one->channel = (Troth__V1__Channel)db_get_int(rows, row, 2);
        one->by = report_store_text(rows, row, 3);
        one->state = xstrdup(attempt_state(db_get_int(rows, row, 4)));
        one->has_ordered_us = story_time(rows, row, 5, &one->ordered_us);
        one->has_started_us = story_time(rows, row, 6, &one->started_us);
        one->has_ended_us = story_time(rows, row, 7, &one->ended_us);
        one->has_outcome = !db_is_null(rows, row, 8);
        one->outcome = (Troth__V1__CallOutcome)db_get_int(rows, row, 8);
    }
    *ret_list = list;
    return count;
}

/* ---- answers */

static Troth__V1__ServqualItem *item_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__ServqualItem *one = xcalloc(1, sizeof(*one));

    troth__v1__servqual_item__init(one);
    one->has_dimension = true;
    one->dimension = (Troth__V1__ServqualDimension)db_get_int(rows, row, 1);
    one->has_item = story_int32(rows, row, 2, &one->item);
    one->has_expectation = story_int32(rows, row, 3, &one->expectation);
    one->has_perception = story_int32(rows, row, 4, &one->perception);
    return one;
}

static void add_items(Troth__V1__AnswerView *answer, const struct db_rows *items, int64_t number)
{
    for (size_t row = 0; row < db_row_count(items); row++) {
        if (db_get_int(items, row, 0) == number) {
            answer->items = xreallocarray(answer->items, answer->n_items + 1, sizeof(void *));
            answer->items[answer->n_items++] = item_of_row(items, row);
        }
    }
}

size_t story_answers(const struct db_rows *rows, const struct db_rows *items, size_t most,
                     Troth__V1__AnswerView ***ret_list)
{
    const size_t count = count_of(rows, most);
    Troth__V1__AnswerView **list = xcalloc(count + 1, sizeof(Troth__V1__AnswerView *));

    for (size_t row = 0; row < count; row++) {
        Troth__V1__AnswerView *one = list[row] = xcalloc(1, sizeof(*one));

        troth__v1__answer_view__init(one);
        one->has_at_us = story_time(rows, row, 1, &one->at_us);
        one->has_instrument = true;
        one->instrument = (Troth__V1__SurveyInstrument)db_get_int(rows, row, 2);
        one->question = report_store_text(rows, row, 3);
        one->has_value = story_int32(rows, row, 4, &one->value);
        one->case_number = story_number(rows, row, 5, IDENTIFIER_CASE);
        one->follow_up_number = story_number(rows, row, 6, IDENTIFIER_FOLLOW_UP);
        add_items(one, items, db_get_int(rows, row, 0));
    }
    *ret_list = list;
    return count;
}

/* ---- what was expected, and what made good for it */

size_t story_expectations(const struct db_rows *rows, size_t most,
                          Troth__V1__ExpectationView ***ret_list)
{
    const size_t count = count_of(rows, most);
    Troth__V1__ExpectationView **list = xcalloc(count + 1, sizeof(Troth__V1__ExpectationView *));

    for (size_t row = 0; row < count; row++) {
        Troth__V1__ExpectationView *one = list[row] = xcalloc(1, sizeof(*one));

        troth__v1__expectation_view__init(one);
        one->has_at_us = story_time(rows, row, 0, &one->at_us);
        one->reference = report_store_text(rows, row, 1);
        one->has_expected_us = story_time(rows, row, 2, &one->expected_us);
        one->has_has_outcome = one->has_has_manner = one->has_is_confirmed = true;
        one->has_outcome = db_get_bool(rows, row, 3);
        one->has_manner = db_get_bool(rows, row, 4);
        one->is_confirmed = db_get_bool(rows, row, 5);
    }
    *ret_list = list;
    return count;
}

size_t story_compensations(const struct db_rows *rows, size_t most,
                           Troth__V1__CompensationView ***ret_list)
{
    const size_t count = count_of(rows, most);
    Troth__V1__CompensationView **list = xcalloc(count + 1, sizeof(Troth__V1__CompensationView *));

    for (size_t row = 0; row < count; row++) {
        Troth__V1__CompensationView *one = list[row] = xcalloc(1, sizeof(*one));

        troth__v1__compensation_view__init(one);
        one->promise_number = story_number(rows, row, 0, IDENTIFIER_PROMISE);
        one->has_at_us = story_time(rows, row, 1, &one->at_us);
        one->has_kind = true;
        one->kind = (Troth__V1__CompensationKind)db_get_int(rows, row, 2);
        one->has_amount_minor = story_int(rows, row, 3, &one->amount_minor);
        one->currency = report_store_text(rows, row, 4);
    }
    *ret_list = list;
    return count;
}

size_t story_purchases(const struct db_rows *rows, size_t most, Troth__V1__PurchaseView ***ret_list)
{
    const size_t count = count_of(rows, most);
    Troth__V1__PurchaseView **list = xcalloc(count + 1, sizeof(Troth__V1__PurchaseView *));

    for (size_t row = 0; row < count; row++) {
        Troth__V1__PurchaseView *one = list[row] = xcalloc(1, sizeof(*one));

        troth__v1__purchase_view__init(one);
        one->has_at_us = story_time(rows, row, 0, &one->at_us);
        one->branch = report_store_text(rows, row, 1);
        one->product = report_store_text(rows, row, 2);
        one->has_amount_minor = story_int(rows, row, 3, &one->amount_minor);
        one->currency = report_store_text(rows, row, 4);
        one->has_is_refund = one->is_refund = db_get_bool(rows, row, 5);
    }
    *ret_list = list;
    return count;
}

/* ---- steps */

static Troth__V1__StepView *step_of_row(const struct db_rows *rows, size_t row)
{
    Troth__V1__StepView *one = xcalloc(1, sizeof(*one));

    troth__v1__step_view__init(one);
    one->has_percent = story_int32(rows, row, 1, &one->percent);
    one->has_due_us = story_time(rows, row, 2, &one->due_us);
    one->has_taken_us = story_time(rows, row, 3, &one->taken_us);
    one->tell = report_store_text(rows, row, 4);
    return one;
}

void story_add_steps(Troth__V1__PromiseView *promise, const struct db_rows *rows, int64_t number)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        if (db_get_int(rows, row, 0) == number) {
            promise->steps = xreallocarray(promise->steps, promise->n_steps + 1, sizeof(void *));
            promise->steps[promise->n_steps++] = step_of_row(rows, row);
        }
    }
}

/* ---- consents */

static Troth__V1__ConsentView *consent_of(int bit, bool is_given)
{
    Troth__V1__ConsentView *one = xcalloc(1, sizeof(*one));

    troth__v1__consent_view__init(one);
    one->has_purpose = one->has_is_given = true;
    one->purpose = (Troth__V1__Purpose)(bit % 8);
    one->has_channel = bit / 8 > 0;
    one->channel = (Troth__V1__Channel)(bit / 8);
    one->is_given = is_given;
    return one;
}

size_t story_consents(int64_t consents, int64_t refusals, Troth__V1__ConsentView ***ret_list)
{
    enum {
        BITS = 8 * (TROTH__V1__CHANNEL__CHANNEL_PERSON + 1)
    };
    Troth__V1__ConsentView **list = xcalloc((size_t)2 * BITS, sizeof(Troth__V1__ConsentView *));
    size_t count = 0;

    for (int bit = 0; bit < BITS; bit++) {
        const int64_t mask = INT64_C(1) << bit;

        if (consents & mask) {
            list[count++] = consent_of(bit, true);
        }
        if (refusals & mask) {
            list[count++] = consent_of(bit, false);
        }
    }
    *ret_list = list;
    return count;
}
