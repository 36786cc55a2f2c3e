/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/rulebook_words.h"

#include <stddef.h>
#include <string.h>

#include "common/domain/rulebook.h"

static const char *const triggers[] = {
    [FOLLOW_UP_ON_CASE_RESOLVED] = "case_resolved",
    [FOLLOW_UP_ON_PROMISE_AT_RISK] = "promise_at_risk",
    [FOLLOW_UP_ON_PROMISE_BROKEN] = "promise_broken",
    [FOLLOW_UP_ON_LOW_ANSWER] = "low_answer",
    [FOLLOW_UP_ON_CHURN_RISK] = "churn_risk",
    [FOLLOW_UP_ON_SILENCE] = "silence",
    [FOLLOW_UP_ON_BIRTHDAY] = "birthday",
    [FOLLOW_UP_ON_FESTIVAL] = "festival",
    [FOLLOW_UP_ON_SERVICE_DUE] = "service_due",
    [FOLLOW_UP_ON_COMPENSATION] = "compensation",
    [FOLLOW_UP_ON_IMPROVEMENT] = "improvement",
};

static const char *const purposes[] = {NULL, "service_call", "survey", "greeting", "marketing"};
static const char *const channels[] = {NULL, "call", "message", "mail", "person"};
static const char *const outcomes[RULEBOOK_OUTCOME_COUNT] = {
    NULL,
    "answered",
    "busy",
    "no_answer",
    "voicemail",
    "refused",
    "wrong_number",
    "failed",
    "partly_answered",
    "machine",
    "call_back",
    "language",
    "invalid_number",
    "sent",
};
static const char *const instruments[] = {NULL, "csat", "nps", "ces", "servqual", "own"};
static const char *const dimensions[] = {NULL,        "tangibles", "reliability", "responsiveness",
                                         "assurance", "empathy"};

static const struct word_list {
    const char *const *words;
    int32_t count;
} lists[RULEBOOK_WORD_LIST_COUNT] = {
    [RULEBOOK_TRIGGERS] = {triggers,    FOLLOW_UP_TRIGGER_COUNT        },
    [RULEBOOK_PURPOSES] = {purposes,    (int32_t)ARRAY_LEN(purposes)   },
    [RULEBOOK_CHANNELS] = {channels,    (int32_t)ARRAY_LEN(channels)   },
    [RULEBOOK_OUTCOMES] = {outcomes,    RULEBOOK_OUTCOME_COUNT         },
    [RULEBOOK_INSTRUMENTS] = {instruments, (int32_t)ARRAY_LEN(instruments)},
    [RULEBOOK_DIMENSIONS] = {dimensions,  (int32_t)ARRAY_LEN(dimensions) },
};

const char *rulebook_word(enum rulebook_word_list list, int32_t number)
{
    return number > 0 && number < lists[list].count ? lists[list].words[number] : NULL;
}

int32_t rulebook_word_find(enum rulebook_word_list list, const char *word)
{
    for (int32_t i = 1; i < lists[list].count; i++) {
        if (strcmp(lists[list].words[i], word) == 0) {
            return i;
        }
    }
    return 0;
}

const char *follow_up_trigger_name(int trigger)
{
    return rulebook_word(RULEBOOK_TRIGGERS, trigger);
}

int follow_up_trigger_find(const char *name)
{
    return rulebook_word_find(RULEBOOK_TRIGGERS, name);
}
