/* SPDX-License-Identifier: Apache-2.0 */
/* standard_fuzz.c - a file of rules: what is accepted decides about every contact. */
#include "common/domain/standard_explain.h"

#include "tests/fuzz/fuzz_config.h"

static const char *const texts[] = {"刹车 brake, Brake!", NULL, "谢谢"};

static void claim_ladder(const struct standard_ladder *ladder)
{
    bool has_due = false;

    claim(ladder->step_count >= 3 && ladder->step_count <= STANDARD_STEPS_MAX, "few steps");
    for (size_t i = 0; i < ladder->step_count; i++) {
        const struct standard_step *step = &ladder->steps[i];

        claim(step->percent > 0 ? step->percent <= 100 : step->after_us > 0, "a step has a time");
        has_due = has_due || step->percent == 100;
    }
    claim(has_due, "the due time is a step");
}

static void claim_decides(const struct standard *s, const struct standard_request *request)
{
    struct standard_decision decision;
    struct standard_decision found;
    struct standard_explanation why = {.count = 0};

    standard_decide(s, request, &decision);
    claim(decision.rule && decision.owner_team, "some rule decides");
    claim(decision.priority >= STANDARD_PRIORITY_URGENT &&
              decision.priority <= STANDARD_PRIORITY_LOW,
          "the priority is one of four");
    claim(decision.promise_count <= STANDARD_PROMISES_MAX, "there are few promises");
    for (size_t i = 0; i < decision.promise_count; i++) {
        claim(decision.promises[i].target_us > 0, "a promise has a target");
    }
    claim_ladder(decision.ladder);
    claim(standard_find_rule(s, decision.rule, request->branch, &found) &&
              found.ladder == decision.ladder,
          "the rule that decides is found by its name");
    standard_explain(s, request, &why);
    claim(strcmp(why.decision.rule, decision.rule) == 0 || (!request->tier && request->known_rule),
          "what is explained is what was decided");
    claim(!why.verdicts[why.count - 1].condition, "the last verdict matches");
    standard_explain_free(&why);
}

static void claim_same_when_stored(const struct standard *s)
{
    struct err err = ERR_NONE;
    struct standard *stored = standard_parse(standard_text(s), "stored", &err);

    claim(stored != NULL, "what was accepted once is accepted from the database");
    claim(strcmp(standard_hash(stored), standard_hash(s)) == 0, "and is the same version");
    standard_free(stored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct standard_request requests[] = {
        {0                    },
        {                   .kind = "complaint", .category = "safety", .channel = "phone", .branch = "north"},
        { .kind = "praise",                     .category = "", .channel = "web", .texts = texts, .text_count = 3},
        {                       .tier = "gold",     .asked_priority = 2, .texts = texts, .text_count = 1},
        {         .kind = "request",                     .known_rule = "a"},
    };
    struct err err = ERR_NONE;
    struct standard *s;

    if (fuzz_includes_a_file(data, size)) {
        return 0;
    }
    s = standard_load(fuzz_file(data, size), &err);
    if (s == NULL) {
        claim(err.code[0] != '\0', "a refusal has a code");
        return 0;
    }
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        claim_decides(s, &requests[i]);
    }
    (void)standard_category_by_words(s, texts, 3);
    (void)standard_is_thanks(s, texts, 3);
    claim_same_when_stored(s);
    standard_free(s);
    return 0;
}
