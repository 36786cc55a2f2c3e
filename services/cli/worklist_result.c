/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/worklist_result.h"

#include <string.h>

#include "common/base/text.h"
#include "common/runtime/message_field.h"
#include "event.pb-c.h"

/* protobuf-c has no const texts; nobody writes to them. */
static char *text_of(const char *text)
{
    union {
        const char *in;
        char *out;
    } u = {.in = text};
    return u.out;
}

static int read_outcome(const char *said, Troth__V1__DialResult *ret, struct err *err)
{
    const ProtobufCEnumValue *v = message_enum_find(&troth__v1__call_outcome__descriptor, said);
    if (!v || v->value == 0 || v->value == (int)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT) {
        return err_set(err, "usage",
                       "'%s' is no outcome: answered, partly_answered, busy, no_answer, voicemail, "
                       "machine, wrong_number, invalid_number, refused, call_back, language, "
                       "failed",
                       said);
    }
    ret->has_outcome = true;
    ret->outcome = (Troth__V1__CallOutcome)v->value;
    return 0;
}

static void add(struct worklist_result *ret, const char *code, size_t code_len, const char *value)
{
    size_t i = ret->result.n_answers++;
    Troth__V1__DialedAnswer *a = &ret->answers[i];
    int64_t number;
    troth__v1__dialed_answer__init(a);
    (void)text_format(ret->codes[i], sizeof(ret->codes[i]), "%.*s", (int)code_len, code);
    a->code = ret->codes[i];
    a->has_value = text_to_int64(value, INT32_MIN, INT32_MAX, &number) == 0;
    a->value = a->has_value ? (int32_t)number : 0;
    a->comment = a->has_value ? NULL : text_of(value);
    ret->pointers[i] = a;
}

static int read_answers(const struct worklist_said *said, struct worklist_result *ret,
                        struct err *err)
{
    if (said->answer_count > WORKLIST_ANSWERS_MAX) {
        return err_set(err, "usage", "at most %d answers go with one call", WORKLIST_ANSWERS_MAX);
    }
    for (size_t i = 0; i < said->answer_count; i++) {
        const char *equals = strchr(said->answers[i], '=');
        size_t len = equals ? (size_t)(equals - said->answers[i]) : 0;
        if (len == 0 || len >= sizeof(ret->codes[0]) || equals[1] == '\0') {
            return err_set(err, "usage", "--answer takes CODE=VALUE, such as csat=4: not '%s'",
                           said->answers[i]);
        }
        add(ret, said->answers[i], len, equals + 1);
    }
    if (said->solved && strcmp(said->solved, "yes") != 0 && strcmp(said->solved, "no") != 0) {
        return err_set(err, "usage", "--solved takes yes or no");
    }
    if (said->solved) {
        add(ret, "solved", strlen("solved"), strcmp(said->solved, "yes") == 0 ? "1" : "0");
    }
    return 0;
}

static int read_refusal(const char *said, Troth__V1__DialResult *ret, struct err *err)
{
    static const struct {
        const char *word;
        Troth__V1__DialRefusal refusal;
    } words[] = {
        {"this",    TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME   },
        {"purpose", TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE},
        {"all",     TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING  },
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].word, said) == 0) {
            ret->has_refusal = true;
            ret->refusal = words[i].refusal;
            return 0;
        }
    }
    return err_set(err, "usage", "--refuse takes this, purpose or all");
}

int worklist_result_read(const struct worklist_said *said, struct worklist_result *ret,
                         struct err *err)
{
    Troth__V1__DialResult *result = &ret->result;
    troth__v1__dial_result__init(result);
    if (read_outcome(said->outcome, result, err) < 0 || read_answers(said, ret, err) < 0 ||
        (said->refuse && read_refusal(said->refuse, result, err) < 0)) {
        return -1;
    }
    bool is_call_back = result->outcome == TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK;
    if (is_call_back != (said->call_back_us != 0)) {
        return err_set(err, "usage", "call_back and --call-back TIME go together");
    }
    result->answers = ret->pointers;
    result->has_call_back_us = is_call_back;
    result->call_back_us = said->call_back_us;
    result->note = text_of(said->note);
    result->new_phone = text_of(said->new_phone);
    result->language = text_of(said->speaks);
    return 0;
}
