/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/rules_check.h"
#include "services/cli/rules_diff.h"
#include "services/cli/rules_explain.h"
#include "services/cli/rules_list.h"
#include "services/cli/rules_open.h"
#include "services/cli/rules_simulate.h"

struct rules_options {
    const char *from;
    const char *to;
    const char *rules;
    int64_t capacity;
    const char *database;
};

#define AT(field) offsetof(struct rules_options, field)

static const struct cli_option options_table[] = {
    {"from",    CLI_OPTION_TEXT, "DAY", "with simulate: the first day, 2026-11-01", AT(from)},
    {"to",    CLI_OPTION_TEXT, "DAY", "with simulate: the last day", AT(to)},
    {"rules", CLI_OPTION_TEXT, "FILE|VERSION", "instead of the newest version that was in force",
     AT(rules)},
    {"capacity",      CLI_OPTION_COUNT, "N", "with simulate: calls a day that can be made",
     AT(capacity)},
    {"database",    CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END  },
};

/* ---- diff */

static void print_changes(const json_t *changes)
{
    const char *part = "";
    const char *name = "";
    size_t i;
    const json_t *change;

    json_array_foreach(changes, i, change)
    {
        const char *next_part = json_string_value(json_object_get(change, "part"));
        const char *next_name = json_string_value(json_object_get(change, "name"));

        if (strcmp(part, next_part) != 0 || strcmp(name, next_name) != 0) {
            (void)printf("%s%s%s%s\n", i > 0 ? "\n" : "", next_part, *next_name ? " " : "",
                         next_name);
        }
        (void)printf("  %s\n", json_string_value(json_object_get(change, "change")));
        part = next_part;
        name = next_name;
    }
    if (json_array_size(changes) == 0) {
        (void)puts("Nothing changes for anybody.");
    }
}

static int diff(struct standards_access *a, const char *before_name, const char *after_name)
{
    struct err err = ERR_NONE;
    struct rulebook *before = rules_open(a, before_name, &err);
    struct rulebook *after = before ? rules_open(a, after_name, &err) : NULL;
    int code = CLI_OK;

    if (after) {
        json_t *changes = rules_diff(before, after);

        if (a->cli->is_json) {
            cli_put_json(changes, stdout);
        } else {
            print_changes(changes);
            json_decref(changes);
        }
    } else {
        code = standards_open_failed(a, &err);
    }
    rulebook_free(before);
    rulebook_free(after);
    return code;
}

/* ---- which of them */

static int choose(struct standards_access *a, const struct rules_options *o, int count,
                  char **arguments)
{
    const char *what = count > 0 ? arguments[0] : "";

    if (strcmp(what, "check") == 0 && count == 2) {
        return rules_check(a->cli, arguments[1]);
    }
    if (strcmp(what, "diff") == 0 && count == 3) {
        return diff(a, arguments[1], arguments[2]);
    }
    if (strcmp(what, "list") == 0 && count == 1) {
        return rules_list(a);
    }
    if (strcmp(what, "explain") == 0 && count == 2) {
        return rules_explain(a, arguments[1], o->rules);
    }
    if (strcmp(what, "simulate") == 0 && count == 1 && o->from && o->to) {
        return rules_simulate(
            a, &(struct rules_simulation){
                   .from = o->from, .to = o->to, .rules = o->rules, .capacity = o->capacity});
    }
    return cli_wrong_usage(a->cli, "what about rules? check FILE, diff BEFORE AFTER, list, explain "
                                   "CUSTOMER, or simulate --from DAY --to DAY");
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct rules_options *o = options;
    struct standards_access access = {.cli = cli, .database = o->database};
    const int code = choose(&access, o, count, arguments);

    standards_open_end(&access);
    return code;
}

const struct cli_command cli_rules = {
    .name = "rules",
    .summary = "check, compare, explain and simulate the rules of follow-ups",
    .usage = "check FILE\ndiff BEFORE AFTER\nlist\nexplain CUSTOMER [--rules FILE|VERSION]\n"
             "simulate --from DAY --to DAY [--rules FILE|VERSION] [--capacity N]",
    .description =
        "'check' reads a file of rules with all that it includes, says with file and line what is\n"
        "wrong, shows what is in it, and warns of what somebody may have forgotten. 'diff' says "
        "in\n"
        "words what changes. BEFORE and AFTER are files, or versions that were in force: an id, "
        "or\n"
        "the first digits of a hash. 'list' shows the versions that were ever in force, and "
        "counts\n"
        "the follow-ups of each. 'explain' says of each rule whether it has fired for a customer\n"
        "(K-1234567-4), would fire next, or would not, and because of which condition.\n"
        "\n"
        "'simulate' counts how many calls a day the rules would have made on the stored history:\n"
        "each rule by the same matching, due times, quiet hours, consents and channels as in\n"
        "production, with today's consents and tiers. Conversations with one customer on one day\n"
        "are one call. It counts first attempts, no budgets, and no complaints that were open\n"
        "then. Days over the capacity are marked. It changes nothing.",
    .examples = "troth rules check followups.conf\ntroth rules diff 3 followups.conf\n"
                "troth rules explain K-1234567-4\n"
                "troth rules simulate --from 2026-11-01 --to 2026-11-30 --rules followups.conf "
                "--capacity 60\n",
    .options = options_table,
    .options_size = sizeof(struct rules_options),
    .run = run,
};
