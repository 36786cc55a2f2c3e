/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_test.c - what a rulebook says once it is read, and what it is when it says nothing. */
#include "common/domain/rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/domain/rulebook_words.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"

#define SAMPLE "deploy/config/followups.conf"
#define PLAIN  "tests/support/plain_followups.conf"
#define RULE   "{ name = \"a\"; trigger = \"case_resolved\"; window = \"1d\"; }"

static struct rulebook *parse(const char *text)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_parse(text, "test.conf", &err);

    if (!b) {
        fail_msg("%s: %s", err.field, err.text);
    }
    return b;
}

static struct rulebook *load(const char *path)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_load(path, &err);

    if (!b) {
        fail_msg("%s: %s", err.field, err.text);
    }
    return b;
}

static void the_sample_has_rules_of_every_trigger(void **state)
{
    struct rulebook *b = load(SAMPLE);
    const struct rulebook_limits *l = rulebook_limits(b);

    (void)state;
    for (int trigger = 1; trigger < FOLLOW_UP_TRIGGER_COUNT; trigger++) {
        if (!rulebook_has_trigger(b, trigger)) {
            fail_msg("no rule for %s", follow_up_trigger_name(trigger));
        }
    }
    assert_string_equal(l->usual_zone, "Asia/Shanghai");
    assert_true(l->quiet_from_minute > l->quiet_until_minute);
    assert_true(l->per_week > 0 && l->per_month >= l->per_week);
    rulebook_free(b);
}

static void the_plain_rules_call_once_after_a_resolution(void **state)
{
    struct rulebook *b = load(PLAIN);
    const struct rulebook_rule *r = rulebook_rule(b, 0);

    (void)state;
    assert_int_equal(rulebook_rule_count(b), 1);
    assert_string_equal(r->name, "after_resolution");
    assert_string_equal(r->topic, "case_resolved");
    assert_int_equal(r->after_us, DURATION_DAY);
    assert_int_equal(r->window_us, 2 * DURATION_DAY);
    assert_int_equal(r->attempts, 3);
    assert_int_equal(rulebook_limits(b)->quiet_from_minute, rulebook_limits(b)->quiet_until_minute);
    assert_int_equal(
        rulebook_outcome(b, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY)->retry_after_us,
        DURATION_H);
    rulebook_free(b);
}

static void a_rule_that_says_little_has_the_usual(void **state)
{
    struct rulebook *b = parse("rules = (" RULE ");");
    const struct rulebook_rule *r = rulebook_find(b, "a");

    (void)state;
    assert_ptr_equal(r, rulebook_rule(b, 0));
    assert_string_equal(r->topic, "case_resolved");
    assert_string_equal(r->script, "case_resolved");
    assert_int_equal(r->purpose, TROTH__V1__PURPOSE__PURPOSE_SERVICE_CALL);
    assert_int_equal(r->priority, 3);
    assert_int_equal(r->after_us, 0);
    assert_int_equal(r->at_minute, -1);
    assert_int_equal(r->channel_count, 1);
    assert_int_equal(r->channels[0], TROTH__V1__CHANNEL__CHANNEL_CALL);
    assert_int_equal(r->attempts, 3);
    assert_null(rulebook_find(b, "b"));
    assert_int_equal(rulebook_limits(b)->quiet_from_minute, 21 * 60);
    assert_int_equal(rulebook_limits(b)->quiet_until_minute, 8 * 60);
    assert_int_equal(rulebook_limits(b)->days, 0x7f);
    assert_int_equal(rulebook_limits(b)->per_week, 0);
    rulebook_free(b);
}

