/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_content.h"
#include "services/cli/calendar_show.h"
#include "services/cli/cli_table.h"
#include "services/cli/standards_text.h"
#include "services/cli/standards_warnings.h"

/* ---- for people */

/* Columns of a line of conditions; what is longer goes on in the next one. */
enum {
    CONDITIONS_COLUMNS = 84
};

/* How many bytes go on one line: up to the last ", " that fits, or the first one of all. */
static size_t line_len(const char *conditions)
{
    size_t len = 0;

    for (const char *at = conditions; at;) {
        const char *comma = strstr(at, ", ");
        const size_t next = comma ? (size_t)(comma - conditions) + 2 : strlen(conditions);
        char *line = strndup(conditions, next);
        const bool fits = text_columns(line) <= CONDITIONS_COLUMNS;

        free(line);
        if (!fits && len > 0) {
            break;
        }
        len = next;
        at = comma ? comma + 2 : NULL;
    }
    return len;
}

static void print_conditions(const struct standard_content *c)
{
    static const char *const titles[] = {"RULE", "FOR"};
    struct cli_table table = {.titles = titles, .count = 2};

    for (size_t i = 0; i < c->rule_count; i++) {
        struct text conditions = {.data = NULL};
        const char *at;

        standards_text_conditions(&conditions, &c->rules[i]);
        at = conditions.data;
        do {
            const size_t len = line_len(at);

            cli_table_add(&table, "%s", at == conditions.data ? c->rules[i].decision.rule : "");
            cli_table_add(&table, "%.*s", (int)(len - (at[len - 1] == ' ')), at);
            at += len;
        } while (*at);
        text_free(&conditions);
    }
    (void)puts("The first rule that matches decides:");
    cli_table_print(&table, stdout);
}

/* What a rule promises of one kind: "4h (branch)", "30m", "-". */
static void add_promise(struct cli_table *table, const struct standard_rule *rule, const char *kind)
{
    struct text t = {.data = NULL};

    for (size_t i = 0; i < rule->decision.promise_count; i++) {
        const struct standard_promise *p = &rule->decision.promises[i];
        const bool is_by_calendar = rule->is_by_branch[i] || p->calendar;

        if (strcmp(p->kind, kind) == 0) {
            standards_text_length(&t, p->target_us, is_by_calendar);
        }
        if (strcmp(p->kind, kind) == 0 && is_by_calendar) {
            text_appendf(&t, " (%s)",
                         rule->is_by_branch[i] ? "branch" : calendar_name(p->calendar));
        }
    }
    cli_table_add(table, "%s", cli_text(t.data));
    text_free(&t);
}

static void print_promises(const struct standard_content *c)
{
    static const char *const titles[] = {"RULE",        ">PRIORITY",  "OWNER",   "FIRST RESPONSE",
                                         "NEXT UPDATE", "RESOLUTION", "CALLBACK"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};

    for (size_t i = 0; i < c->rule_count; i++) {
        const struct standard_rule *rule = &c->rules[i];

        cli_table_add(&table, "%s", rule->decision.rule);
        cli_table_add(&table, "%d", rule->decision.priority);
        cli_table_add(&table, "%s", rule->decision.owner_team);
        for (size_t k = 0; k < STANDARD_PROMISES_MAX; k++) {
            add_promise(&table, rule, standard_promise_kinds[k]);
        }
    }
    (void)puts("\nIt promises, in the hours of the calendar in brackets, else in all hours:");
    cli_table_print(&table, stdout);
}

static void print(const struct standard *s, const json_t *warnings)
{
    const struct standard_content *c = standard_content(s);
    size_t i;
    const json_t *warning;

    (void)printf("version %s: %zu rules, %zu calendars\n\n", standard_hash(s), c->rule_count,
                 calendar_book_count(c->calendars));
    print_conditions(c);
    print_promises(c);
    if (calendar_book_count(c->calendars) > 0) {
        (void)putchar('\n');
    }
    calendar_show_list(c->calendars);
    (void)putchar('\n');
    json_array_foreach(warnings, i, warning)
    {
        (void)printf("warning: %s\n", json_string_value(warning));
    }
    (void)printf("check: the standard is right; warnings=%zu\n", json_array_size(warnings));
}

/* ---- for scripts */

static json_t *rules_json(const struct standard_content *c)
{
    json_t *rules = json_array();

    for (size_t i = 0; i < c->rule_count; i++) {
        const struct standard_rule *rule = &c->rules[i];
        struct text conditions = {.data = NULL};
        json_t *promises = json_array();

        standards_text_conditions(&conditions, rule);
        for (size_t k = 0; k < rule->decision.promise_count; k++) {
            const struct standard_promise *p = &rule->decision.promises[k];

            json_array_append_new(
                promises, json_pack("{s:s, s:I, s:s}", "kind", p->kind, "target_us",
                                    (json_int_t)p->target_us, "calendar",
                                    rule->is_by_branch[k] ? "branch" : calendar_name(p->calendar)));
        }
        json_array_append_new(rules, json_pack("{s:s, s:s, s:i, s:s, s:o}", "name",
                                               rule->decision.rule, "for", conditions.data,
                                               "priority", rule->decision.priority, "owner_team",
                                               rule->decision.owner_team, "promises", promises));
        text_free(&conditions);
    }
    return rules;
}

static void print_json(const struct standard *s, json_t *warnings)
{
    const struct standard_content *c = standard_content(s);
    json_t *calendars = json_array();
    json_t *all;

    for (size_t i = 0; i < calendar_book_count(c->calendars); i++) {
        json_array_append_new(calendars,
                              json_string(calendar_name(calendar_book_at(c->calendars, i))));
    }
    all = json_pack("{s:s, s:o, s:o, s:O}", "hash", standard_hash(s), "rules", rules_json(c),
                    "calendars", calendars, "warnings", warnings);
    cli_put_json(all, stdout);
}

int standards_check(const struct cli *cli, const char *path)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_load(path, &err);
    json_t *warnings;

    if (!s) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    warnings = standards_warnings(s, instant_now_us());
    if (cli->is_json) {
        print_json(s, warnings);
    } else {
        print(s, warnings);
    }
    json_decref(warnings);
    standard_free(s);
    return CLI_OK;
}
