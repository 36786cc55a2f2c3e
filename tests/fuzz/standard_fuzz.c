/* SPDX-License-Identifier: Apache-2.0 */
/* standard_fuzz.c - a file of rules: what is accepted decides about every contact. */
#include "common/domain/standard.h"

#include "tests/fuzz/fuzz_config.h"

static void claim_decides(const struct standard *s, const struct standard_request *request)
{
    struct standard_decision decision;

    standard_decide(s, request, &decision);
    claim(decision.rule && decision.owner_team, "some rule decides");
    claim(decision.priority >= STANDARD_PRIORITY_URGENT &&
              decision.priority <= STANDARD_PRIORITY_LOW,
          "the priority is one of four");
    claim(decision.promise_count <= STANDARD_PROMISES_MAX, "there are few promises");
    for (size_t i = 0; i < decision.promise_count; i++) {
        claim(decision.promises[i].target_us > 0, "a promise has a target");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct standard_request requests[] = {
        {0                  },
        {                  .kind = "complaint", .category = "safety", .channel = "phone", .branch = "north"},
        { .kind = "praise",                    .category = "", .channel = "web"},
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
    standard_free(s);
    return 0;
}
