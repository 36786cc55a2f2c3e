/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/improvement.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "common/base/text.h"
#include "services/reporting/report_day.h"

#define INVALID "request_invalid"

int improvement_kind_of(const char *cause_measure)
{
    static const struct {
        const char *name;
        enum improvement_kind kind;
    } measures[] = {
        {"cases",          IMPROVEMENT_COUNT  },
        {"complaints",     IMPROVEMENT_COUNT  },
        {"csat",           IMPROVEMENT_ANSWERS},
        {"promises_kept",  IMPROVEMENT_KEPT   },
        {"first_response", IMPROVEMENT_MEDIAN },
        {"resolution",     IMPROVEMENT_MEDIAN },
        {"skill",          IMPROVEMENT_SKILL  },
    };
    for (size_t i = 0; i < ARRAY_LEN(measures); i++) {
        if (strcmp(measures[i].name, cause_measure) == 0) {
            return (int)measures[i].kind;
        }
    }
    return -1;
}

/* ---- from JSON */

static const struct {
    const char *name;
    size_t offset, size;
} texts[] = {
#define TEXT(field)                                                                                \
    {                                                                                              \
#field, offsetof(struct improvement, field), sizeof(((struct improvement *)0)->field)      \
    }
    TEXT(title), TEXT(cause_measure), TEXT(category), TEXT(product), TEXT(branch),
    TEXT(team),  TEXT(staff),         TEXT(skill),    TEXT(owner),
};

static int read_texts(const json_t *json, struct improvement *a, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const json_t *value = json_object_get(json, texts[i].name);
        if (!value) {
            continue;
        }
        if (!json_is_string(value)) {
            return err_set_field(err, INVALID, texts[i].name, "it is a text");
        }
        if (strlen(json_string_value(value)) != json_string_length(value) ||
            json_string_length(value) >= texts[i].size) {
            return err_set_field(err, INVALID, texts[i].name, "it is too long, or has a NUL");
        }
        (void)text_copy((char *)a + texts[i].offset, texts[i].size, json_string_value(value));
    }
    return 0;
}

/* null, where it may be: none. */
static int read_day(const json_t *json, const char *name, bool may_be_null, int64_t *ret_day,
                    struct err *err)
{
    const json_t *value = json_object_get(json, name);

    if (!value) {
        return 0;
    }
    if (may_be_null && json_is_null(value)) {
        *ret_day = IMPROVEMENT_NO_DAY;
        return 0;
    }
    if (!json_is_string(value) || report_day_parse(json_string_value(value), ret_day) < 0) {
        return err_set_field(err, INVALID, name, "a day is written 2026-11-01");
    }
    return 0;
}

static int read_kind(const json_t *json, struct improvement *a, struct err *err)
{
    const json_t *value = json_object_get(json, "kind");
    const char *kind = json_string_value(value);

    if (!value) {
        return 0;
    }
    if (!kind || (strcmp(kind, "action") != 0 && strcmp(kind, "training") != 0)) {
        return err_set_field(err, INVALID, "kind", "action or training");
    }
    a->is_training = strcmp(kind, "training") == 0;
    return 0;
}

int improvement_read(const json_t *json, struct improvement *a, struct err *err)
{
    const json_t *expectation = json_object_get(json, "expectation");

    if (read_kind(json, a, err) < 0 || read_texts(json, a, err) < 0 ||
        read_day(json, "starts_on", false, &a->starts_on, err) < 0 ||
        read_day(json, "ends_on", true, &a->ends_on, err) < 0) {
        return -1;
    }
    if (expectation && !json_is_number(expectation)) {
        return err_set_field(err, INVALID, "expectation", "it is a number");
    }
    a->expectation = expectation ? json_number_value(expectation) : a->expectation;
    return 0;
}

int improvement_read_key(const json_t *json, struct improvement *a, struct err *err)
{
    const json_t *value = json_object_get(json, "key");
    const char *key = json_string_value(value);
    size_t len = json_string_length(value);

    if (!value) {
        return 0;
    }
    if (!key || len == 0 || len >= sizeof(a->key) || strlen(key) != len) {
        return err_set_field(err, INVALID, "key", "a text of 1 to 64 bytes");
    }
    (void)text_copy(a->key, sizeof(a->key), key);
    return 0;
}

bool improvement_is_same(const struct improvement *a, const struct improvement *b)
{
    bool is_same = a->is_training == b->is_training && a->starts_on == b->starts_on &&
                   a->ends_on == b->ends_on && a->expectation == b->expectation;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        is_same = is_same &&
                  strcmp((const char *)a + texts[i].offset, (const char *)b + texts[i].offset) == 0;
    }
    return is_same;
}

