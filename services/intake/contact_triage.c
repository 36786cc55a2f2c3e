/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_triage.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

#define BY(name)   TROTH__V1__CATEGORY_BY__CATEGORY_BY_##name
#define MOOD(name) TROTH__V1__MOOD__MOOD_##name

struct contact_triage {
    struct triage_model *models[TRIAGE_PURPOSES];
    struct triage_features features; /* room for one text */
};

struct contact_triage *contact_triage_new(void)
{
    return xcalloc(1, sizeof(struct contact_triage));
}

void contact_triage_free(struct contact_triage *t)
{
    if (t) {
        for (size_t i = 0; i < TRIAGE_PURPOSES; i++) {
            triage_model_free(t->models[i]);
        }
        free(t);
    }
}

void contact_triage_set(struct contact_triage *t, enum triage_purpose purpose,
                        struct triage_model *m)
{
    triage_model_free(t->models[purpose]);
    t->models[purpose] = m;
}

/* NULL: it abstains. Borrowed from the model. */
static const char *tell(const struct triage_model *m, const struct triage_features *f)
{
    struct triage_result told;
    triage_model_predict(m, f, NULL, &told);
    return told.is_abstained ? NULL : triage_model_label(m, told.label)->name;
}

static int mood_of(const char *label)
{
    if (!label) {
        return MOOD(UNSPECIFIED);
    }
    return strcmp(label, TRIAGE_POSITIVE) == 0 ? MOOD(POSITIVE) : MOOD(NEGATIVE);
}

/* Another model may be in force before the work is written. */
static const char *keep(struct intake_work *w, const char *label)
{
    size_t size = strlen(label) + 1;
    return memcpy(work_alloc(w, size), label, size);
}

/* Returns whether a model of categories had its say. */
static bool ask_models(struct intake_work *w, const char *const *texts, size_t count,
                       struct work_case *c)
{
    struct contact_triage *t = w->triage;
    if (!t || (!t->models[TRIAGE_CATEGORY] && !t->models[TRIAGE_MOOD])) {
        return false;
    }
    triage_features_read(&t->features, texts, count);
    if (t->models[TRIAGE_MOOD]) {
        c->mood = mood_of(tell(t->models[TRIAGE_MOOD], &t->features));
    }
    if (!t->models[TRIAGE_CATEGORY]) {
        return false;
    }
    const char *label = tell(t->models[TRIAGE_CATEGORY], &t->features);
    if (label) {
        c->category = keep(w, label);
        c->category_by = BY(MODEL);
    }
    return true;
}

void contact_triage_decide(struct intake_work *w, const Troth__V1__Contact *contact,
                           struct work_case *c)
{
    const char *const texts[] = {contact->subject, contact->body};
    if (!text_is_empty(contact->category)) {
        c->category = contact->category;
        c->category_by = BY(SOURCE);
        return;
    }
    c->category = NULL;
    c->category_by = BY(NOBODY);
    if (!ask_models(w, texts, ARRAY_LEN(texts), c)) {
        const char *label = standard_category_by_words(w->standard, texts, ARRAY_LEN(texts));
        c->category = label; /* no standard ever leaves the shelf */
        c->category_by = label ? BY(WORDS) : BY(NOBODY);
    }
}
