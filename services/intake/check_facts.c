/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_limits.h"

enum {
    SERVQUAL_ITEMS = 22, /* Parasuraman, Zeithaml, Berry 1988: the questionnaire */
    SERVQUAL_SCALE = 7,
};

static bool is_on_scale(protobuf_c_boolean has, int32_t value)
{
    return !has || (value >= 1 && value <= SERVQUAL_SCALE);
}

static int check_item(const Troth__V1__ServqualItem *item, uint32_t *seen, struct err *err)
{
    if (!item->dimension) {
        return err_set_field(err, "enum_unknown", "survey_answer.items.dimension",
                             "an item belongs to a dimension");
    }
    if (!item->has_item || item->item < 1 || item->item > SERVQUAL_ITEMS) {
        return err_set_field(err, "value_out_of_range", "survey_answer.items.item", "1 to %d",
                             SERVQUAL_ITEMS);
    }
    if (*seen & 1U << item->item) {
        return err_set_field(err, "value_out_of_range", "survey_answer.items.item",
                             "each item once");
    }
    *seen |= 1U << item->item;
    if (!item->has_expectation && !item->has_perception) {
        return intake_check_missing(err, "survey_answer.items.perception");
    }
    if (!is_on_scale(item->has_expectation, item->expectation)) {
        return err_set_field(err, "value_out_of_range", "survey_answer.items.expectation",
                             "1 to %d", SERVQUAL_SCALE);
    }
    if (!is_on_scale(item->has_perception, item->perception)) {
        return err_set_field(err, "value_out_of_range", "survey_answer.items.perception", "1 to %d",
                             SERVQUAL_SCALE);
    }
    return 0;
}

