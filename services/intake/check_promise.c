/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/intake/intake_limits.h"

#define ACTION(name)       TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define COMPENSATION(name) TROTH__V1__COMPENSATION_KIND__COMPENSATION_KIND_##name

/* ---- which case */

/* As the four kinds of record name it. */
struct case_names {
    const char *case_number, *customer_ref, *case_ref;
};

static int read_case(struct intake_record *r, const struct case_names *said, const char *field,
                     struct err *err)
{
    r->names.customer_ref = intake_check_or_null(said->customer_ref);
    r->names.case_ref = intake_check_or_null(said->case_ref);
    return intake_check_number(IDENTIFIER_CASE, said->case_number, "case_number_invalid", field,
                               &r->names.case_number, err);
}

static bool has_case(const struct intake_names *n)
{
    return n->case_number || (n->customer_ref && n->case_ref);
}

static int need_case(struct intake_record *r, const struct case_names *said, const char *field,
                     struct err *err)
{
    if (read_case(r, said, field, err) < 0) {
        return -1;
    }
    if (!has_case(&r->names)) {
        return err_set_field(err, "field_missing", field,
                             "name the case by case_number, or by customer_ref and case_ref");
    }
    return 0;
}

/* Nothing but white space, also the wide one of Chinese keyboards. */
static bool is_blank(const char *text)
{
    static const char wide[] = "\xe3\x80\x80"; /* U+3000 */
    if (!text) {
        return true;
    }
    while (*text) {
        if (strncmp(text, wide, sizeof(wide) - 1) == 0) {
            text += sizeof(wide) - 1;
        } else if (strchr(" \t\r\n\v\f", *text)) {
            text++;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- which date */

static int check_date(int64_t at_us, const char *field, struct err *err)
{
    const int64_t end_us = civil_to_days((struct civil_date){10000, 1, 1}) * DURATION_DAY;
    if (at_us < 0 || at_us >= end_us) {
        return err_set_field(err, "time_out_of_range", field,
                             "microseconds since 1970 are expected");
    }
    return 0;
}

/* Nobody promises what is past already. */
static int need_due(const struct intake_record *r, bool has_due, int64_t due_us, const char *field,
                    struct err *err)
{
    if (!has_due) {
        return err_set_field(err, "field_missing", field,
                             "a promise needs a date by which it is to be kept");
    }
    if (check_date(due_us, field, err) < 0) {
        return -1;
    }
    if (due_us <= r->message->occurred_us) {
        return err_set_field(err, "value_out_of_range", field,
                             "it must be later than occurred_us, when it was promised");
    }
    return 0;
}

/* ---- bodies */

int intake_check_promise_given(struct intake_record *r, const struct intake_validation *v,
                               struct err *err)
{
    (void)v;
    const Troth__V1__PromiseGiven *g = r->message->promise_given;
    const struct case_names said = {g->case_number, g->customer_ref, g->case_ref};
    if (need_case(r, &said, "promise_given.case_number", err) < 0) {
        return -1;
    }
    if (is_blank(g->words)) {
        return err_set_field(err, "field_missing", "promise_given.words",
                             "a promise needs words: what the customer can expect");
    }
    return need_due(r, g->has_due_us, g->due_us, "promise_given.due_us", err);
}

/* What an action needs beside the promise. */
static int check_action(const struct intake_record *r, const Troth__V1__PromiseUpdate *u,
                        struct err *err)
{
    if (u->action == ACTION(RENEGOTIATED)) {
        return need_due(r, u->has_due_us, u->due_us, "promise_update.due_us", err);
    }
    if (u->action == ACTION(EXPLAINED) && !u->cause) {
        return err_set_field(err, "field_missing", "promise_update.cause",
                             "an explanation says why the promise was broken");
    }
    if (u->action == ACTION(CORRECTED) && text_is_empty(u->staff)) {
        return err_set_field(err, "field_missing", "promise_update.staff",
                             "a correction says who has looked");
    }
    if (u->action == ACTION(CORRECTED) && is_blank(u->note)) {
        return err_set_field(err, "field_missing", "promise_update.note",
                             "a correction says what shows that the promise was kept");
    }
    return 0;
}

int intake_check_promise_update(struct intake_record *r, const struct intake_validation *v,
                                struct err *err)
{
    (void)v;
    const Troth__V1__PromiseUpdate *u = r->message->promise_update;
    const struct case_names said = {u->case_number, u->customer_ref, u->case_ref};
    if (!u->action) {
        return err_set_field(err, "enum_unknown", "promise_update.action",
                             "an update needs an action");
    }
    if (intake_check_number(IDENTIFIER_PROMISE, u->promise_number, "promise_number_invalid",
                            "promise_update.promise_number", &r->names.promise_number, err) < 0 ||
        read_case(r, &said, "promise_update.case_number", err) < 0) {
        return -1;
    }
    if (!r->names.promise_number && !(has_case(&r->names) && !text_is_empty(u->promise_ref))) {
        return err_set_field(err, "field_missing", "promise_update.promise_number",
                             "name the promise by promise_number, or by its case and promise_ref");
    }
    return check_action(r, u, err);
}

/* What of a compensation has which value: 1 needed, -1 not allowed. */
static const struct {
    int amount, words;
} compensations[] = {
    [COMPENSATION(APOLOGY)] = {-1, 0},
    [COMPENSATION(REFUND)] = {1,  0},
    [COMPENSATION(VOUCHER)] = {1,  0},
    [COMPENSATION(EXTRA_SERVICE)] = {0,  1},
};

static int check_amount(const Troth__V1__Compensation *c, int need, struct err *err)
{
    bool has_currency = !text_is_empty(c->currency);
    if (need < 0 && (c->has_amount_minor || has_currency)) {
        return err_set_field(err, "value_out_of_range", "compensation.amount_minor",
                             "an apology has no amount");
    }
    if (!c->has_amount_minor && (need > 0 || has_currency)) {
        return intake_check_missing(err, "compensation.amount_minor");
    }
    if (!c->has_amount_minor) {
        return 0;
    }
    if (!has_currency) {
        return intake_check_missing(err, "compensation.currency");
    }
    if (c->amount_minor <= 0 || c->amount_minor > INTAKE_AMOUNT_MAX) {
        return err_set_field(err, "value_out_of_range", "compensation.amount_minor", "1 to %lld",
                             (long long)INTAKE_AMOUNT_MAX);
    }
    return 0;
}

int intake_check_compensation(struct intake_record *r, const struct intake_validation *v,
                              struct err *err)
{
    (void)v;
    const Troth__V1__Compensation *c = r->message->compensation;
    const struct case_names said = {c->case_number, c->customer_ref, c->case_ref};
    if (!c->kind || (size_t)c->kind >= ARRAY_LEN(compensations)) {
        return err_set_field(err, "enum_unknown", "compensation.kind",
                             "a compensation needs a kind");
    }
    if (need_case(r, &said, "compensation.case_number", err) < 0 ||
        need_due(r, c->has_due_us, c->due_us, "compensation.due_us", err) < 0 ||
        check_amount(c, compensations[c->kind].amount, err) < 0) {
        return -1;
    }
    if (compensations[c->kind].words > 0 && text_is_empty(c->words)) {
        return intake_check_missing(err, "compensation.words");
    }
    return 0;
}

int intake_check_expectation(struct intake_record *r, const struct intake_validation *v,
                             struct err *err)
{
    (void)v;
    const Troth__V1__Expectation *e = r->message->expectation;
    const struct case_names said = {e->case_number, e->customer_ref, e->case_ref};
    if (need_case(r, &said, "expectation.case_number", err) < 0) {
        return -1;
    }
    if (!e->has_expected_us && text_is_empty(e->outcome) && text_is_empty(e->manner)) {
        return err_set_field(err, "field_missing", "expectation.expected_us",
                             "say what is expected: a date, an outcome or a manner");
    }
    return e->has_expected_us ? check_date(e->expected_us, "expectation.expected_us", err) : 0;
}