static void every_setting_of_a_rule_is_read(void **state)
{
    struct rulebook *b = parse(
        "rules = ({ name = \"low\"; trigger = \"low_answer\"; topic = \"loop\"; purpose = "
        "\"survey\"; priority = 1; after = \"2h\"; window = \"46h\"; at = \"09:30\"; channels = "
        "(\"person\", \"call\"); script = \"sorry\"; attempts = 5; kind = (\"complaint\", "
        "\"request\"); tier = \"gold\"; branch = \"*\"; priority_at_least = 2; instrument = "
        "\"servqual\"; dimension = \"reliability\"; at_most = -2; });");
    const struct rulebook_rule *r = rulebook_rule(b, 0);

    (void)state;
    assert_string_equal(r->topic, "loop");
    assert_int_equal(r->purpose, TROTH__V1__PURPOSE__PURPOSE_SURVEY);
    assert_int_equal(r->priority, 1);
    assert_int_equal(r->after_us, 2 * DURATION_H);
    assert_int_equal(r->window_us, 46 * DURATION_H);
    assert_int_equal(r->at_minute, 9 * 60 + 30);
    assert_int_equal(r->channel_count, 2);
    assert_int_equal(r->channels[0], TROTH__V1__CHANNEL__CHANNEL_PERSON);
    assert_int_equal(r->channels[1], TROTH__V1__CHANNEL__CHANNEL_CALL);
    assert_string_equal(r->script, "sorry");
    assert_int_equal(r->attempts, 5);
    assert_int_equal(r->when.kinds.count, 2);
    assert_string_equal(r->when.kinds.items[1], "request");
    assert_string_equal(r->when.tiers.items[0], "gold");
    assert_int_equal(r->when.branches.count, 0);
    assert_int_equal(r->when.priority_at_least, 2);
    assert_int_equal(r->measure.instrument,
                     TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL);
    assert_int_equal(r->measure.dimension,
                     TROTH__V1__SERVQUAL_DIMENSION__SERVQUAL_DIMENSION_RELIABILITY);
    assert_true(r->measure.at_most == -2);
    rulebook_free(b);
}

static void limits_and_outcomes_are_read(void **state)
{
    struct rulebook *b = parse(
        "limits: { quiet = \"20:00-09:00\"; days = (\"mon\", \"sat\"); safest = \"01:00-10:00\"; "
        "usual_zone = \"Asia/Urumqi\"; per_day = 1; per_week = 2; per_month = 4; per_number_week "
        "= 3; attempts_per_day = 2; refusal_pause = \"90d\"; agenda_ahead = \"3d\"; called_back = "
        "\"2d\"; };"
        "outcomes = ({ outcome = \"no_answer\"; retry_after = \"2h\"; other_hour = \"90m\"; "
        "at_most "
        "= 4; }, { outcome = \"failed\"; other_channel = true; }, { outcome = \"wrong_number\"; "
        "end "
        "= true; });"
        "rules = (" RULE ");");
    const struct rulebook_limits *l = rulebook_limits(b);
    const struct rulebook_outcome *o =
        rulebook_outcome(b, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER);

    (void)state;
    assert_int_equal(l->quiet_from_minute, 20 * 60);
    assert_int_equal(l->quiet_until_minute, 9 * 60);
    assert_int_equal(l->days, 0x21);
    assert_int_equal(l->safest_from_minute, 60);
    assert_int_equal(l->safest_until_minute, 600);
    assert_string_equal(l->usual_zone, "Asia/Urumqi");
    assert_int_equal(l->per_day, 1);
    assert_int_equal(l->per_week, 2);
    assert_int_equal(l->per_month, 4);
    assert_int_equal(l->per_number_week, 3);
    assert_int_equal(l->attempts_per_day, 2);
    assert_int_equal(l->refusal_pause_us, 90 * DURATION_DAY);
    assert_int_equal(l->agenda_ahead_us, 3 * DURATION_DAY);
    assert_int_equal(l->called_back_us, 2 * DURATION_DAY);
    assert_false(o->is_end);
    assert_int_equal(o->retry_after_us, 2 * DURATION_H);
    assert_int_equal(o->other_hour_us, 90 * DURATION_MIN);
    assert_int_equal(o->at_most, 4);
    o = rulebook_outcome(b, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED);
    assert_true(o->other_channel && o->retry_after_us == 0);
    assert_true(rulebook_outcome(b, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER)->is_end);
    rulebook_free(b);
}

