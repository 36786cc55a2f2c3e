/* SPDX-License-Identifier: Apache-2.0 */
/* questionnaire_fuzz.c - a file of questions: what is accepted can be said and asked in full. */
#include "common/domain/questionnaire.h"

#include "tests/fuzz/fuzz_config.h"

static void claim_text(const struct questionnaire *q, const struct questionnaire_text *text)
{
    for (size_t i = 0; i < questionnaire_language_count(q); i++) {
        claim(text->in[i] && text->in[i][0], "a text is there in each language");
        claim(strlen(text->in[i]) <= QUESTIONNAIRE_TEXT_MAX, "a text is short");
        for (const char *at = strchr(text->in[i], '{'); at; at = strchr(at + 1, '{')) {
            claim(strchr(at, '}') != NULL, "a placeholder ends");
        }
    }
}

static void claim_script(const struct questionnaire *q, const struct questionnaire_script *s)
{
    claim_text(q, &s->opening);
    claim_text(q, &s->say);
    claim_text(q, &s->closing);
    claim(s->ask_count <= QUESTIONNAIRE_ASKS_MAX && s->guide_count <= QUESTIONNAIRE_GUIDES_MAX,
          "a script is short");
    claim(s->is_interview == (s->guide_count > 0), "an interview has a guide");
    claim(!s->has_servqual || questionnaire_item(q, 22), "items that are asked are there");
    for (size_t i = 0; i < s->ask_count; i++) {
        const struct questionnaire_ask *ask = &s->asks[i];
        claim(ask->question < questionnaire_question_count(q), "a question is there");
        claim(!ask->only_if || ask->only_min <= ask->only_max, "a condition can hold");
    }
    claim(questionnaire_find_script(q, s->name) == s, "a script is found by its name");
}

static void claim_all(const struct questionnaire *q)
{
    for (size_t i = 0; i < questionnaire_question_count(q); i++) {
        const struct questionnaire_question *question = questionnaire_question(q, i);
        claim_text(q, &question->text);
        claim(question->low < question->high, "a scale has two ends");
        claim(strlen(question->code) < QUESTIONNAIRE_CODE_SIZE, "a code is short");
    }
    for (size_t i = 0; i < questionnaire_script_count(q); i++) {
        claim_script(q, questionnaire_script(q, i));
    }
    for (int i = 1; i <= QUESTIONNAIRE_SERVQUAL_ITEMS && questionnaire_item(q, i); i++) {
        claim_text(q, &questionnaire_item(q, i)->expectation);
        claim_text(q, &questionnaire_item(q, i)->perception);
    }
    claim(questionnaire_language_for(q, "zh-Hans-CN") < questionnaire_language_count(q),
          "some language is spoken");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_NONE;
    if (fuzz_includes_a_file(data, size)) {
        return 0;
    }
    struct questionnaire *q = questionnaire_load(fuzz_file(data, size), &err);
    if (!q) {
        claim(err.code[0] != '\0', "a refusal has a code");
        return 0;
    }
    claim_all(q);
    struct questionnaire *stored = questionnaire_parse(questionnaire_text(q), "stored", &err);
    claim(stored != NULL, "what was accepted once is accepted from the database");
    claim(strcmp(questionnaire_hash(stored), questionnaire_hash(q)) == 0, "as the same version");
    questionnaire_free(stored);
    questionnaire_free(q);
    return 0;
}
