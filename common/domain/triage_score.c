/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/model/proportion.h"

enum {
    NAME_COLUMNS = 20
};

struct answer {
    double confidence;
    bool is_right;
};

struct triage_score {
    const struct triage_model *model;
    struct triage_label_score labels[TRIAGE_LABELS_MAX];
    size_t unknown; /* texts with a label that the model does not know */
    struct answer *answers;
    size_t count, capacity;
    bool is_sorted;
    struct triage_share told;
    double confidence; /* the sum of all */
};

struct triage_score *triage_score_new(const struct triage_model *m)
{
    struct triage_score *s = xcalloc(1, sizeof(*s));
    s->model = m;
    for (size_t i = 0; i < triage_model_label_count(m); i++) {
        s->labels[i].label = triage_model_label(m, i)->name;
    }
    return s;
}

void triage_score_free(struct triage_score *s)
{
    if (s) {
        free(s->answers);
        free(s);
    }
}

void triage_score_add(struct triage_score *s, const char *label, const struct triage_result *told)
{
    size_t truth = 0, labels = triage_model_label_count(s->model);
    while (truth < labels && strcmp(s->labels[truth].label, label) != 0) {
        truth++;
    }
    bool is_right = truth == told->label;
    if (truth < labels) {
        s->labels[truth].count++;
        s->labels[truth].right += is_right;
        s->labels[truth].abstained += told->is_abstained;
    } else {
        s->unknown++;
    }
    s->labels[told->label].told++;
    if (!told->is_abstained) {
        s->told.count++;
        s->told.right += is_right;
    }
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 1024;
        s->answers = xreallocarray(s->answers, s->capacity, sizeof(*s->answers));
    }
    s->answers[s->count++] = (struct answer){.confidence = told->confidence, .is_right = is_right};
    s->confidence += told->confidence;
    s->is_sorted = false;
}

size_t triage_score_count(const struct triage_score *s)
{
    return s->count;
}

struct triage_share triage_score_told(const struct triage_score *s)
{
    return s->told;
}

struct triage_label_score triage_score_label(const struct triage_score *s, size_t index)
{
    return s->labels[index];
}

/* Of the equally sure the wrong ones first: no order may make a model look better. */
static int surest_first(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    int by_confidence = (x->confidence < y->confidence) - (x->confidence > y->confidence);
    return by_confidence ? by_confidence : (int)x->is_right - (int)y->is_right;
}

struct triage_share triage_score_at(struct triage_score *s, double coverage)
{
    struct triage_share share = {.count = (size_t)floor((double)s->count * coverage + 0.5)};
    if (!s->is_sorted && s->count > 0) {
        qsort(s->answers, s->count, sizeof(*s->answers), surest_first);
        s->is_sorted = true;
    }
    for (size_t i = 0; i < share.count; i++) {
        share.right += s->answers[i].is_right;
    }
    return share;
}

/* ---- for people */

/* "88.42 %"; "-" when there is nothing to divide by. */
static void print_share(struct text *out, size_t part, size_t whole)
{
    if (whole > 0) {
        text_appendf(out, "%8.2f %%", 100.0 * (double)part / (double)whole);
    } else {
        text_appendf(out, "%10s", "-");
    }
}

static void print_label(struct text *out, const struct triage_label_score *l)
{
    size_t columns = text_columns(l->label);
    text_appendf(out, "%s%*s%6zu", l->label,
                 columns < NAME_COLUMNS ? (int)(NAME_COLUMNS - columns) : 1, "", l->count);
    print_share(out, l->right, l->told);
    print_share(out, l->right, l->count);
    print_share(out, l->abstained, l->count);
    text_append(out, "\n");
}

static void print_accuracy(struct text *out, const char *what, struct triage_share share)
{
    struct interval i = proportion_wilson_95((double)share.right, (double)share.count);
    text_appendf(out, "%s ", what);
    print_share(out, share.right, share.count);
    text_appendf(out, "  [%.2f %%, %.2f %%]  of %zu\n", 100 * i.low, 100 * i.high, share.count);
}

void triage_score_print(struct triage_score *s, struct text *out)
{
    text_appendf(out, "%-*s%6s%10s%10s%10s\n", NAME_COLUMNS, "LABEL", "TEXTS", "PRECISION",
                 "RECALL", "ABSTAINED");
    for (size_t i = 0; i < triage_model_label_count(s->model); i++) {
        print_label(out, &s->labels[i]);
    }
    if (s->unknown > 0) {
        text_appendf(out, "%zu texts have labels that the model does not know: told wrong\n",
                     s->unknown);
    }
    text_append(out, "\nright, with the 95 % interval\n");
    print_accuracy(out, "  of all               ", triage_score_at(s, 1));
    print_accuracy(out, "  of the surest 90 %   ", triage_score_at(s, 0.9));
    print_accuracy(out, "  of the surest 80 %   ", triage_score_at(s, 0.8));
    print_accuracy(out, "  over the threshold   ", s->told);
    if (s->count > 0) {
        text_appendf(out, "  expected of all       %8.2f %%\n",
                     100 * s->confidence / (double)s->count);
    }
}