static void every_outcome_has_one_way_to_go_on(void **state)
{
    struct rulebook *b = parse("rules = (" RULE ");");

    (void)state;
    for (int32_t i = 1; i < RULEBOOK_OUTCOME_COUNT; i++) {
        const struct rulebook_outcome *o = rulebook_outcome(b, i);

        assert_int_equal(o->outcome, i);
        assert_int_equal(
            (o->is_end ? 1 : 0) + (o->other_channel ? 1 : 0) + (o->retry_after_us > 0 ? 1 : 0), 1);
    }
    assert_null(rulebook_outcome(b, 0));
    assert_null(rulebook_outcome(b, RULEBOOK_OUTCOME_COUNT));
    rulebook_free(b);
}

/* "CALL_OUTCOME_NO_ANSWER" ends with "no_answer", whatever the case of its letters. */
static void compare_words(enum rulebook_word_list list, const ProtobufCEnumDescriptor *e)
{
    for (unsigned i = 0; i < e->n_values; i++) {
        const int number = e->values[i].value;
        const char *word = rulebook_word(list, number);
        const size_t len = strlen(e->values[i].name);

        if (number == 0) {
            assert_null(word);
            continue;
        }
        assert_non_null(word);
        assert_true(len > strlen(word));
        assert_int_equal(strcasecmp(e->values[i].name + len - strlen(word), word), 0);
        assert_int_equal(e->values[i].name[len - strlen(word) - 1], '_');
        assert_int_equal(rulebook_word_find(list, word), number);
    }
    assert_null(rulebook_word(list, (int32_t)e->n_values));
    assert_int_equal(rulebook_word_find(list, "nonsense"), 0);
}

static void words_stand_for_the_numbers_of_the_wire(void **state)
{
    (void)state;
    compare_words(RULEBOOK_TRIGGERS, &troth__v1__follow_up_trigger__descriptor);
    compare_words(RULEBOOK_PURPOSES, &troth__v1__purpose__descriptor);
    compare_words(RULEBOOK_CHANNELS, &troth__v1__channel__descriptor);
    compare_words(RULEBOOK_OUTCOMES, &troth__v1__call_outcome__descriptor);
    compare_words(RULEBOOK_INSTRUMENTS, &troth__v1__survey_instrument__descriptor);
    compare_words(RULEBOOK_DIMENSIONS, &troth__v1__servqual_dimension__descriptor);
    assert_string_equal(follow_up_trigger_name(FOLLOW_UP_ON_SILENCE), "silence");
    assert_int_equal(follow_up_trigger_find("promise_broken"), FOLLOW_UP_ON_PROMISE_BROKEN);
}

static void what_was_stored_is_the_same_version(void **state)
{
    struct rulebook *loaded = load(SAMPLE);
    struct rulebook *stored = parse(rulebook_text(loaded));

    (void)state;
    assert_string_equal(rulebook_hash(loaded), rulebook_hash(stored));
    assert_int_equal(strlen(rulebook_hash(loaded)), 32);
    assert_int_equal(rulebook_rule_count(loaded), rulebook_rule_count(stored));
    rulebook_free(loaded);
    rulebook_free(stored);
    rulebook_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_has_rules_of_every_trigger),
        cmocka_unit_test(the_plain_rules_call_once_after_a_resolution),
        cmocka_unit_test(a_rule_that_says_little_has_the_usual),
        cmocka_unit_test(every_setting_of_a_rule_is_read),
        cmocka_unit_test(limits_and_outcomes_are_read),
        cmocka_unit_test(every_outcome_has_one_way_to_go_on),
        cmocka_unit_test(words_stand_for_the_numbers_of_the_wire),
        cmocka_unit_test(what_was_stored_is_the_same_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
