/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/agenda_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

static struct questionnaire *sample; /* deploy/config/questionnaire.conf */
static struct arena *arena;

static struct agenda_reason reason_of(const char *script, int64_t service_case)
{
    struct agenda_reason r = {
        .follow_up = 512 + service_case, .customer = 256, .service_case = service_case};
    r.trigger = 1;
    r.purpose = 1;
    (void)text_copy(r.rule, sizeof(r.rule), "a_rule");
    (void)text_copy(r.script, sizeof(r.script), script);
    return r;
}

static struct agenda agenda_of(const char *first, const char *second)
{
    struct agenda a = {.count = second ? 2 : 1};
    a.reasons[0] = reason_of(first, 1);
    if (second) {
        a.reasons[1] = reason_of(second, 2);
    }
    return a;
}

static Troth__V1__DialOrder fill(const struct agenda *a, const char *language)
{
    Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
    struct err err = ERR_NONE;
    arena_reset(arena);
    assert_int_equal(agenda_script_fill(sample, a, language, arena, &order, &err), 0);
    return order;
}

static const Troth__V1__DialItem *find_item(const Troth__V1__DialOrder *order, const char *code)
{
    for (size_t i = 0; i < order->n_items; i++) {
        if (strcmp(order->items[i]->code, code) == 0) {
            return order->items[i];
        }
    }
    fail_msg("no item %s", code);
    return order->items[0];
}

/* ---- what is said */

static void everything_is_said_in_the_language_of_the_customer(void **state)
{
    struct agenda a = agenda_of("case_resolved", NULL);
    (void)text_copy(a.reasons[0].branch, sizeof(a.reasons[0].branch), "north");
    (void)text_copy(a.reasons[0].category, sizeof(a.reasons[0].category), "billing");
    (void)state;

    Troth__V1__DialOrder chinese = fill(&a, "zh-CN");
    assert_non_null(strstr(chinese.opening, "这里是城北店"));
    assert_non_null(strstr(chinese.agenda[0]->say, "您之前反映过您的账单"));
    assert_non_null(strstr(chinese.items[0]->question, "问题真的解决了吗"));
    assert_null(strchr(chinese.opening, '{'));
    assert_string_equal(chinese.questionnaire, questionnaire_hash(sample));

    Troth__V1__DialOrder other = fill(&a, "pt-BR");
    assert_non_null(strstr(other.opening, "this is our garage in the north."));
    assert_non_null(strstr(other.closing, "Thank you."));
}

static void each_reason_says_its_own_and_the_first_one_opens(void **state)
{
    struct agenda a = agenda_of("promise_broken", "birthday");
    a.reasons[0].promise = 99;
    (void)text_copy(a.reasons[0].promise_kind, sizeof(a.reasons[0].promise_kind), "callback");
    (void)state;

    Troth__V1__DialOrder order = fill(&a, "en");

    assert_int_equal(order.n_agenda, 2);
    assert_non_null(strstr(order.agenda[0]->say, "We did not keep the call we promised you."));
    assert_non_null(strstr(order.agenda[1]->say, "happy birthday"));
    assert_non_null(strstr(order.closing, "We will keep this one."));
    assert_int_equal(order.agenda[0]->promise, 99);
    assert_int_equal(order.agenda[0]->follow_up, 513);
    assert_int_equal(order.agenda[1]->service_case, 2);
    assert_string_equal(order.agenda[1]->rule, "a_rule");
    assert_false(order.agenda[1]->has_promise);
}

static void an_improvement_goes_on_in_the_words_of_the_company(void **state)
{
    struct agenda a = agenda_of("improvement", NULL);
    (void)state;
    (void)text_copy(a.reasons[0].better, sizeof(a.reasons[0].better), "The {new} pads are quiet.");
    Troth__V1__DialOrder order = fill(&a, "en");
    assert_non_null(strstr(order.agenda[0]->say, "the first to know. The {new} pads are quiet."));
}

static void an_interview_is_told_along_what_to_talk(void **state)
{
    struct agenda a = agenda_of("low_answer", NULL);
    (void)state;
    Troth__V1__DialOrder order = fill(&a, "en");
    assert_non_null(strstr(order.agenda[0]->say, "\n- What happened"));
    assert_non_null(strstr(order.agenda[0]->say, "\n- What can we still do"));
    assert_int_equal(order.n_items, 0);
}

/* ---- what is asked */

