/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_match.h"

#include <string.h>

#include "common/base/text.h"
#include "intake.pb-c.h"

const char *standard_condition_name(enum standard_condition condition)
{
    static const char *const names[STANDARD_CONDITION_COUNT] = {
        [STANDARD_KIND] = "kind",       [STANDARD_CATEGORY] = "category",
        [STANDARD_CHANNEL] = "channel", [STANDARD_BRANCH] = "branch",
        [STANDARD_TIER] = "tier",
    };
    return names[condition];
}

const char *standard_contact_kind(int contact_kind)
{
    static const char *const names[] = {
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_UNSPECIFIED] = "",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY] = "enquiry",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT] = "complaint",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST] = "request",
        [TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE] = "praise",
    };

    return contact_kind >= 0 && (size_t)contact_kind < ARRAY_LEN(names) ? names[contact_kind] : "";
}

const char *standard_match_value(const struct standard_request *request,
                                 enum standard_condition condition)
{
    const char *const values[STANDARD_CONDITION_COUNT] = {
        [STANDARD_KIND] = request->kind,       [STANDARD_CATEGORY] = request->category,
        [STANDARD_CHANNEL] = request->channel, [STANDARD_BRANCH] = request->branch,
        [STANDARD_TIER] = request->tier,
    };
    return values[condition];
}

enum standard_condition
standard_match_conditions(const char *const conditions[STANDARD_CONDITION_COUNT],
                          const struct standard_request *request)
{
    for (unsigned i = 0; i < STANDARD_CONDITION_COUNT; i++) {
        const enum standard_condition condition = (enum standard_condition)i;
        const char *value;

        if (!conditions[i]) {
            continue;
        }
        value = standard_match_value(request, condition);
        if (!value || strcmp(conditions[i], value) != 0) {
            return condition;
        }
    }
    return STANDARD_CONDITION_COUNT;
}

static bool are_words_found(struct standard_match *m, size_t rule)
{
    const struct standard_request *request = m->request;

    if (!text_is_empty(request->known_rule)) {
        return strcmp(request->known_rule, m->content->rules[rule].decision.rule) == 0;
    }
    if (!m->has_read_texts) {
        m->has_read_texts = true;
        for (size_t i = 0; i < request->text_count; i++) {
            if (request->texts[i]) {
                standard_words_find(m->content->rule_words, request->texts[i], &m->found);
            }
        }
    }
    return standard_word_set_has(&m->found, rule);
}

const char *standard_match_unmet(struct standard_match *m, size_t rule)
{
    const struct standard_rule *r = &m->content->rules[rule];
    const enum standard_condition condition = standard_match_conditions(r->conditions, m->request);

    if (condition != STANDARD_CONDITION_COUNT) {
        return standard_condition_name(condition);
    }
    if (r->asked_priority != 0 && r->asked_priority != m->request->asked_priority) {
        return "asked_priority";
    }
    /* Last, because it costs most. */
    return r->words.count > 0 && !are_words_found(m, rule) ? "words" : NULL;
}
