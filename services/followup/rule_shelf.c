/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/rule_shelf.h"

#include "services/followup/followup.h"
#include "services/followup/rule_version_store.h"

static void *load(const char *path, struct err *err)
{
    return rulebook_load(path, err);
}

static void *parse(const char *text, const char *name, struct err *err)
{
    return rulebook_parse(text, name, err);
}

static void free_text(void *text)
{
    rulebook_free(text);
}

static const char *hash(const void *text)
{
    return rulebook_hash(text);
}

static void put(struct db *db, const void *text, int64_t now_us)
{
    rule_version_put(db, text, now_us);
}

static void take(void *ctx, int32_t id, const void *text)
{
    struct followup *f = ctx;
    f->rules = text;
    f->rule_version = id;
}

static const struct text_kind kind = {
    .setting = "rules",
    .needed = "rules must name the file with the rules of follow-ups",
    .in_force_event = "rules_in_force",
    .refused_event = "rules_refused",
    .unreadable_event = "rules_unreadable",
    .load = load,
    .parse = parse,
    .free = free_text,
    .hash = hash,
    .put = put,
    .ask_all = rule_version_ask_all,
    .ask = rule_version_ask,
    .take = take,
};

struct text_shelf *rule_shelf_open(struct followup *f, struct err *err)
{
    return text_shelf_open(f->service, &kind, f, f->settings->rules, err);
}

void rule_shelf_reload(struct text_shelf *s, const struct followup *f)
{
    text_shelf_reload(s, f->settings->rules);
}

enum text_shelf_answer rule_shelf_find(struct text_shelf *s, int32_t version,
                                       const struct rulebook **ret)
{
    const void *text = NULL;
    enum text_shelf_answer answer = text_shelf_find(s, version, &text);
    if (answer != TEXT_SHELF_LATER) {
        *ret = text;
    }
    return answer;
}