static void questions_keep_their_conditions(void **state)
{
    struct agenda a = agenda_of("case_resolved", NULL);
    (void)state;
    Troth__V1__DialOrder order = fill(&a, "en");
    const Troth__V1__DialItem *solved = find_item(&order, "solved");
    const Troth__V1__DialItem *csat = find_item(&order, "csat");
    assert_false(solved->has_instrument);
    assert_int_equal(solved->high, 1);
    assert_null(solved->only_if);
    assert_int_equal(csat->instrument, TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT);
    assert_int_equal(csat->low, 1);
    assert_int_equal(csat->high, 5);
    assert_string_equal(csat->only_if, "solved");
    assert_int_equal(csat->only_min, 1);
    assert_int_equal(csat->only_max, 1);
    assert_int_equal(csat->service_case, 1);
}

static void servqual_comes_last_as_expectation_and_perception(void **state)
{
    struct agenda a = agenda_of("case_resolved", NULL);
    (void)state;
    a.servqual_asked = ((UINT32_C(1) << 23) - 2) & ~(UINT32_C(1) << 5) & ~(UINT32_C(1) << 22);
    Troth__V1__DialOrder order = fill(&a, "en");
    assert_int_equal(order.n_items, 3 + 4);
    const Troth__V1__DialItem *expectation = find_item(&order, "servqual_5_expectation");
    const Troth__V1__DialItem *perception = find_item(&order, "servqual_5_perception");
    (void)find_item(&order, "servqual_22_perception");
    assert_true(expectation->is_expectation);
    assert_false(perception->is_expectation);
    assert_int_equal(perception->item, 5);
    assert_int_equal(perception->dimension, 2);
    assert_int_equal(perception->low, 1);
    assert_int_equal(perception->high, 7);
    assert_non_null(strstr(expectation->question, "xcellent garage"));
}

static void no_question_is_asked_twice_in_one_conversation(void **state)
{
    struct agenda a = agenda_of("compensation", "case_resolved");
    (void)state;
    Troth__V1__DialOrder order = fill(&a, "en");
    size_t csat = 0;
    for (size_t i = 0; i < order.n_items; i++) {
        csat += strcmp(order.items[i]->code, "csat") == 0 ? 1 : 0;
    }
    assert_int_equal(csat, 1);
    assert_string_equal(find_item(&order, "csat")->only_if, "arrived");
    assert_int_equal(find_item(&order, "csat")->service_case, 1);
    assert_int_equal(find_item(&order, "solved")->service_case, 2);
}

static void more_than_sixteen_items_are_never_asked(void **state)
{
    static const char *const scripts[] = {"case_resolved", "promise_broken", "compensation",
                                          "churn_risk",    "silence",        "service_due"};
    struct text t = {.data = NULL};
    struct err err = ERR_NONE;
    (void)state;
    text_append(&t, "languages = (\"en\"); opening: { en = \"a\"; }; closing: { en = \"b\"; };\n"
                    "questions = (");
    for (int i = 0; i < 24; i++) {
        text_appendf(&t, "%s{ code = \"q%d\"; instrument = \"own\"; en = \"c\"; }", i ? "," : "",
                     i);
    }
    text_append(&t, ");\nscripts = (");
    for (int s = 0; s < 2; s++) {
        text_appendf(&t, "%s{ name = \"%s\"; say = { en = \"d\"; }; ask = (", s ? "," : "",
                     scripts[s]);
        for (int i = 0; i < 12; i++) {
            text_appendf(&t, "%s\"q%d\"", i ? "," : "", 12 * s + i);
        }
        text_append(&t, "); }");
    }
    text_append(&t, ");");
    struct questionnaire *q = questionnaire_parse(t.data, "q.conf", &err);
    assert_non_null(q);
    struct agenda a = agenda_of(scripts[0], scripts[1]);
    Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
    arena_reset(arena);
    assert_int_equal(agenda_script_fill(q, &a, "en", arena, &order, &err), 0);
    assert_int_equal(order.n_items, AGENDA_ITEMS_MAX);
    assert_string_equal(order.items[15]->code, "q15");
    questionnaire_free(q);
    text_free(&t);
}

/* ---- without */

