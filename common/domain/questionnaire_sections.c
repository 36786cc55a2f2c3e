/* SPDX-License-Identifier: Apache-2.0 */
/* questionnaire_sections.c - reads the questions, the items of SERVQUAL and the scripts. */
#include <string.h>

#include "common/base/xalloc.h"
#include "common/domain/questionnaire_read.h"
#include "intake.pb-c.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name
#define DIMENSION(name)  TROTH__V1__SERVQUAL_DIMENSION__SERVQUAL_DIMENSION_##name

/* ---- questions */

/* Scales are those of intake.proto. */
static const struct {
    const char *name;
    int32_t instrument;
    int low, high;
} instruments[] = {
    {"csat",               INSTRUMENT(CSAT), 1, 5  },
    {"nps",                INSTRUMENT(NPS),  0, 10 },
    {"ces",                INSTRUMENT(CES),  1, 7  },
    {"own",                INSTRUMENT(OWN),  0, 100},
    {QUESTIONNAIRE_SOLVED, 0,                0, 1  },
};

static int read_instrument(const struct questionnaire_reader *r, const config_setting_t *setting,
                           size_t *ret)
{
    const char *name = standard_read_text(&r->standard, setting, STANDARD_NAME_BYTES_MAX);
    for (size_t i = 0; name && i < ARRAY_LEN(instruments); i++) {
        if (strcmp(name, instruments[i].name) == 0) {
            *ret = i;
            return 0;
        }
    }
    return name ? standard_read_refuse(&r->standard, setting,
                                       "must be csat, nps, ces, own or solved")
                : -1;
}

/* Only the company's own questions have a scale of their own. */
static int read_scale(const struct questionnaire_reader *r, const config_setting_t *group,
                      size_t instrument, struct questionnaire_question *q)
{
    const config_setting_t *low = config_setting_get_member(group, "low");
    const config_setting_t *high = config_setting_get_member(group, "high");
    q->low = instruments[instrument].low;
    q->high = instruments[instrument].high;
    if (q->instrument != INSTRUMENT(OWN)) {
        const config_setting_t *scale = low ? low : high;
        return scale ? standard_read_refuse(&r->standard, scale, "the scale of %s is %d to %d",
                                            instruments[instrument].name, q->low, q->high)
                     : 0;
    }
    if ((low && questionnaire_read_whole(r, low, q->low, q->high - 1, &q->low) < 0) ||
        (high && questionnaire_read_whole(r, high, q->low + 1, q->high, &q->high) < 0)) {
        return -1;
    }
    return 0;
}

/* A code is what answers are stored under: "csat" never means anything else. */
static int check_code(const struct questionnaire_reader *r, const config_setting_t *setting,
                      size_t instrument, const char *code)
{
    const struct questionnaire_content *c = r->content;
    if (strlen(code) >= QUESTIONNAIRE_CODE_SIZE) {
        return standard_read_refuse(&r->standard, setting, "must have at most %d bytes",
                                    QUESTIONNAIRE_CODE_SIZE - 1);
    }
    if (strncmp(code, "servqual", strlen("servqual")) == 0) {
        return standard_read_refuse(&r->standard, setting, "items of SERVQUAL have these codes");
    }
    for (size_t i = 0; i < ARRAY_LEN(instruments); i++) {
        bool is_name = strcmp(code, instruments[i].name) == 0;
        bool is_fixed = instruments[instrument].instrument == 0; /* "solved" */
        if ((is_name && i != instrument) || (!is_name && is_fixed && i == instrument)) {
            return standard_read_refuse(&r->standard, setting,
                                        "the code of an instrument is for its question alone");
        }
    }
    for (size_t i = 0; i < c->question_count; i++) {
        if (strcmp(c->questions[i].code, code) == 0) {
            return standard_read_refuse(&r->standard, setting, "stands here twice");
        }
    }
    return 0;
}

