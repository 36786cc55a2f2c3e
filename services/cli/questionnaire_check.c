/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/questionnaire_check.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/text.h"
#include "common/domain/questionnaire.h"
#include "common/domain/rulebook.h"
#include "services/cli/cli_table.h"

/* ---- what somebody may have forgotten */

static bool is_asked(const struct questionnaire *q, size_t question)
{
    for (size_t i = 0; i < questionnaire_script_count(q); i++) {
        const struct questionnaire_script *script = questionnaire_script(q, i);
        for (size_t k = 0; k < script->ask_count; k++) {
            if (script->asks[k].question == question) {
                return true;
            }
        }
    }
    return false;
}

static bool is_script_used(const struct rulebook *rules, const char *script)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        if (strcmp(rulebook_rule(rules, i)->script, script) == 0) {
            return true;
        }
    }
    return false;
}

static void warn_of_rules(const struct questionnaire *q, const struct rulebook *rules,
                          json_t *warnings)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *rule = rulebook_rule(rules, i);
        if (!questionnaire_find_script(q, rule->script)) {
            json_array_append_new(warnings,
                                  json_sprintf("rule %s has nothing to say: there is no script %s",
                                               rule->name, rule->script));
        }
    }
    for (size_t i = 0; i < questionnaire_script_count(q); i++) {
        const char *name = questionnaire_script(q, i)->name;
        if (!is_script_used(rules, name)) {
            json_array_append_new(warnings, json_sprintf("no rule uses script %s", name));
        }
    }
}

static json_t *warnings_of(const struct questionnaire *q, const struct rulebook *rules)
{
    json_t *warnings = json_array();
    for (size_t i = 0; i < questionnaire_question_count(q); i++) {
        if (!is_asked(q, i)) {
            json_array_append_new(
                warnings, json_sprintf("no script asks %s", questionnaire_question(q, i)->code));
        }
    }
    if (rules) {
        warn_of_rules(q, rules, warnings);
    }
    return warnings;
}

/* ---- for people */

static void append_asks(struct text *t, const struct questionnaire *q,
                        const struct questionnaire_script *script)
{
    for (size_t i = 0; i < script->ask_count; i++) {
        const struct questionnaire_ask *ask = &script->asks[i];
        const struct questionnaire_question *question = questionnaire_question(q, ask->question);
        text_appendf(t, "%s%s", i > 0 ? ", " : "", question->code);
        if (ask->only_if && ask->only_min == ask->only_max) {
            text_appendf(t, " (if %s is %d)", ask->only_if, ask->only_min);
        } else if (ask->only_if) {
            text_appendf(t, " (if %s is %d to %d)", ask->only_if, ask->only_min, ask->only_max);
        }
    }
    if (script->has_servqual) {
        text_appendf(t, "%s2 items of SERVQUAL", t->len > 0 ? ", " : "");
    }
    if (script->is_interview) {
        text_appendf(t, "%sinterview along %zu questions", t->len > 0 ? ", " : "",
                     script->guide_count);
    }
}

