/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/fact_decide.h"

#include "tests/unit/intake/decide_world.h"

static struct intake_record *of_body(Troth__V1__Record__BodyCase kind, void *m)
{
    struct intake_record *r = record(NULL, NOW_US);
    message(r)->body_case = kind;
    message(r)->contact = m; /* of the union */
    return r;
}

static struct intake_record *signal_of(const char *device)
{
    Troth__V1__DeviceSignal *d = body(sizeof(*d));
    *d = (Troth__V1__DeviceSignal)TROTH__V1__DEVICE_SIGNAL__INIT;
    d->device_ref = borrowed(device);
    d->fault_code = borrowed("P0420");
    return of_body(TROTH__V1__RECORD__BODY_DEVICE_SIGNAL, d);
}

static void one_device_has_one_hash_however_it_is_written(void **state)
{
    static const char *const ways[] = {"LSV-AM4 187", "lsvam4187", "LSVAM4.187"};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        expect_accepted(signal_of(ways[i]));
    }
    expect_accepted(signal_of("LSVAM4188"));
    const struct work_device_signal *first = t.work->device_signals.first;
    const struct work_device_signal *second = first->next;
    const struct work_device_signal *third = second->next;
    assert_memory_equal(first->device, second->device, sizeof(first->device));
    assert_memory_equal(first->device, third->device, sizeof(first->device));
    assert_memory_not_equal(first->device, third->next->device, sizeof(first->device));
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED);
    const struct work_text *text = t.work->texts.first;
    assert_string_equal(text->field, "device");
}

static void a_signal_without_a_device_has_no_hash(void **state)
{
    expect_accepted(signal_of(NULL));
    const struct work_device_signal *d = t.work->device_signals.first;
    assert_false(d->has_device);
    assert_int_equal(t.work->texts.count, 0);
}

static void a_refund_is_a_fact_of_its_own(void **state)
{
    Troth__V1__Refund *m = body(sizeof(*m));
    *m = (Troth__V1__Refund)TROTH__V1__REFUND__INIT;
    m->amount_minor = 900;
    m->currency = borrowed("CNY");
    m->reason = borrowed("it broke again");
    expect_accepted(of_body(TROTH__V1__RECORD__BODY_REFUND, m));
    const struct work_purchase *refund = t.work->refunds.first;
    assert_int_equal(refund->amount_minor, 900);
    assert_int_equal(t.work->purchases.count, 0);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_REFUND_MADE);
    const struct work_receipt *kept = t.work->receipts.first;
    assert_int_equal(kept->fact_number, refund->number);
    assert_int_equal(kept->record_kind, TROTH__V1__RECORD__BODY_REFUND);
}

static struct intake_record *redemption_of(const char *reference, int64_t points)
{
    Troth__V1__PointsRedemption *m = body(sizeof(*m));
    *m = (Troth__V1__PointsRedemption)TROTH__V1__POINTS_REDEMPTION__INIT;
    m->redemption_ref = borrowed(reference);
    m->has_points = true;
    m->points = points;
    return of_body(TROTH__V1__RECORD__BODY_POINTS_REDEMPTION, m);
}

static void a_redemption_has_a_reference_of_its_own(void **state)
{
    expect_accepted(redemption_of("till-1", 500));
    const struct work_redemption *first = t.work->redemptions.first;
    assert_int_equal(first->points, 500);
    assert_true(first->is_new);
    assert_int_equal(last_event()->kind, TROTH__V1__EVENT__BODY_POINTS_SPENT);
    expect_rejected(redemption_of("till-1", 500), "redemption_reference_taken");
    expect_accepted(redemption_of("till-2", 1));
    struct work_customer *other = work_add_customer(t.work, 0x20007);
    other->version = other->version_read = 1;
    struct intake_record *r = redemption_of("till-1", 2);
    r->names.customer_ref = NULL;
    r->names.customer_number = other->number;
    expect_accepted(r);
    assert_int_equal(t.work->redemptions.count, 3);
    assert_int_equal(t.event_count, 3);
}

static void a_reference_is_free_as_soon_as_its_redemption_is_taken_back(void **state)
{
    expect_accepted(redemption_of("till-1", 500));
    const struct work_redemption *first = t.work->redemptions.first;
    struct work_void *v = work_append(t.work, &t.work->voids, sizeof(*v));
    v->fact_number = first->number - 0x100; /* of something else */
    expect_rejected(redemption_of("till-1", 400), "redemption_reference_taken");
    v = work_append(t.work, &t.work->voids, sizeof(*v));
    v->fact_number = first->number;
    expect_accepted(redemption_of("till-1", 400));
    expect_rejected(redemption_of("till-1", 300), "redemption_reference_taken");
}

static void items_of_servqual_stand_with_their_answer(void **state)
{
    static Troth__V1__ServqualItem item = TROTH__V1__SERVQUAL_ITEM__INIT;
    static Troth__V1__ServqualItem *items[] = {&item};
    Troth__V1__SurveyAnswer *m = body(sizeof(*m));
    *m = (Troth__V1__SurveyAnswer)TROTH__V1__SURVEY_ANSWER__INIT;
    m->instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL;
    m->items = items;
    m->n_items = ARRAY_LEN(items);
    expect_accepted(of_body(TROTH__V1__RECORD__BODY_SURVEY_ANSWER, m));
    const struct work_answer *a = t.work->answers.first;
    assert_int_equal(a->item_count, 1);
    assert_ptr_equal(a->items[0], &item);
}

static struct intake_record *answer_of(const char *customer_ref, int64_t customer_number)
{
    Troth__V1__SurveyAnswer *m = body(sizeof(*m));
    *m = (Troth__V1__SurveyAnswer)TROTH__V1__SURVEY_ANSWER__INIT;
    m->instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    m->has_value = true;
    m->value = 4;
    struct intake_record *r = of_body(TROTH__V1__RECORD__BODY_SURVEY_ANSWER, m);
    r->names.customer_ref = customer_ref;
    r->names.customer_number = customer_number;
    return r;
}

static void an_answer_names_its_customer_without_contradiction(void **state)
{
    struct work_customer *one = work_add_customer(t.work, 0x20007);
    struct work_customer *two = work_add_customer(t.work, 0x30007);
    one->version = one->version_read = two->version = two->version_read = 1;
    (void)work_add_reference(t.work, 7, "one", one);
    expect_accepted(answer_of("one", 0));
    expect_accepted(answer_of(NULL, one->number));
    expect_accepted(answer_of("one", one->number));
    expect_rejected(answer_of("one", two->number), "customer_unknown");
    expect_rejected(answer_of("nobody", one->number), "customer_unknown");
    expect_rejected(answer_of(NULL, 0x40007), "customer_unknown");
    assert_int_equal(t.work->answers.count, 3);
    assert_null(work_find_reference(t.work, 7, "nobody"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_device_has_one_hash_however_it_is_written),
        TEST(a_signal_without_a_device_has_no_hash),
        TEST(a_refund_is_a_fact_of_its_own),
        TEST(a_redemption_has_a_reference_of_its_own),
        TEST(a_reference_is_free_as_soon_as_its_redemption_is_taken_back),
        TEST(items_of_servqual_stand_with_their_answer),
        TEST(an_answer_names_its_customer_without_contradiction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
