/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_fuzz.c - a file of rules: what is accepted decides who is called, and when. */
#include "common/domain/rulebook.h"

#include <math.h>

#include "common/domain/rulebook_due.h"
#include "common/domain/rulebook_words.h"
#include "tests/fuzz/fuzz_config.h"

static const struct rulebook_facts facts[] = {
    {.score = NAN,   .churn = NAN, .value = NAN},
    { .kind = "complaint",
     .category = "noise",
     .product = "engine",
     .branch = "north",
     .tier = "gold",
     .promise_kind = "resolution",
     .fault_code = "P0300",
     .priority = 1,
     .instrument = 4,
     .dimension = 2,
     .value = -6,
     .score = 0,
     .churn = 1},
    {                                .kind = "request",
     .tier = "silver",
     .priority = 3,
     .instrument = 2,
     .value = 6,
     .score = 50,
     .churn = 0.5},
};

static void claim_rule(const struct rulebook *b, const struct rulebook_rule *r)
{
    struct rulebook_moment m;

    claim(rulebook_find(b, r->name) == r, "a rule is found by its name, which no other has");
    claim(strlen(r->name) < RULEBOOK_NAME_SIZE && strlen(r->topic) < RULEBOOK_NAME_SIZE &&
              strlen(r->script) < RULEBOOK_NAME_SIZE,
          "names fit into rows");
    claim(r->window_us > 0 && r->after_us >= 0, "a rule has a window");
    claim(r->channel_count > 0 && r->channel_count <= RULEBOOK_CHANNELS_MAX, "and a channel");
    claim(r->attempts > 0 && r->priority >= 1 && r->priority <= 4, "attempts and a priority");
    claim(rulebook_word(RULEBOOK_PURPOSES, r->purpose) != NULL, "and a purpose");
    claim(r->at_minute >= -1 && r->at_minute < 24 * 60, "a time of day is one");
    claim(rulebook_has_trigger(b, r->trigger), "its trigger is there");
    rulebook_due_after(r, 0, NULL, &m);
    claim(m.due_us >= 0 || r->measure.lead_us > 0, "it is due after what happened");
    claim(m.window_end_us > m.due_us, "and can be held");
}

static void claim_matches(const struct rulebook *b, struct rulebook_facts f)
{
    for (f.trigger = 1; f.trigger < FOLLOW_UP_TRIGGER_COUNT; f.trigger++) {
        const struct rulebook_rule *first = rulebook_match(b, NULL, &f);

        for (size_t i = 0; i < rulebook_rule_count(b); i++) {
            const struct rulebook_rule *r = rulebook_rule(b, i);
            const char *why = NULL;
            const bool is_match = rulebook_matches(r, &f, &why);

            claim(is_match == (why == NULL), "a reason is told for what does not match");
            claim(!is_match || r->trigger == f.trigger, "only rules of that trigger match");
            claim(!is_match || (first && first <= r), "the first that matches is taken");
            claim(!is_match || rulebook_match(b, r->topic, &f) != NULL, "its topic takes one");
        }
    }
}

static void claim_outcomes(const struct rulebook *b)
{
    for (int32_t i = 1; i < RULEBOOK_OUTCOME_COUNT; i++) {
        const struct rulebook_outcome *o = rulebook_outcome(b, i);

        claim(o->outcome == i, "every outcome is there");
        claim((o->is_end ? 1 : 0) + (o->other_channel ? 1 : 0) + (o->retry_after_us > 0 ? 1 : 0) ==
                  1,
              "and goes on in one way");
    }
}

static void claim_same_when_stored(const struct rulebook *b)
{
    struct err err = ERR_NONE;
    struct rulebook *stored = rulebook_parse(rulebook_text(b), "stored", &err);

    claim(stored != NULL, "what was accepted once is accepted from the database");
    claim(strcmp(rulebook_hash(stored), rulebook_hash(b)) == 0, "and is the same version");
    rulebook_free(stored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_NONE;
    struct rulebook *b;

    if (fuzz_includes_a_file(data, size)) {
        return 0;
    }
    b = rulebook_load(fuzz_file(data, size), &err);
    if (b == NULL) {
        claim(strncmp(err.code, "rules_", strlen("rules_")) == 0, "a refusal has a code of ours");
        return 0;
    }
    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        claim_rule(b, rulebook_rule(b, i));
    }
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        claim_matches(b, facts[i]);
    }
    claim_outcomes(b);
    claim_same_when_stored(b);
    rulebook_free(b);
    return 0;
}
