/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/questionnaire_shelf.h"

#include "common/base/log.h"
#include "services/followup/followup.h"
#include "services/followup/questionnaire_version_store.h"

static void *load(const char *path, struct err *err)
{
    return questionnaire_load(path, err);
}

static void *parse(const char *text, const char *name, struct err *err)
{
    return questionnaire_parse(text, name, err);
}

static void free_text(void *text)
{
    questionnaire_free(text);
}

static const char *hash(const void *text)
{
    return questionnaire_hash(text);
}

static void put(struct db *db, const void *text, int64_t now_us)
{
    questionnaire_version_put(db, text, now_us);
}

/* A rule whose script is missing is followed all the same: with nothing to say and to ask. */
static void warn_of_missing(const struct followup *f)
{
    for (size_t i = 0; i < rulebook_rule_count(f->rules); i++) {
        const struct rulebook_rule *rule = rulebook_rule(f->rules, i);
        if (!questionnaire_find_script(f->questionnaire, rule->script)) {
            log_warning("script_missing", LOG_TEXT("rule", rule->name),
                        LOG_TEXT("script", rule->script));
        }
    }
}

static void take(void *ctx, int32_t id, const void *text)
{
    struct followup *f = ctx;
    (void)id;
    f->questionnaire = text;
    warn_of_missing(f);
}

static const struct text_kind kind = {
    .setting = "questionnaire",
    .in_force_event = "questionnaire_in_force",
    .refused_event = "questionnaire_refused",
    .unreadable_event = "questionnaire_unreadable",
    .load = load,
    .parse = parse,
    .free = free_text,
    .hash = hash,
    .put = put,
    .ask_all = questionnaire_version_ask_all,
    .ask = questionnaire_version_ask,
    .take = take,
};

struct text_shelf *questionnaire_shelf_open(struct followup *f, struct err *err)
{
    return text_shelf_open(f->service, &kind, f, f->settings->questionnaire, err);
}

void questionnaire_shelf_reload(struct text_shelf *s, const struct followup *f)
{
    text_shelf_reload(s, f->settings->questionnaire);
}
