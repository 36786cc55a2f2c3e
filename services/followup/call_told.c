/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/call_told.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name

enum {
    /* Those of intake, which would refuse the whole record. */
    COMMENT_SIZE = 32 * 1024 + 1,
    PHONE_SIZE = 64 + 1,
    LANGUAGE_SIZE = 35 + 1,
};

/* ---- texts */

static char *copy(const char *text, size_t size)
{
    if (text_is_empty(text)) {
        return NULL;
    }
    char *room = xcalloc(1, size);
    (void)text_copy(room, size, text);
    char *exact = xstrdup(room);
    explicit_bzero(room, size);
    free(room);
    return exact;
}

static void wipe(char **text)
{
    if (*text) {
        explicit_bzero(*text, strlen(*text));
        free(*text);
        *text = NULL;
    }
}

/* ---- answers */

static const char *usual_code(int32_t instrument)
{
    switch (instrument) {
    case INSTRUMENT(CSAT):
        return "csat";
    case INSTRUMENT(NPS):
        return "nps";
    case INSTRUMENT(CES):
        return "ces";
    default:
        return ""; /* the others have many questions: only the code tells which */
    }
}

/* What is asked under a reserved code is never anything else, whatever the dialer says. */
static int32_t instrument_of(const char *code, int32_t said)
{
    static const struct {
        const char *code;
        int32_t instrument;
    } reserved[] = {
        {"csat",               INSTRUMENT(CSAT)},
        {"nps",                INSTRUMENT(NPS) },
        {"ces",                INSTRUMENT(CES) },
        {QUESTIONNAIRE_SOLVED, 0               },
    };
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        if (strcmp(code, reserved[i].code) == 0) {
            return reserved[i].instrument;
        }
    }
    if (strncmp(code, "servqual_", strlen("servqual_")) == 0) {
        return INSTRUMENT(SERVQUAL);
    }
    bool is_scaled = said == INSTRUMENT(CSAT) || said == INSTRUMENT(NPS) || said == INSTRUMENT(CES);
    return is_scaled ? said : INSTRUMENT(OWN);
}

static bool is_code(const char *code)
{
    size_t len = strlen(code);
    return len > 0 && len < QUESTIONNAIRE_CODE_SIZE &&
           code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static struct call_told_answer *place_for(struct call_told *t, const char *code)
{
    for (size_t i = 0; t->answers && i < t->answer_count; i++) {
        if (strcmp(t->answers[i].code, code) == 0) {
            wipe(&t->answers[i].comment);
            return &t->answers[i];
        }
    }
    return t->answer_count < CALL_TOLD_ANSWERS_MAX ? &t->answers[t->answer_count++] : NULL;
}

static void add_answer(struct call_told *t, const Troth__V1__DialedAnswer *a)
{
    const char *code = text_is_empty(a->code) ? usual_code((int32_t)a->instrument) : a->code;
    if (!is_code(code) || (!a->has_value && text_is_empty(a->comment))) {
        return;
    }
    struct call_told_answer *place = place_for(t, code);
    if (!place) {
        return;
    }
    *place = (struct call_told_answer){
        .instrument = instrument_of(code, (int32_t)a->instrument),
        .value = a->value,
        .has_value = a->has_value,
        .comment = copy(a->comment, COMMENT_SIZE),
    };
    (void)text_copy(place->code, sizeof(place->code), code);
}

/* ---- all */

/* Who refuses and says no more refuses this time. */
static int32_t refusal_of(const Troth__V1__DialResult *result)
{
    bool is_refused = result->outcome == TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED;
    return is_refused && !result->refusal ? TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME
                                          : (int32_t)result->refusal;
}

void call_told_copy(const Troth__V1__DialResult *result, struct call_told *ret)
{
    struct call_told t = {
        .answers =
            result->n_answers > 0 ? xcalloc(CALL_TOLD_ANSWERS_MAX, sizeof(*t.answers)) : NULL,
        .refusal = refusal_of(result),
        .call_back_us = result->call_back_us,
        .note = copy(result->note, COMMENT_SIZE),
        .new_phone = copy(result->new_phone, PHONE_SIZE),
        .language = copy(result->language, LANGUAGE_SIZE),
    };
    for (size_t i = 0; i < result->n_answers; i++) {
        add_answer(&t, result->answers[i]);
    }
    *ret = t;
}

void call_told_free(struct call_told *t)
{
    for (size_t i = 0; i < t->answer_count; i++) {
        wipe(&t->answers[i].comment);
    }
    free(t->answers);
    wipe(&t->note);
    wipe(&t->new_phone);
    wipe(&t->language);
    *t = (struct call_told){.answers = NULL};
}

bool call_told_is_empty(const struct call_told *t)
{
    return t->answer_count == 0 && !t->note && !t->new_phone && !t->language && t->refusal == 0;
}
