/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer of a customer adds, mark by mark. */
#include "services/reporting/answer_bundle.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>

#include "common/base/compiler.h"
#include "event.pb-c.h"
#include "tests/support/bundle_entries.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name
#define DIMENSION(name)  TROTH__V1__SERVQUAL_DIMENSION__SERVQUAL_DIMENSION_##name

static struct answer_row answer_of(Troth__V1__SurveyInstrument instrument, int value)
{
    return (struct answer_row){
        .number = 1, .at_us = HOURS(12, 0), .instrument = instrument, .value = value};
}

/* As make does: sorted. */
static void assert_answer(const struct answer_row *row, const char *about, const char *want)
{
    struct figure_bundle bundle = {.count = 0};

    answer_bundle_make(row, zone, &bundle);
    assert_bundle(&bundle, about, want);
    figure_bundle_free(&bundle);
}

/* Instrument and value; whether it is low, or good; where it lies between -1 and 1; what it adds.
 * The columns are too wide for it. */
/* clang-format off */
static const struct {
    Troth__V1__SurveyInstrument instrument;
    int value;
    bool is_low, is_good;
    double scaled;
    const char *entries;
} marks[] = {
    {INSTRUMENT(CSAT), 1,  true,  false, -1,       "csat d0 1 answer=1\ncsat_squares d0 1\nlow_answers d0\n"},
    {INSTRUMENT(CSAT), 2,  true,  false, -0.5,     "csat d0 2 answer=2\ncsat_squares d0 4\nlow_answers d0\n"},
    {INSTRUMENT(CSAT), 3,  false, false, 0,        "csat d0 3 answer=3\ncsat_squares d0 9\n"},
    {INSTRUMENT(CSAT), 4,  false, true,  0.5,      "csat d0 4 answer=4\ncsat_squares d0 16\ncsat_satisfied d0\n"},
    {INSTRUMENT(CSAT), 5,  false, true,  1,        "csat d0 5 answer=5\ncsat_squares d0 25\ncsat_satisfied d0\n"},
    {INSTRUMENT(NPS),  0,  true,  false, -1,       "nps_detractors d0 answer=0\nlow_answers d0\n"},
    {INSTRUMENT(NPS),  5,  true,  false, 0,        "nps_detractors d0 answer=5\nlow_answers d0\n"},
    {INSTRUMENT(NPS),  6,  true,  false, 0.2,      "nps_detractors d0 answer=6\nlow_answers d0\n"},
    {INSTRUMENT(NPS),  7,  false, false, 0.4,      "nps_passives d0 answer=7\n"},
    {INSTRUMENT(NPS),  8,  false, false, 0.6,      "nps_passives d0 answer=8\n"},
    {INSTRUMENT(NPS),  9,  false, true,  0.8,      "nps_promoters d0 answer=9\n"},
    {INSTRUMENT(NPS),  10, false, true,  1,        "nps_promoters d0 answer=10\n"},
    {INSTRUMENT(CES),  1,  true,  false, -1,       "ces d0 1 answer=1\nces_squares d0 1\nlow_answers d0\n"},
    {INSTRUMENT(CES),  3,  true,  false, -1.0 / 3, "ces d0 3 answer=3\nces_squares d0 9\nlow_answers d0\n"},
    {INSTRUMENT(CES),  4,  false, false, 0,        "ces d0 4 answer=4\nces_squares d0 16\n"},
    {INSTRUMENT(CES),  5,  false, true,  1.0 / 3,  "ces d0 5 answer=5\nces_squares d0 25\nces_easy d0\n"},
    {INSTRUMENT(CES),  7,  false, true,  1,        "ces d0 7 answer=7\nces_squares d0 49\nces_easy d0\n"},
};
/* clang-format on */

static void each_mark_counts_for_what_it_says_on_its_scale(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        const struct answer_row row = answer_of(marks[i].instrument, marks[i].value);
        assert_answer(&row, NULL, marks[i].entries);
        assert_true(answer_is_mark(&row));
        assert_true(answer_is_low(&row) == marks[i].is_low);
        assert_true(answer_is_good(&row) == marks[i].is_good);
        assert_true(fabs(answer_scaled(&row) - marks[i].scaled) < 1e-12);
    }
}

