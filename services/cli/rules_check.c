/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_check.h"

#include <stdio.h>

#include <jansson.h>

#include "common/base/text.h"
#include "common/domain/rulebook.h"
#include "common/domain/rulebook_words.h"
#include "services/cli/cli_table.h"
#include "services/cli/rules_text.h"
#include "services/cli/rules_warnings.h"

/* ---- for people */

static void add_part(struct cli_table *table, const struct rulebook_rule *r, enum rules_part part)
{
    struct text t = {.data = NULL};

    rules_text_part(&t, r, part);
    cli_table_add(table, "%s", text_or_empty(&t));
    text_free(&t);
}

static void print_rules(const struct rulebook *b)
{
    static const enum rules_part parts[] = {RULES_WHEN, RULES_WINDOW, RULES_FOR};
    static const char *const titles[] = {"RULE", "WHEN", "WINDOW", "FOR"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};

    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        cli_table_add(&table, "%s", rulebook_rule(b, i)->name);
        for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
            add_part(&table, rulebook_rule(b, i), parts[k]);
        }
    }
    (void)puts("Of each topic the first rule that matches is taken:");
    cli_table_print(&table, stdout);
}

static void print_ways(const struct rulebook *b)
{
    static const enum rules_part parts[] = {RULES_TOPIC,    RULES_PURPOSE,  RULES_PRIORITY,
                                            RULES_CHANNELS, RULES_ATTEMPTS, RULES_SCRIPT};
    static const char *const titles[] = {"RULE",     "TOPIC",     "PURPOSE", "PRIORITY",
                                         "CHANNELS", ">ATTEMPTS", "SCRIPT"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};

    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        cli_table_add(&table, "%s", rulebook_rule(b, i)->name);
        for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
            add_part(&table, rulebook_rule(b, i), parts[k]);
        }
    }
    (void)puts("\nHow:");
    cli_table_print(&table, stdout);
}

static void print_limits(const struct rulebook *b)
{
    static const char *const titles[] = {"LIMIT", "IS"};
    static const char *const outcomes[] = {"OUTCOME", "THEN"};
    struct cli_table table = {.titles = titles, .count = 2};

    for (size_t i = 0; rules_limit_name(i); i++) {
        struct text t = {.data = NULL};

        rules_text_limit(&t, rulebook_limits(b), i);
        cli_table_add(&table, "%s", rules_limit_name(i));
        cli_table_add(&table, "%s", t.data);
        text_free(&t);
    }
    (void)puts("\nWhatever the rule:");
    cli_table_print(&table, stdout);
    table = (struct cli_table){.titles = outcomes, .count = 2};
    for (int32_t i = 1; rulebook_outcome(b, i); i++) {
        struct text t = {.data = NULL};

        rules_text_outcome(&t, rulebook_outcome(b, i));
        cli_table_add(&table, "%s", rulebook_word(RULEBOOK_OUTCOMES, i));
        cli_table_add(&table, "%s", t.data);
        text_free(&t);
    }
    (void)putchar('\n');
    cli_table_print(&table, stdout);
}

static void print(const struct rulebook *b, const json_t *warnings)
{
    size_t i;
    const json_t *warning;

    (void)printf("version %s: %zu rules\n\n", rulebook_hash(b), rulebook_rule_count(b));
    print_rules(b);
    print_ways(b);
    print_limits(b);
    (void)putchar('\n');
    json_array_foreach(warnings, i, warning)
    {
        (void)printf("warning: %s\n", json_string_value(warning));
    }
    (void)printf("check: the rules are right; warnings=%zu\n", json_array_size(warnings));
}

/* ---- for scripts */

static void set_text(json_t *object, const char *name, struct text *t)
{
    json_object_set_new(object, name, json_string(text_or_empty(t)));
    text_free(t);
}

static json_t *rules_json(const struct rulebook *b)
{
    json_t *rules = json_array();

    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        const struct rulebook_rule *r = rulebook_rule(b, i);
        json_t *rule =
            json_pack("{s:s, s:s}", "name", r->name, "trigger", follow_up_trigger_name(r->trigger));

        for (unsigned part = 1; part < RULES_PART_COUNT; part++) {
            struct text t = {.data = NULL};

            rules_text_part(&t, r, (enum rules_part)part);
            set_text(rule, rules_part_name((enum rules_part)part), &t);
        }
        json_array_append_new(rules, rule);
    }
    return rules;
}

static json_t *limits_json(const struct rulebook *b)
{
    json_t *limits = json_object();

    for (size_t i = 0; rules_limit_name(i); i++) {
        struct text t = {.data = NULL};

        rules_text_limit(&t, rulebook_limits(b), i);
        set_text(limits, rules_limit_name(i), &t);
    }
    return limits;
}

static json_t *outcomes_json(const struct rulebook *b)
{
    json_t *outcomes = json_object();

    for (int32_t i = 1; rulebook_outcome(b, i); i++) {
        struct text t = {.data = NULL};

        rules_text_outcome(&t, rulebook_outcome(b, i));
        set_text(outcomes, rulebook_word(RULEBOOK_OUTCOMES, i), &t);
    }
    return outcomes;
}

static void print_json(const struct rulebook *b, json_t *warnings)
{
    cli_put_json(json_pack("{s:s, s:o, s:o, s:o, s:O}", "hash", rulebook_hash(b), "rules",
                           rules_json(b), "limits", limits_json(b), "outcomes", outcomes_json(b),
                           "warnings", warnings),
                 stdout);
}

int rules_check(const struct cli *cli, const char *path)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_load(path, &err);
    json_t *warnings;

    if (!b) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    warnings = rules_warnings(b);
    if (cli->is_json) {
        print_json(b, warnings);
    } else {
        print(b, warnings);
    }
    json_decref(warnings);
    rulebook_free(b);
    return CLI_OK;
}
