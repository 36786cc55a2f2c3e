/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/similarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of BM25, as measured (fingerprint.h): flat around these. */
#define SATURATION     0.8
#define LENGTH_SHARE   0.75
#define LENGTH_TYPICAL 75.0

/* ---- the question */

static int by_fingerprint(const void *a, const void *b)
{
    const struct fingerprint_count *x = a, *y = b;
    return (x->fingerprint > y->fingerprint) - (x->fingerprint < y->fingerprint);
}

static double worth(double length)
{
    return (SATURATION + 1) /
           (1 + SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length / LENGTH_TYPICAL));
}

/* More cases than there are may be counted, for counts are taken back late: never less than 0. */
static double rarity(int64_t cases, int64_t total)
{
    double value = log(((double)total + 1) / ((double)cases + 0.5));
    return value > 0 ? value : 0;
}

static int64_t cases_of(int32_t fingerprint, const struct fingerprint_count *sorted, size_t count)
{
    const struct fingerprint_count key = {.fingerprint = fingerprint};
    const struct fingerprint_count *found =
        count ? bsearch(&key, sorted, count, sizeof(key), by_fingerprint) : NULL;
    return found ? found->cases : 0;
}

void similarity_ask(struct similarity *s, const struct fingerprints *asked,
                    const struct fingerprint_count *counts, size_t count, int64_t total)
{
    struct fingerprint_count sorted[FINGERPRINTS_MAX];
    if (count > FINGERPRINTS_MAX) {
        count = FINGERPRINTS_MAX;
    }
    memcpy(sorted, counts, count * sizeof(*counts));
    qsort(sorted, count, sizeof(sorted[0]), by_fingerprint);
    s->asked = *asked;
    s->most = 0;
    for (size_t i = 0; i < asked->count; i++) {
        s->cases[i] = cases_of(asked->at[i], sorted, count);
        s->weight[i] = rarity(s->cases[i], total);
        s->most += s->weight[i] * worth((double)asked->count);
    }
}

/* ---- what leads to candidates */

static int by_cases(const void *a, const void *b)
{
    const struct fingerprint_count *x = a, *y = b;
    int order = (x->cases > y->cases) - (x->cases < y->cases);
    return order ? order : by_fingerprint(a, b);
}

bool similarity_choose(const struct similarity *s, struct fingerprints *ret_chosen)
{
    struct fingerprint_count found[FINGERPRINTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < s->asked.count; i++) {
        if (s->cases[i] > 0) {
            found[count++] = (struct fingerprint_count){s->asked.at[i], s->cases[i]};
        }
    }
    ret_chosen->count = 0;
    if (count == 0) {
        return true;
    }
    qsort(found, count, sizeof(found[0]), by_cases);
    bool is_any = found[0].cases <= SIMILARITY_CANDIDATES;
    int64_t cases = 0;
    for (size_t i = 0; i < count; i++) {
        cases += found[i].cases;
        if (is_any ? cases > SIMILARITY_CANDIDATES : i == SIMILARITY_TOGETHER) {
            break;
        }
        ret_chosen->at[ret_chosen->count++] = found[i].fingerprint;
    }
    return is_any;
}

/* ---- the answers */

double similarity_of(const struct similarity *s, const struct fingerprints *stored)
{
    double sum = 0;
    for (size_t i = 0, j = 0; i < s->asked.count && j < stored->count;) {
        if (s->asked.at[i] == stored->at[j]) {
            sum += s->weight[i++];
            j++;
        } else if (s->asked.at[i] < stored->at[j]) {
            i++;
        } else {
            j++;
        }
    }
    if (s->most <= 0) {
        return 0;
    }
    double share = sum * worth((double)stored->count) / s->most;
    return share < 1 ? share : 1;
}

static bool is_better(const struct similar *a, const struct similar *b)
{
    return a->similarity > b->similarity ||
           (a->similarity >= b->similarity && a->case_number < b->case_number);
}

void similar_list_add(struct similar_list *list, struct similar one)
{
    if (one.similarity <= 0) {
        return;
    }
    size_t at = list->count;
    while (at > 0 && is_better(&one, &list->at[at - 1])) {
        at--;
    }
    if (at == list->max) {
        return;
    }
    size_t kept = list->count < list->max ? list->count : list->max - 1;
    memmove(&list->at[at + 1], &list->at[at], (kept - at) * sizeof(one));
    list->at[at] = one;
    list->count = kept + 1;
}
