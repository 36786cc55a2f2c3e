/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_outcome.h"

#include <string.h>

#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

struct word {
    const char *word;
    int32_t value;
};

static int find(const struct word *words, size_t count, const char *word, int32_t *ret_value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].word, word) == 0) {
            *ret_value = words[i].value;
            return 0;
        }
    }
    return -1;
}

/* 1 unallocated, 22 changed, 28 invalid format. */
static bool is_no_such_number(int64_t cause)
{
    return cause == 1 || cause == 22 || cause == 28;
}

int32_t ami_outcome_of_leg(const char *dial_status, int64_t cause)
{
    /* CANCEL: our side gave up while it rang. */
    static const struct word words[] = {
        {"ANSWER",   0                 },
        {"BUSY",     OUTCOME(BUSY)     },
        {"NOANSWER", OUTCOME(NO_ANSWER)},
        {"CANCEL",   OUTCOME(NO_ANSWER)},
    };
    int32_t outcome = OUTCOME(FAILED);
    if (find(words, ARRAY_LEN(words), dial_status, &outcome) < 0 && is_no_such_number(cause)) {
        outcome = OUTCOME(INVALID_NUMBER);
    }
    return outcome;
}

int ami_outcome_parse(const char *name, int32_t *ret_outcome)
{
    static const struct word words[] = {
        {"answered",        OUTCOME(ANSWERED)       },
        {"busy",            OUTCOME(BUSY)           },
        {"no_answer",       OUTCOME(NO_ANSWER)      },
        {"voicemail",       OUTCOME(VOICEMAIL)      },
        {"refused",         OUTCOME(REFUSED)        },
        {"wrong_number",    OUTCOME(WRONG_NUMBER)   },
        {"failed",          OUTCOME(FAILED)         },
        {"partly_answered", OUTCOME(PARTLY_ANSWERED)},
        {"machine",         OUTCOME(MACHINE)        },
        {"call_back",       OUTCOME(CALL_BACK)      },
        {"language",        OUTCOME(LANGUAGE)       },
        {"invalid_number",  OUTCOME(INVALID_NUMBER) },
    };
    return find(words, ARRAY_LEN(words), name, ret_outcome);
}

int ami_outcome_parse_refusal(const char *name, int32_t *ret_refusal)
{
    static const struct word words[] = {
        {"this_time",    TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME   },
        {"this_purpose", TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE},
        {"everything",   TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING  },
    };
    return find(words, ARRAY_LEN(words), name, ret_refusal);
}

static bool is_answered(const struct dialer_result *result, const char *code)
{
    for (size_t i = 0; i < result->answer_count; i++) {
        if (strcmp(result->answers[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

int32_t ami_outcome_of_talk(const struct dialer_item *items, size_t item_count,
                            const struct dialer_result *result)
{
    for (size_t i = 0; i < item_count && result->answer_count > 0; i++) {
        if (dialer_item_is_asked(&items[i], result) && !is_answered(result, items[i].code)) {
            return OUTCOME(PARTLY_ANSWERED);
        }
    }
    return OUTCOME(ANSWERED);
}