static void what_is_no_mark_is_neither_low_nor_good(void **state)
{
    static const struct {
        Troth__V1__SurveyInstrument instrument;
        int value;
        const char *question, *entries;
    } cases[] = {
        {INSTRUMENT(CSAT),        -1,  NULL,   ""                                  },
        {INSTRUMENT(NPS),         -1,  NULL,   ""                                  },
        {INSTRUMENT(CES),         -1,  NULL,   ""                                  },
        {INSTRUMENT(OWN),         -1,  "wash", ""                                  },
        {INSTRUMENT(SERVQUAL),    -1,  NULL,   ""                                  },
        {INSTRUMENT(SERVQUAL),    1,   NULL,   ""                                  },
        {INSTRUMENT(UNSPECIFIED), 1,   NULL,   ""                                  },
        {INSTRUMENT(OWN),         0,   "wash", "own_answers d0 0 question=wash\n"  },
        {INSTRUMENT(OWN),         100, "wash", "own_answers d0 100 question=wash\n"},
        {INSTRUMENT(OWN),         7,   NULL,   "own_answers d0 7 question=\n"      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer_row row = answer_of(cases[i].instrument, cases[i].value);
        row.question = cases[i].question;
        assert_answer(&row, NULL, cases[i].entries);
        assert_false(answer_is_mark(&row));
        assert_false(answer_is_low(&row));
        assert_false(answer_is_good(&row));
        assert_true(answer_scaled(&row) == 0);
    }
}

/* A gap needs both numbers. The columns are too wide for it. */
/* clang-format off */
static void items_count_what_was_told_of_them(void **state)
{
    static const struct {
        struct answer_item item;
        const char *entries;
    } cases[] = {
        {{7, DIMENSION(RELIABILITY), 7, 5},
         "servqual_gap d0 -2 servqual=reliability question=item/7\n"
         "servqual_gap_squares d0 4 servqual=reliability question=item/7\n"
         "servqual_expectation d0 7 servqual=reliability question=item/7\n"
         "servqual_perception d0 5 servqual=reliability question=item/7 answer=reliability/5\n"},
        {{1, DIMENSION(TANGIBLES), 1, 7},
         "servqual_gap d0 6 servqual=tangibles question=item/1\n"
         "servqual_gap_squares d0 36 servqual=tangibles question=item/1\n"
         "servqual_expectation d0 1 servqual=tangibles question=item/1\n"
         "servqual_perception d0 7 servqual=tangibles question=item/1 answer=tangibles/7\n"    },
        {{22, DIMENSION(EMPATHY), 4, 0},
         "servqual_expectation d0 4 servqual=empathy question=item/22\n"                       },
        {{22, DIMENSION(EMPATHY), 0, 4},
         "servqual_perception d0 4 servqual=empathy question=item/22 answer=empathy/4\n"       },
        {{22, DIMENSION(EMPATHY), 0, 0},    ""                                                 },
        {{2, DIMENSION(UNSPECIFIED), 0, 4},
         "servqual_perception d0 4 servqual= question=item/2 answer=/4\n"                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer_row row = answer_of(INSTRUMENT(SERVQUAL), -1);
        row.items = &cases[i].item;
        row.item_count = 1;
        assert_answer(&row, NULL, cases[i].entries);
    }
}
/* clang-format on */

static void an_answer_to_a_follow_up_counts_for_its_rule_trigger_and_channel(void **state)
{
    struct answer_row row = answer_of(INSTRUMENT(CSAT), 3);

    assert_answer(&row, "follow_up_answers", "");
    row.rule = "after_repair";
    row.trigger = TROTH__V1__FOLLOW_UP_TRIGGER__FOLLOW_UP_TRIGGER_CASE_RESOLVED;
    row.channel = TROTH__V1__CHANNEL__CHANNEL_CALL;
    assert_answer(&row, "follow_up_answers",
                  "follow_up_answers d0 rule=after_repair trigger=case_resolved channel=call\n");
    row.value = -1; /* it said nothing that can be counted, but it came */
    row.trigger = 99;
    row.channel = -1;
    assert_answer(&row, NULL, "follow_up_answers d0 rule=after_repair trigger= channel=\n");
}

static void an_answer_counts_on_its_own_day_in_its_own_branch(void **state)
{
    struct answer_row row = answer_of(INSTRUMENT(NPS), 8);
    struct figure_bundle bundle = {.count = 0};

    row.at_us = HOURS(24, 0) - 1;
    assert_answer(&row, NULL, "nps_passives d0 answer=8\n");
    row.at_us = HOURS(24, 0);
    assert_answer(&row, NULL, "nps_passives d1 answer=8\n");
    row.branch = "north";
    answer_bundle_make(&row, zone, &bundle);
    assert_string_equal(bundle.values[DIMENSION_BRANCH], "north");
    figure_bundle_clear(&bundle);
    answer_bundle_add(&row, zone, &bundle); /* of a case: it counts where the case does */
    assert_null(bundle.values[DIMENSION_BRANCH]);
    figure_bundle_free(&bundle);
}

/* Every entry has a place for the staff of its case, too. */
static void no_entry_has_more_dimensions_than_it_has_room_for(void **state)
{
    const struct answer_item item = {3, DIMENSION(ASSURANCE), 7, 1};
    struct answer_row row = answer_of(INSTRUMENT(CSAT), 1);
    struct figure_bundle bundle = {.count = 0};

    row.items = &item;
    row.item_count = 1;
    row.rule = "r";
    answer_bundle_make(&row, zone, &bundle);
    assert_true(bundle.count > 6);
    for (size_t i = 0; i < bundle.count; i++) {
        const struct figure_entry *e = &bundle.entries[i];
        const struct figure_measure_row *m = figure_measure_find(e->measure);
        assert_true(e->value_count < FIGURE_ENTRY_VALUES_MAX);
        for (size_t v = 0; v < e->value_count; v++) { /* and is counted by them */
            assert_true((m->dimensions >> e->values[v].dimension & 1) != 0);
        }
    }
    figure_bundle_free(&bundle);
}

/* "FOLLOW_UP_TRIGGER_CASE_RESOLVED" is "case_resolved"; what has no number has no name. */
static void assert_names(const ProtobufCEnumDescriptor *type, const char *prefix,
                         const char *(*name_of)(int))
{
    for (unsigned i = 0; i < type->n_values; i++) {
        const ProtobufCEnumValue *value = &type->values[i];
        const char *name = name_of(value->value);
        assert_int_equal(strncmp(value->name, prefix, strlen(prefix)), 0);
        const char *want = value->value == 0 ? "" : value->name + strlen(prefix);
        assert_int_equal(strlen(name), strlen(want));
        for (size_t k = 0; name[k] != '\0'; k++) {
            assert_int_equal(name[k], tolower((unsigned char)want[k]));
        }
    }
    assert_string_equal(name_of(-1), "");
    assert_string_equal(name_of((int)type->n_values), "");
    assert_string_equal(name_of(INT_MAX), "");
    assert_string_equal(name_of(INT_MIN), "");
}

static void channels_and_triggers_are_called_as_in_the_rules(void **state)
{
    assert_names(&troth__v1__channel__descriptor, "CHANNEL_", answer_channel_name);
    assert_names(&troth__v1__follow_up_trigger__descriptor, "FOLLOW_UP_TRIGGER_",
                 answer_trigger_name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mark_counts_for_what_it_says_on_its_scale),
        cmocka_unit_test(what_is_no_mark_is_neither_low_nor_good),
        cmocka_unit_test(items_count_what_was_told_of_them),
        cmocka_unit_test(an_answer_to_a_follow_up_counts_for_its_rule_trigger_and_channel),
        cmocka_unit_test(an_answer_counts_on_its_own_day_in_its_own_branch),
        cmocka_unit_test(no_entry_has_more_dimensions_than_it_has_room_for),
        cmocka_unit_test(channels_and_triggers_are_called_as_in_the_rules),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