static void print_questions(const struct questionnaire *q)
{
    static const char *const titles[] = {"QUESTION", ">FROM", ">TO", "ASKED AS"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    for (size_t i = 0; i < questionnaire_question_count(q); i++) {
        const struct questionnaire_question *question = questionnaire_question(q, i);
        cli_table_add(&table, "%s", question->code);
        cli_table_add(&table, "%d", question->low);
        cli_table_add(&table, "%d", question->high);
        cli_table_add(&table, "%s", question->text.in[0]);
    }
    cli_table_print(&table, stdout);
}

static void print(const struct questionnaire *q, const json_t *warnings)
{
    static const char *const titles[] = {"SCRIPT", "ASKS"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    size_t i;
    const json_t *warning;
    (void)printf("version %s: %zu scripts, %zu questions, %sSERVQUAL, in", questionnaire_hash(q),
                 questionnaire_script_count(q), questionnaire_question_count(q),
                 questionnaire_item(q, 1) ? "" : "no ");
    for (i = 0; i < questionnaire_language_count(q); i++) {
        (void)printf(" %s", questionnaire_language(q, i));
    }
    (void)puts("\n");
    print_questions(q);
    (void)putchar('\n');
    for (i = 0; i < questionnaire_script_count(q); i++) {
        struct text asks = {.data = NULL};
        append_asks(&asks, q, questionnaire_script(q, i));
        cli_table_add(&table, "%s", questionnaire_script(q, i)->name);
        cli_table_add(&table, "%s", cli_text(asks.data));
        text_free(&asks);
    }
    cli_table_print(&table, stdout);
    (void)putchar('\n');
    json_array_foreach(warnings, i, warning)
    {
        (void)printf("warning: %s\n", json_string_value(warning));
    }
    (void)printf("check: the questionnaire is right; warnings=%zu\n", json_array_size(warnings));
}

/* ---- for scripts */

static json_t *texts_json(const struct questionnaire *q, const struct questionnaire_text *text)
{
    json_t *texts = json_object();
    for (size_t i = 0; i < questionnaire_language_count(q); i++) {
        json_object_set_new(texts, questionnaire_language(q, i), json_string(text->in[i]));
    }
    return texts;
}

static json_t *asks_json(const struct questionnaire *q, const struct questionnaire_script *script)
{
    json_t *asks = json_array();
    for (size_t i = 0; i < script->ask_count; i++) {
        const struct questionnaire_ask *ask = &script->asks[i];
        json_t *row = json_pack("{s:s}", "code", questionnaire_question(q, ask->question)->code);
        if (ask->only_if) {
            json_object_set_new(row, "only_if", json_string(ask->only_if));
            json_object_set_new(row, "min", json_integer(ask->only_min));
            json_object_set_new(row, "max", json_integer(ask->only_max));
        }
        json_array_append_new(asks, row);
    }
    return asks;
}

static void print_json(const struct questionnaire *q, json_t *warnings)
{
    json_t *languages = json_array();
    json_t *questions = json_array();
    json_t *scripts = json_array();
    for (size_t i = 0; i < questionnaire_language_count(q); i++) {
        json_array_append_new(languages, json_string(questionnaire_language(q, i)));
    }
    for (size_t i = 0; i < questionnaire_question_count(q); i++) {
        const struct questionnaire_question *question = questionnaire_question(q, i);
        json_array_append_new(questions, json_pack("{s:s, s:i, s:i, s:o}", "code", question->code,
                                                   "low", question->low, "high", question->high,
                                                   "texts", texts_json(q, &question->text)));
    }
    for (size_t i = 0; i < questionnaire_script_count(q); i++) {
        const struct questionnaire_script *s = questionnaire_script(q, i);
        json_array_append_new(scripts,
                              json_pack("{s:s, s:o, s:o, s:b, s:b}", "name", s->name, "say",
                                        texts_json(q, &s->say), "ask", asks_json(q, s), "servqual",
                                        s->has_servqual, "interview", s->is_interview));
    }
    cli_put_json(json_pack("{s:s, s:o, s:o, s:o, s:b, s:O}", "hash", questionnaire_hash(q),
                           "languages", languages, "questions", questions, "scripts", scripts,
                           "servqual", questionnaire_item(q, 1) != NULL, "warnings", warnings),
                 stdout);
}

int questionnaire_check(const struct cli *cli, const char *path, const char *rules)
{
    struct err err = ERR_NONE;
    struct questionnaire *q = questionnaire_load(path, &err);
    struct rulebook *book = q && rules ? rulebook_load(rules, &err) : NULL;
    if (!q || (rules && !book)) {
        questionnaire_free(q);
        return cli_fail(cli, CLI_USAGE, &err);
    }
    json_t *warnings = warnings_of(q, book);
    if (cli->is_json) {
        print_json(q, warnings);
    } else {
        print(q, warnings);
    }
    json_decref(warnings);
    rulebook_free(book);
    questionnaire_free(q);
    return CLI_OK;
}
