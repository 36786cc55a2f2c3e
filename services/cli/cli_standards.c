/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/standards_check.h"
#include "services/cli/standards_diff.h"
#include "services/cli/standards_list.h"
#include "services/cli/standards_open.h"
#include "services/cli/standards_why.h"

struct standards_options {
    const char *record;
    const char *standard;
    const char *tier;
    const char *database;
};

#define AT(field) offsetof(struct standards_options, field)

static const struct cli_option options_table[] = {
    {"record",        CLI_OPTION_TEXT, "FILE.json", "with explain: a contact that need not have been sent",
     AT(record)},
    {"standard",    CLI_OPTION_TEXT, "FILE|VERSION", "with --record: what to decide it by",
     AT(standard)},
    {"tier",      CLI_OPTION_TEXT, "TIER", "with --record: of the customer", AT(tier)},
    {"database",      CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END},
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
            (void)printf("%s%s %s\n", i > 0 ? "\n" : "", next_part, next_name);
        }
        (void)printf("  %s\n", json_string_value(json_object_get(change, "change")));
        part = next_part;
        name = next_name;
    }
    if (json_array_size(changes) == 0) {
        (void)puts("Nothing changes for anybody.");
    }
}

/* The hours of this year and the next two are compared. */
static json_t *changes_from_now(const struct standard *before, const struct standard *after)
{
    const int year = civil_from_days(instant_now_us() / DURATION_DAY).year;
    const struct civil_date first = {.year = year, .month = 1, .day = 1};
    const struct civil_date end = {.year = year + 3, .month = 1, .day = 1};

    return standards_diff(before, after, civil_to_days(first), civil_to_days(end) - 1);
}

static int diff(struct standards_access *a, const char *before_name, const char *after_name)
{
    struct err err = ERR_NONE;
    struct standard *before = standards_open(a, before_name, &err);
    struct standard *after = before ? standards_open(a, after_name, &err) : NULL;
    int code = CLI_OK;

    if (after) {
        json_t *changes = changes_from_now(before, after);

        if (a->cli->is_json) {
            cli_put_json(changes, stdout);
        } else {
            print_changes(changes);
            json_decref(changes);
        }
    } else {
        code = standards_open_failed(a, &err);
    }
    standard_free(before);
    standard_free(after);
    return code;
}

/* ---- which of them */

static int choose(struct standards_access *a, const struct standards_options *o, int count,
                  char **arguments)
{
    const char *what = count > 0 ? arguments[0] : "";

    if (strcmp(what, "check") == 0 && count == 2) {
        return standards_check(a->cli, arguments[1]);
    }
    if (strcmp(what, "diff") == 0 && count == 3) {
        return diff(a, arguments[1], arguments[2]);
    }
    if (strcmp(what, "list") == 0 && count == 1) {
        return standards_list(a);
    }
    if (strcmp(what, "explain") == 0 && count == 2 && !o->record) {
        return standards_why_case(a, arguments[1]);
    }
    if (strcmp(what, "explain") == 0 && count == 1 && o->record && o->standard) {
        return standards_why_record(a, o->record, o->standard, o->tier);
    }
    return cli_wrong_usage(a->cli, "what about standards? check FILE, diff BEFORE AFTER, explain "
                                   "CASE, explain --record FILE.json --standard FILE, or list");
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct standards_options *o = options;
    struct standards_access access = {.cli = cli, .database = o->database};
    const int code = choose(&access, o, count, arguments);

    standards_open_end(&access);
    return code;
}

const struct cli_command cli_standards = {
    .name = "standards",
    .summary = "check, compare and explain what is promised to whom",
    .usage = "check FILE\ndiff BEFORE AFTER\nexplain CASE\n"
             "explain --record FILE.json --standard FILE|VERSION [--tier TIER]\nlist",
    .description =
        "'check' reads a standards file with all that it includes, says with file and line what\n"
        "is wrong, shows what is promised to whom, and warns of what somebody may have forgotten.\n"
        "'diff' says what changes for whom: rules, targets, who is told, the hours of calendars.\n"
        "BEFORE and AFTER are files, or versions that were in force: an id, or the first digits\n"
        "of a hash. 'explain' says which rule a case got and why not those before it, under the\n"
        "version that is stored with the case; with --record the same for a contact that was\n"
        "never sent. 'list' shows the versions that were ever in force, and counts the cases and\n"
        "promises of each, for which it reads all of them.",
    .examples = "troth standards check standards.conf\ntroth standards diff 3 standards.conf\n"
                "troth standards explain C-1234567-4\n"
                "troth standards explain --record contact.json --standard standards.conf\n",
    .options = options_table,
    .options_size = sizeof(struct standards_options),
    .run = run,
};
