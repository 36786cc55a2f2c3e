/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "services/cli/cli_commands.h"
#include "services/cli/questionnaire_check.h"

struct questionnaire_options {
    const char *rules;
};

static const struct cli_option options_table[] = {
    {"rules", CLI_OPTION_TEXT, "FILE", "the rules of follow-ups: has each of them its script?",
     offsetof(struct questionnaire_options, rules)},
    {.type = CLI_OPTION_END},
};

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct questionnaire_options *o = options;
    if (count != 2 || strcmp(arguments[0], "check") != 0) {
        return cli_wrong_usage(cli, "what about questionnaires? check FILE");
    }
    return questionnaire_check(cli, arguments[1], o->rules);
}

const struct cli_command cli_questionnaire = {
    .name = "questionnaire",
    .summary = "check what is said and asked in a follow-up",
    .usage = "check FILE [--rules FILE]",
    .description =
        "Reads a questionnaire with all that it includes, says with file and line what is wrong,\n"
        "shows its questions and what each script asks, and warns of what somebody may have\n"
        "forgotten: questions that no script asks, and with --rules also rules that have nothing\n"
        "to say and scripts that no rule uses. --json has all texts.",
    .examples = "troth questionnaire check questionnaire.conf --rules followups.conf\n",
    .options = options_table,
    .options_size = sizeof(struct questionnaire_options),
    .run = run,
};