static int check_place(const struct improvement *a, int kind, struct err *err)
{
    int people = !text_is_empty(a->team) + !text_is_empty(a->staff);

    if (kind == IMPROVEMENT_COUNT) {
        return text_is_empty(a->staff)
                   ? 0
                   : err_set_field(err, INVALID, "staff", "cases are counted by branch and team");
    }
    if (!text_is_empty(a->category) || !text_is_empty(a->product)) {
        return err_set_field(err, INVALID, text_is_empty(a->category) ? "product" : "category",
                             "this measure is judged over all categories and products together");
    }
    if (kind == IMPROVEMENT_SKILL && !text_is_empty(a->branch)) {
        return err_set_field(err, INVALID, "branch", "a skill is of a team or of one of the staff");
    }
    if (kind == IMPROVEMENT_SKILL && text_is_empty(a->skill)) {
        return err_set_field(err, INVALID, "skill", "which one");
    }
    if (kind == IMPROVEMENT_SKILL && people != 1) {
        return err_set_field(err, INVALID, "team", "of a team or of one of the staff");
    }
    if (kind != IMPROVEMENT_SKILL && people + !text_is_empty(a->branch) != 1) {
        return err_set_field(err, INVALID, "branch",
                             "of a branch, of a team or of one of the staff: one of them");
    }
    return 0;
}

int improvement_check(const struct improvement *a, struct err *err)
{
    int kind = improvement_kind_of(a->cause_measure);

    if (text_is_empty(a->title)) {
        return err_set_field(err, INVALID, "title", "it needs one");
    }
    if (kind < 0) {
        return err_set_field(err, INVALID, "cause_measure",
                             "cases, complaints, csat, promises_kept, first_response, resolution "
                             "or skill");
    }
    if (a->starts_on == IMPROVEMENT_NO_DAY) {
        return err_set_field(err, INVALID, "starts_on", "it needs one");
    }
    if (a->ends_on != IMPROVEMENT_NO_DAY && a->ends_on < a->starts_on) {
        return err_set_field(err, INVALID, "ends_on", "it is before starts_on");
    }
    if (!(a->expectation > 0.0) || a->expectation > 1000.0) {
        return err_set_field(err, INVALID, "expectation", "more than 0, at most 1000");
    }
    return check_place(a, kind, err);
}

/* ---- to JSON */

static void put_number(json_t *to, const char *name, double value)
{
    if (isfinite(value)) {
        (void)json_object_set_new(to, name, json_real(value));
    }
}

static json_t *write_effect(const struct improvement *a, enum report_language language)
{
    const struct effect *e = &a->effect;
    json_t *json =
        json_pack("{ss, ss, sI, sI, sI, sI}", "unit", effect_unit_name(e->unit), "verdict",
                  effect_verdict_name(e->verdict), "days_before", (json_int_t)e->days_before,
                  "days_after", (json_int_t)e->days_after, "events_before",
                  (json_int_t)e->events_before, "events_after", (json_int_t)e->events_after);
    struct text words = {0};

    put_number(json, "before_rate", e->before_rate);
    put_number(json, "after_rate", e->after_rate);
    put_number(json, "ratio", e->ratio);
    put_number(json, "low", e->interval.low);
    put_number(json, "high", e->interval.high);
    put_number(json, "others_ratio", e->others_ratio);
    put_number(json, "others_low", e->against_others.low);
    put_number(json, "others_high", e->against_others.high);
    effect_words(e, a->expectation, language, &words);
    (void)json_object_set_new(json, "words", json_string(text_or_empty(&words)));
    text_free(&words);
    return json;
}

static void put_day(json_t *to, const char *name, int64_t day)
{
    char text[REPORT_DAY_SIZE];

    if (day != IMPROVEMENT_NO_DAY) {
        (void)json_object_set_new(to, name, json_string(report_day_format(day, text)));
    }
}

json_t *improvement_write(const struct improvement *a, enum report_language language)
{
    json_t *json = json_pack("{sI, ss, sf, sI, ss, sI}", "id", (json_int_t)a->id, "kind",
                             a->is_training ? "training" : "action", "expectation", a->expectation,
                             "created_us", (json_int_t)a->created_us, "created_by", a->created_by,
                             "version", (json_int_t)a->version);

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        (void)json_object_set_new(json, texts[i].name,
                                  json_string((const char *)a + texts[i].offset));
    }
    put_day(json, "starts_on", a->starts_on);
    put_day(json, "ends_on", a->ends_on);
    if (a->announced_us != IMPROVEMENT_NO_TIME) {
        (void)json_object_set_new(json, "announced_us", json_integer(a->announced_us));
    }
    if (a->has_effect) {
        (void)json_object_set_new(json, "effect", write_effect(a, language));
    }
    return json;
}