static void without_a_script_there_is_still_the_reason(void **state)
{
    struct agenda a = agenda_of("unheard_of", NULL);
    Troth__V1__DialOrder order = fill(&a, "en");
    (void)state;
    assert_int_equal(order.n_agenda, 1);
    assert_null(order.opening);
    assert_null(order.agenda[0]->say);
    assert_int_equal(order.n_items, 0);

    struct err err = ERR_NONE;
    Troth__V1__DialOrder plain = TROTH__V1__DIAL_ORDER__INIT;
    assert_int_equal(agenda_script_fill(NULL, &a, "en", arena, &plain, &err), 0);
    assert_int_equal(plain.n_agenda, 1);
    assert_null(plain.questionnaire);
}

static void what_needs_too_much_memory_changes_nothing(void **state)
{
    struct agenda a = agenda_of("case_resolved", "promise_broken");
    (void)state;
    for (size_t budget = 16; budget < 2048; budget += 16) {
        struct arena *small = arena_new(budget);
        struct err err = ERR_NONE;
        Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
        assert_int_equal(agenda_script_fill(sample, &a, "en", small, &order, &err), -1);
        assert_string_equal(err.code, "order_too_large");
        assert_int_equal(order.n_agenda, 0);
        arena_free(small);
    }
}

static void an_order_always_fits_into_a_message(void **state)
{
    struct text t = {.data = NULL};
    struct err err = ERR_NONE;
    struct agenda a = {.count = AGENDA_REASONS_MAX};
    Troth__V1__DialOrder order = TROTH__V1__DIAL_ORDER__INIT;
    struct arena *large = arena_new((size_t)1024 * 1024);
    char name[126] = "";
    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    text_appendf(&t,
                 "languages = (\"en\"); opening: { en = \"a\"; }; closing: { en = \"b\"; };\n"
                 "names = ({ about = \"branch\"; value = \"*\"; en = \"%s\"; });\n"
                 "scripts = ({ name = \"s\"; say = { en = \"",
                 name);
    for (int i = 0; i < 60; i++) {
        text_append(&t, "{branch}");
    }
    text_append(&t, "\"; }; });");
    struct questionnaire *q = questionnaire_parse(t.data, "q.conf", &err);
    assert_non_null(q);
    for (size_t i = 0; i < a.count; i++) {
        a.reasons[i] = reason_of("s", 1);
    }
    assert_int_equal(agenda_script_fill(q, &a, "en", large, &order, &err), -1);
    assert_string_equal(err.code, "order_too_large");
    a.count = AGENDA_REASONS_MAX / 2;
    assert_int_equal(agenda_script_fill(q, &a, "en", large, &order, &err), 0);
    assert_true(troth__v1__dial_order__get_packed_size(&order) > 20000);
    questionnaire_free(q);
    text_free(&t);
    arena_free(large);
}

static void an_answer_belongs_to_the_first_reason_that_asks(void **state)
{
    struct agenda a = agenda_of("compensation", "case_resolved");
    (void)state;
    assert_int_equal(agenda_script_reason_of(sample, &a, "csat"), 0);
    assert_int_equal(agenda_script_reason_of(sample, &a, "solved"), 1);
    assert_int_equal(agenda_script_reason_of(sample, &a, "servqual_5_perception"), 1);
    assert_int_equal(agenda_script_reason_of(sample, &a, "unheard_of"), 0);
    assert_int_equal(agenda_script_reason_of(NULL, &a, "solved"), 0);
}

static int set_up(void **state)
{
    struct err err = ERR_NONE;
    (void)state;
    sample = questionnaire_load("deploy/config/questionnaire.conf", &err);
    arena = arena_new((size_t)64 * 1024);
    return sample ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    questionnaire_free(sample);
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_said_in_the_language_of_the_customer),
        cmocka_unit_test(each_reason_says_its_own_and_the_first_one_opens),
        cmocka_unit_test(an_improvement_goes_on_in_the_words_of_the_company),
        cmocka_unit_test(an_interview_is_told_along_what_to_talk),
        cmocka_unit_test(questions_keep_their_conditions),
        cmocka_unit_test(servqual_comes_last_as_expectation_and_perception),
        cmocka_unit_test(no_question_is_asked_twice_in_one_conversation),
        cmocka_unit_test(more_than_sixteen_items_are_never_asked),
        cmocka_unit_test(without_a_script_there_is_still_the_reason),
        cmocka_unit_test(what_needs_too_much_memory_changes_nothing),
        cmocka_unit_test(an_order_always_fits_into_a_message),
        cmocka_unit_test(an_answer_belongs_to_the_first_reason_that_asks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