static int read_question(const struct questionnaire_reader *r, const config_setting_t *group,
                         struct questionnaire_question *q)
{
    static const char *const members[] = {"code", "instrument", "low", "high"};
    size_t i = 0;
    if (questionnaire_read_members(r, group, members, ARRAY_LEN(members), true) < 0) {
        return -1;
    }
    const config_setting_t *code = questionnaire_read_need(r, group, "code");
    const config_setting_t *instrument =
        code ? questionnaire_read_need(r, group, "instrument") : NULL;
    if (!instrument || standard_read_name(&r->standard, code, &q->code) < 0 ||
        read_instrument(r, instrument, &i) < 0 || check_code(r, code, i, q->code) < 0) {
        return -1;
    }
    q->instrument = instruments[i].instrument;
    if (read_scale(r, group, i, q) < 0) {
        return -1;
    }
    return questionnaire_read_text(r, group, &q->text);
}

int questionnaire_read_questions(const struct questionnaire_reader *r, const config_setting_t *list)
{
    struct questionnaire_content *c = r->content;
    size_t count = 0;
    if (questionnaire_read_list(r, list, QUESTIONNAIRE_QUESTIONS_MAX, &count) < 0) {
        return -1;
    }
    c->questions = xcalloc(count, sizeof(*c->questions));
    for (; c->question_count < count; c->question_count++) {
        if (read_question(r, config_setting_get_elem(list, (unsigned)c->question_count),
                          &c->questions[c->question_count]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- SERVQUAL */

int32_t questionnaire_servqual_dimension(int item)
{
    static const struct {
        int last_item;
        int32_t dimension;
    } dimensions[] = {
        {4,  DIMENSION(TANGIBLES)     },
        {9,  DIMENSION(RELIABILITY)   },
        {13, DIMENSION(RESPONSIVENESS)},
        {17, DIMENSION(ASSURANCE)     },
        {22, DIMENSION(EMPATHY)       },
    };
    size_t i = 0;
    while (dimensions[i].last_item < item) {
        i++;
    }
    return dimensions[i].dimension;
}

bool questionnaire_servqual_item(const char *code, int *ret_item, bool *ret_is_expectation)
{
    static const char prefix[] = "servqual_";
    char number[4];
    int64_t item;
    if (strncmp(code, prefix, strlen(prefix)) != 0) {
        return false;
    }
    const char *at = code + strlen(prefix);
    size_t len = strcspn(at, "_");
    if (len >= sizeof(number)) {
        return false;
    }
    (void)text_format(number, sizeof(number), "%.*s", (int)len, at);
    bool is_expectation = strcmp(at + len, "_expectation") == 0;
    if (text_to_int64(number, 1, QUESTIONNAIRE_SERVQUAL_ITEMS, &item) < 0 ||
        !(is_expectation || strcmp(at + len, "_perception") == 0)) {
        return false;
    }
    *ret_item = (int)item;
    *ret_is_expectation = is_expectation;
    return true;
}

static int read_item(const struct questionnaire_reader *r, const config_setting_t *group,
                     int expected, struct questionnaire_item *ret)
{
    static const char *const members[] = {"item", "expectation", "perception"};
    int item;
    if (questionnaire_read_members(r, group, members, ARRAY_LEN(members), false) < 0) {
        return -1;
    }
    const config_setting_t *number = questionnaire_read_need(r, group, members[0]);
    const config_setting_t *expectation =
        number ? questionnaire_read_need(r, group, members[1]) : NULL;
    const config_setting_t *perception =
        expectation ? questionnaire_read_need(r, group, members[2]) : NULL;
    if (!perception || questionnaire_read_whole(r, number, 1, 22, &item) < 0) {
        return -1;
    }
    if (item != expected) {
        return standard_read_refuse(&r->standard, number, "item %d is expected here: 1 to 22",
                                    expected);
    }
    ret->dimension = questionnaire_servqual_dimension(item);
    if (questionnaire_read_members(r, expectation, NULL, 0, true) < 0 ||
        questionnaire_read_text(r, expectation, &ret->expectation) < 0 ||
        questionnaire_read_members(r, perception, NULL, 0, true) < 0) {
        return -1;
    }
    return questionnaire_read_text(r, perception, &ret->perception);
}

int questionnaire_read_servqual(const struct questionnaire_reader *r, const config_setting_t *list)
{
    struct questionnaire_content *c = r->content;
    size_t count = 0;
    if (questionnaire_read_list(r, list, QUESTIONNAIRE_SERVQUAL_ITEMS, &count) < 0) {
        return -1;
    }
    if (count != QUESTIONNAIRE_SERVQUAL_ITEMS) {
        return standard_read_refuse(&r->standard, list, "must have all 22 items, in their order");
    }
    c->items = xcalloc(count, sizeof(*c->items));
    for (int i = 0; i < QUESTIONNAIRE_SERVQUAL_ITEMS; i++) {
        if (read_item(r, config_setting_get_elem(list, (unsigned)i), i + 1, &c->items[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- scripts */

static int find_question(const struct questionnaire_reader *r, const config_setting_t *setting,
                         size_t *ret)
{
    const struct questionnaire_content *c = r->content;
    const char *code;
    if (standard_read_name(&r->standard, setting, &code) < 0) {
        return -1;
    }
    for (size_t i = 0; i < c->question_count; i++) {
        if (strcmp(c->questions[i].code, code) == 0) {
            *ret = i;
            return 0;
        }
    }
    return standard_read_refuse(&r->standard, setting, "questions has no \"%s\"", code);
}

/* The condition of a question: an earlier one of the script, and which of its answers. */
static int read_condition(const struct questionnaire_reader *r, const config_setting_t *group,
                          const struct questionnaire_script *script, struct questionnaire_ask *ask)
{
    const config_setting_t *only_if = config_setting_get_member(group, "only_if");
    const config_setting_t *min = config_setting_get_member(group, "min");
    const config_setting_t *max = config_setting_get_member(group, "max");
    size_t question = 0;
    if (!only_if) {
        const config_setting_t *bound = min ? min : max;
        return bound ? standard_read_refuse(&r->standard, bound,
                                            "belongs to only_if, which is missing")
                     : 0;
    }
    if (find_question(r, only_if, &question) < 0) {
        return -1;
    }
    bool is_earlier = false;
    for (size_t i = 0; i < script->ask_count; i++) {
        is_earlier |= script->asks[i].question == question;
    }
    if (!is_earlier) {
        return standard_read_refuse(&r->standard, only_if, "must be asked before, in this script");
    }
    const struct questionnaire_question *q = &r->content->questions[question];
    ask->only_if = q->code;
    ask->only_min = q->low;
    ask->only_max = q->high;
    if ((min && questionnaire_read_whole(r, min, q->low, q->high, &ask->only_min) < 0) ||
        (max && questionnaire_read_whole(r, max, ask->only_min, q->high, &ask->only_max) < 0)) {
        return -1;
    }
    if (ask->only_min == q->low && ask->only_max == q->high) {
        return standard_read_refuse(&r->standard, only_if,
                                    "needs min or max: every answer would do");
    }
    return 0;
}

static int read_ask(const struct questionnaire_reader *r, const config_setting_t *setting,
                    struct questionnaire_script *script)
{
    static const char *const members[] = {"code", "only_if", "min", "max"};
    struct questionnaire_ask ask = {.only_if = NULL};
    const config_setting_t *code = setting;
    if (config_setting_is_group(setting)) {
        code = questionnaire_read_need(r, setting, "code");
        if (questionnaire_read_members(r, setting, members, ARRAY_LEN(members), false) < 0 ||
            !code || read_condition(r, setting, script, &ask) < 0) {
            return -1;
        }
    }
    if (find_question(r, code, &ask.question) < 0) {
        return -1;
    }
    for (size_t i = 0; i < script->ask_count; i++) {
        if (script->asks[i].question == ask.question) {
            return standard_read_refuse(&r->standard, code, "is asked twice");
        }
    }
    script->asks[script->ask_count++] = ask;
    return 0;
}

static int read_asks(const struct questionnaire_reader *r, const config_setting_t *group,
                     struct questionnaire_script *script)
{
    const config_setting_t *list = config_setting_get_member(group, "ask");
    size_t count = 0;
    if (list && questionnaire_read_list(r, list, QUESTIONNAIRE_ASKS_MAX, &count) < 0) {
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        if (read_ask(r, config_setting_get_elem(list, i), script) < 0) {
            return -1;
        }
    }
    if (questionnaire_read_bool(r, group, "servqual", &script->has_servqual) < 0) {
        return -1;
    }
    if (script->has_servqual && !r->content->items) {
        return standard_read_refuse(&r->standard, config_setting_get_member(group, "servqual"),
                                    "this file has no items of SERVQUAL");
    }
    return 0;
}

static int read_guides(const struct questionnaire_reader *r, const config_setting_t *group,
                       struct questionnaire_script *script)
{
    const config_setting_t *list = config_setting_get_member(group, "guide");
    if (questionnaire_read_bool(r, group, "interview", &script->is_interview) < 0) {
        return -1;
    }
    if (script->is_interview != (list != NULL)) {
        return standard_read_refuse(&r->standard, group, "interview = true and guide go together");
    }
    if (list &&
        questionnaire_read_list(r, list, QUESTIONNAIRE_GUIDES_MAX, &script->guide_count) < 0) {
        return -1;
    }
    for (unsigned i = 0; i < script->guide_count; i++) {
        const config_setting_t *guide = config_setting_get_elem(list, i);
        if (questionnaire_read_members(r, guide, NULL, 0, true) < 0 ||
            questionnaire_read_text(r, guide, &script->guides[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Of the script, else that of the file. */
static int read_line(const struct questionnaire_reader *r, const config_setting_t *root,
                     const config_setting_t *group, const char *name,
                     struct questionnaire_text *ret)
{
    const config_setting_t *line = config_setting_get_member(group, name);
    if (!line) {
        line = config_setting_get_member(root, name);
    }
    if (!line) {
        line = questionnaire_read_need(r, group, name);
    }
    if (!line || questionnaire_read_members(r, line, NULL, 0, true) < 0) {
        return -1;
    }
    return questionnaire_read_text(r, line, ret);
}

static int read_script(const struct questionnaire_reader *r, const config_setting_t *root,
                       const config_setting_t *group, struct questionnaire_script *script)
{
    static const char *const members[] = {"name", "opening",  "say",       "closing",
                                          "ask",  "servqual", "interview", "guide"};
    const struct questionnaire_content *c = r->content;
    if (questionnaire_read_members(r, group, members, ARRAY_LEN(members), false) < 0) {
        return -1;
    }
    const config_setting_t *name = questionnaire_read_need(r, group, "name");
    if (!name || standard_read_name(&r->standard, name, &script->name) < 0) {
        return -1;
    }
    for (size_t i = 0; i < c->script_count; i++) {
        if (strcmp(c->scripts[i].name, script->name) == 0) {
            return standard_read_refuse(&r->standard, name, "stands here twice");
        }
    }
    if (read_line(r, root, group, "opening", &script->opening) < 0 ||
        read_line(r, root, group, "closing", &script->closing) < 0) {
        return -1;
    }
    const config_setting_t *say = questionnaire_read_need(r, group, "say");
    if (!say || questionnaire_read_members(r, say, NULL, 0, true) < 0 ||
        questionnaire_read_text(r, say, &script->say) < 0 || read_asks(r, group, script) < 0) {
        return -1;
    }
    return read_guides(r, group, script);
}

int questionnaire_read_scripts(const struct questionnaire_reader *r, const config_setting_t *root)
{
    struct questionnaire_content *c = r->content;
    const config_setting_t *list = questionnaire_read_need(r, root, "scripts");
    size_t count = 0;
    if (!list || questionnaire_read_list(r, list, QUESTIONNAIRE_SCRIPTS_MAX, &count) < 0) {
        return -1;
    }
    c->scripts = xcalloc(count, sizeof(*c->scripts));
    for (; c->script_count < count; c->script_count++) {
        if (read_script(r, root, config_setting_get_elem(list, (unsigned)c->script_count),
                        &c->scripts[c->script_count]) < 0) {
            return -1;
        }
    }
    return 0;
}