static int check_items(const Troth__V1__SurveyAnswer *a, struct err *err)
{
    uint32_t seen = 0;
    if (a->n_items == 0) {
        return intake_check_missing(err, "survey_answer.items");
    }
    if (a->has_value) {
        return err_set_field(err, "value_out_of_range", "survey_answer.value",
                             "SERVQUAL has items instead");
    }
    for (size_t i = 0; i < a->n_items; i++) {
        if (check_item(a->items[i], &seen, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A question of the company's own is told by its code. */
static int check_question(const Troth__V1__SurveyAnswer *a, struct err *err)
{
    const bool is_own = a->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_OWN;
    if (is_own && text_is_empty(a->question)) {
        return intake_check_missing(err, "survey_answer.question");
    }
    if (!is_own && !text_is_empty(a->question)) {
        return err_set_field(err, "field_not_expected", "survey_answer.question",
                             "only the company's own questions have a code");
    }
    return 0;
}

static int check_answer_value(const Troth__V1__SurveyAnswer *a, struct err *err)
{
    static const struct {
        int32_t min, max;
    } ranges[] = {
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT] = {1, 5  },
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS] = {0, 10 },
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CES] = {1, 7  },
        [TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_OWN] = {0, 100},
    };
    if (!a->instrument) {
        return err_set_field(err, "enum_unknown", "survey_answer.instrument",
                             "an answer needs an instrument");
    }
    if (check_question(a, err) < 0) {
        return -1;
    }
    if (a->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL) {
        return check_items(a, err);
    }
    if ((size_t)a->instrument >= ARRAY_LEN(ranges)) {
        return err_set_field(err, "enum_unknown", "survey_answer.instrument",
                             "this version does not know the instrument");
    }
    if (a->n_items > 0) {
        return err_set_field(err, "value_out_of_range", "survey_answer.items",
                             "only SERVQUAL has items");
    }
    if (!a->has_value) {
        /* Somebody's notes of an interview: words that no number stands for. */
        bool is_note = a->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_OWN &&
                       !text_is_empty(a->comment);
        return is_note ? 0 : intake_check_missing(err, "survey_answer.value");
    }
    if (a->value < ranges[a->instrument].min || a->value > ranges[a->instrument].max) {
        return err_set_field(err, "value_out_of_range", "survey_answer.value", "%d to %d",
                             ranges[a->instrument].min, ranges[a->instrument].max);
    }
    return 0;
}

int intake_check_answer(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    (void)v;
    const Troth__V1__SurveyAnswer *a = r->message->survey_answer;
    struct intake_names *n = &r->names;
    n->customer_ref = intake_check_or_null(a->customer_ref);
    n->case_ref = intake_check_or_null(a->case_ref);
    if (check_answer_value(a, err) < 0 ||
        intake_check_number(IDENTIFIER_CUSTOMER, a->customer_number, "customer_number_invalid",
                            "survey_answer.customer_number", &n->customer_number, err) < 0 ||
        intake_check_number(IDENTIFIER_CASE, a->case_number, "case_number_invalid",
                            "survey_answer.case_number", &n->case_number, err) < 0 ||
        intake_check_number(IDENTIFIER_FOLLOW_UP, a->follow_up_number, "follow_up_number_invalid",
                            "survey_answer.follow_up_number", &n->follow_up_number, err) < 0) {
        return -1;
    }
    if (!n->customer_ref && (n->case_ref || (!n->customer_number && !n->case_number))) {
        return err_set_field(err, "field_missing", "survey_answer.customer_ref",
                             "name the customer by customer_ref, customer_number or case_number");
    }
    return 0;
}

static int check_amount(protobuf_c_boolean has, int64_t amount_minor, int64_t min,
                        const char *field, struct err *err)
{
    if (!has) {
        return intake_check_missing(err, field);
    }
    if (amount_minor < min || amount_minor > INTAKE_AMOUNT_MAX) {
        return err_set_field(err, "value_out_of_range", field, "%lld to %lld", (long long)min,
                             (long long)INTAKE_AMOUNT_MAX);
    }
    return 0;
}

int intake_check_purchase(struct intake_record *r, const struct intake_validation *v,
                          struct err *err)
{
    (void)v;
    const Troth__V1__Purchase *p = r->message->purchase;
    r->names.customer_ref = p->customer_ref;
    return check_amount(p->has_amount_minor, p->amount_minor, 0, "purchase.amount_minor", err);
}

int intake_check_refund(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    (void)v;
    const Troth__V1__Refund *m = r->message->refund;
    r->names.customer_ref = m->customer_ref;
    return check_amount(m->has_amount_minor, m->amount_minor, 1, "refund.amount_minor", err);
}

int intake_check_redemption(struct intake_record *r, const struct intake_validation *v,
                            struct err *err)
{
    (void)v;
    const Troth__V1__PointsRedemption *m = r->message->points_redemption;
    r->names.customer_ref = intake_check_or_null(m->customer_ref);
    r->names.redemption_ref = m->redemption_ref;
    if (intake_check_number(IDENTIFIER_CUSTOMER, m->customer_number, "customer_number_invalid",
                            "points_redemption.customer_number", &r->names.customer_number,
                            err) < 0) {
        return -1;
    }
    if (!r->names.customer_ref && !r->names.customer_number) {
        return err_set_field(err, "field_missing", "points_redemption.customer_ref",
                             "name the customer by customer_ref or customer_number");
    }
    if (!m->has_points) {
        return intake_check_missing(err, "points_redemption.points");
    }
    if (m->points < 1 || m->points > INTAKE_POINTS_MAX) {
        return err_set_field(err, "value_out_of_range", "points_redemption.points", "1 to %lld",
                             (long long)INTAKE_POINTS_MAX);
    }
    return 0;
}

/* ---- device */

static int check_total(protobuf_c_boolean has, double value, const char *field, struct err *err)
{
    static const double total_max = 1e9;
    return has && !(value >= 0 && value <= total_max)
               ? err_set_field(err, "value_out_of_range", field, "0 to %.0f", total_max)
               : 0;
}

int intake_check_device_signal(struct intake_record *r, const struct intake_validation *v,
                               struct err *err)
{
    (void)v;
    const Troth__V1__DeviceSignal *m = r->message->device_signal;
    r->names.customer_ref = m->customer_ref;
    if (text_is_empty(m->fault_code) && !m->has_mileage_km && !m->has_usage) {
        return err_set_field(err, "field_missing", "device_signal.fault_code",
                             "one of fault_code, mileage_km and usage is needed");
    }
    if (m->has_usage && text_is_empty(m->usage_unit)) {
        return intake_check_missing(err, "device_signal.usage_unit");
    }
    if (check_total(m->has_mileage_km, m->mileage_km, "device_signal.mileage_km", err) < 0) {
        return -1;
    }
    return check_total(m->has_usage, m->usage, "device_signal.usage", err);
}

/* ---- master data */

int intake_check_branch(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    const Troth__V1__BranchProfile *m = r->message->branch_profile;
    r->names.master_code = m->branch;
    if (!text_is_empty(m->time_zone) && !v->is_time_zone(v->zone_ctx, m->time_zone)) {
        return err_set_field(err, "time_zone_invalid", "branch_profile.time_zone",
                             "expected the name of an IANA time zone such as Asia/Shanghai");
    }
    return 0;
}

int intake_check_staff(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    (void)v;
    (void)err;
    r->names.master_code = r->message->staff_profile->staff;
    return 0;
}

int intake_check_improvement(struct intake_record *r, const struct intake_validation *v,
                             struct err *err)
{
    (void)v;
    const Troth__V1__Improvement *m = r->message->improvement;
    r->names.master_code = m->improvement_ref;
    if (text_is_empty(m->category) && text_is_empty(m->product)) {
        return err_set_field(err, "field_missing", "improvement.category",
                             "say by category or product which problem is gone");
    }
    if (m->has_reported_from_us && m->reported_from_us > r->message->occurred_us) {
        return err_set_field(err, "value_out_of_range", "improvement.reported_from_us",
                             "not later than occurred_us");
    }
    return 0;
}
