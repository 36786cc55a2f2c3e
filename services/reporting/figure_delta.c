/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_delta.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/xalloc.h"

#define SMALLEST_TABLE 1024 /* places of a hash table: a power of two */
#define NO_TEXT        0    /* the place of "" */

/* Open addressing; a place holds 1 + the index of what it stands for, or 0. */
struct table {
    uint32_t *places;
    size_t size;
};

struct figure_delta {
    struct figure_addend *list;
    size_t count, room;
    struct table places;
    bool is_sealed;
    char **texts;
    size_t text_count, text_room;
    struct table text_table;
};

static uint32_t place_of_text(struct figure_delta *d, const char *text);

struct figure_delta *figure_delta_new(void)
{
    struct figure_delta *d = xcalloc(1, sizeof(*d));

    figure_delta_clear(d);
    return d;
}

static void drop(struct figure_delta *d)
{
    for (size_t i = 0; i < d->count; i++) {
        figure_sums_free(&d->list[i].sums);
    }
    for (size_t i = 0; i < d->text_count; i++) {
        free(d->texts[i]);
    }
    free(d->places.places);
    free(d->text_table.places);
    d->places = d->text_table = (struct table){0};
    d->count = d->text_count = 0;
    d->is_sealed = false;
}

void figure_delta_clear(struct figure_delta *d)
{
    drop(d);
    (void)place_of_text(d, ""); /* NO_TEXT */
}

void figure_delta_free(struct figure_delta *d)
{
    if (d == NULL) {
        return;
    }
    drop(d);
    free(d->list);
    free(d->texts);
    free(d);
}

/* ---- tables */

static uint64_t mix(uint64_t h)
{
    h ^= h >> 30;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 27;
    h *= UINT64_C(0x94d049bb133111eb);
    return h ^ (h >> 31);
}

static uint64_t hash_key(const struct figure_addend *r)
{
    uint64_t where = (uint64_t)r->lane << 48 | (uint64_t)r->is_month << 47 |
                     (uint64_t)r->sheet << 40 | (uint64_t)r->dimension << 32 | (uint32_t)r->day;

    return mix(mix(where) ^ ((uint64_t)r->branch_place << 32 | r->value_place));
}

static uint64_t hash_text(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *text != '\0'; text++) {
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    }
    return mix(h);
}

static bool is_same_key(const struct figure_addend *a, const struct figure_addend *b)
{
    return a->day == b->day && a->value_place == b->value_place &&
           a->branch_place == b->branch_place && a->dimension == b->dimension &&
           a->sheet == b->sheet && a->is_month == b->is_month && a->lane == b->lane;
}

static void put_place(struct table *t, uint64_t hash, size_t index)
{
    size_t at = hash & (t->size - 1);

    while (t->places[at] != 0) {
        at = (at + 1) & (t->size - 1);
    }
    t->places[at] = (uint32_t)index + 1;
}

/* Whether one more needs a larger table; then it is empty, and to be filled again. */
static bool make_room(struct table *t, size_t count)
{
    if (2 * count < t->size) {
        return false;
    }
    free(t->places);
    t->size = t->size == 0 ? SMALLEST_TABLE : 2 * t->size;
    t->places = xcalloc(t->size, sizeof(*t->places));
    return true;
}

/* ---- texts: each once, so that rows are compared by numbers */

static uint32_t place_of_text(struct figure_delta *d, const char *text)
{
    struct table *t = &d->text_table;

    if (make_room(t, d->text_count)) {
        for (size_t i = 0; i < d->text_count; i++) {
            put_place(t, hash_text(d->texts[i]), i);
        }
    }
    uint64_t hash = hash_text(text);
    for (size_t at = hash & (t->size - 1); t->places[at] != 0; at = (at + 1) & (t->size - 1)) {
        if (strcmp(d->texts[t->places[at] - 1], text) == 0) {
            return t->places[at] - 1;
        }
    }
    if (d->text_count == d->text_room) {
        d->text_room = d->text_room == 0 ? SMALLEST_TABLE : 2 * d->text_room;
        d->texts = xreallocarray(d->texts, d->text_room, sizeof(*d->texts));
    }
    d->texts[d->text_count] = xstrdup(text);
    put_place(t, hash, d->text_count);
    return (uint32_t)d->text_count++;
}

/* ---- rows */

static size_t place_of(struct figure_delta *d, const struct figure_addend *key)
{
    struct table *t = &d->places;

    if (make_room(t, d->count)) {
        for (size_t i = 0; i < d->count; i++) {
            put_place(t, hash_key(&d->list[i]), i);
        }
    }
    uint64_t hash = hash_key(key);
    for (size_t at = hash & (t->size - 1); t->places[at] != 0; at = (at + 1) & (t->size - 1)) {
        if (is_same_key(&d->list[t->places[at] - 1], key)) {
            return t->places[at] - 1;
        }
    }
    if (d->count == d->room) {
        d->room = d->room == 0 ? SMALLEST_TABLE : 2 * d->room;
        d->list = xreallocarray(d->list, d->room, sizeof(*d->list));
    }
    put_place(t, hash, d->count);
    d->list[d->count] = *key;
    return d->count++;
}

/* Money is added up within its currency alone. */
static bool has_sum(const struct figure_measure_row *m, enum figure_dimension dimension)
{
    bool is_money = (m->dimensions & (1U << DIMENSION_CURRENCY)) != 0;

    return m->form != FORM_COUNT && (!is_money || dimension == DIMENSION_CURRENCY);
}

/* What an entry adds to each of its cells. */
struct amount {
    const struct figure_measure_row *measure;
    int64_t count, sum, value;
};

static void add_to_cell(struct figure_delta *d, const struct figure_addend *key,
                        const struct amount *a)
{
    size_t place = place_of(d, key); /* first: it may move the list */
    struct figure_sum *to = figure_sums_of(&d->list[place].sums, a->measure->measure);

    to->count = figure_plus(to->count, a->count);
    if (has_sum(a->measure, key->dimension)) {
        to->sum += a->sum;
    }
    if (a->measure->form == FORM_DURATION || a->measure->form == FORM_RATIO) {
        log_histogram_add(&to->histogram, a->value, a->count);
    }
}

/* In its own branch, on its day: the rest follows from that. Only what has a branch is counted by
 * branches over all of them. */
static void add_entry(struct figure_delta *d, int16_t lane, const struct figure_bundle *bundle,
                      const struct figure_entry *e, int sign)
{
    const struct figure_measure_row *m = figure_measure_find(e->measure);
    bool has_value = m->form == FORM_DURATION || m->form == FORM_RATIO;
    const struct amount a = {
        .measure = m,
        .count = sign * e->count,
        .sum = sign * e->sum,
        .value = has_value ? e->sum : 0,
    };
    struct figure_addend key = {.lane = lane, .sheet = m->sheet, .day = e->day};

    key.branch_place = place_of_text(d, figure_bundle_value(bundle, e, DIMENSION_BRANCH));
    for (unsigned i = 0; i < DIMENSION_COUNT; i++) {
        bool is_derived = i == DIMENSION_BRANCH && key.branch_place != NO_TEXT;
        if ((m->dimensions & (1U << i)) == 0 || is_derived) {
            continue;
        }
        key.dimension = (enum figure_dimension)i;
        key.part = figure_part_of(key.dimension);
        key.value_place =
            i == DIMENSION_ALL
                ? NO_TEXT
                : place_of_text(d, figure_bundle_value(bundle, e, (enum figure_dimension)i));
        add_to_cell(d, &key, &a);
    }
}

void figure_delta_add(struct figure_delta *d, int16_t lane, const struct figure_bundle *bundle,
                      int sign)
{
    for (size_t i = 0; i < bundle->count; i++) {
        add_entry(d, lane, bundle, &bundle->entries[i], sign);
    }
}

void figure_delta_change(struct figure_delta *d, int16_t lane, const struct figure_bundle *before,
                         const struct figure_bundle *now)
{
    size_t i = 0;
    size_t j = 0;
    size_t before_count = before != NULL ? before->count : 0;
    size_t now_count = now != NULL ? now->count : 0;
    bool is_comparable =
        before != NULL && now != NULL && figure_bundle_has_same_values(before, now);

    while (i < before_count || j < now_count) {
        int order = i == before_count || j == now_count || !is_comparable
                        ? (i < before_count ? -1 : 1)
                        : figure_entry_compare(&before->entries[i], &now->entries[j]);
        if (order < 0) {
            add_entry(d, lane, before, &before->entries[i++], -1);
        } else if (order > 0) {
            add_entry(d, lane, now, &now->entries[j++], 1);
        } else {
            i++;
            j++;
        }
    }
}

/* ---- what follows */

/* Adds the cell at a place to another one, which is made when it is not there. */
static void derive(struct figure_delta *d, size_t from, const struct figure_addend *key)
{
    size_t to = place_of(d, key);

    figure_sums_merge(&d->list[to].sums, &d->list[from].sums);
}

static struct figure_addend key_of(const struct figure_addend *a)
{
    struct figure_addend key = *a;

    key.sums = (struct figure_sums){.list = NULL};
    return key;
}

/* Measures that are not counted by branch have none. */
static void add_branches(struct figure_delta *d)
{
    size_t count = d->count;

    for (size_t i = 0; i < count; i++) {
        struct figure_addend key = key_of(&d->list[i]);
        if (key.branch_place == NO_TEXT) {
            continue;
        }
        key.branch_place = NO_TEXT;
        derive(d, i, &key);
        if (key.dimension == DIMENSION_ALL) {
            key.dimension = DIMENSION_BRANCH;
            key.part = figure_part_of(DIMENSION_BRANCH);
            key.value_place = d->list[i].branch_place;
            derive(d, i, &key);
        }
    }
}

static void add_months(struct figure_delta *d)
{
    size_t count = d->count;

    for (size_t i = 0; i < count; i++) {
        struct figure_addend key = key_of(&d->list[i]);
        key.is_month = true;
        key.day = figure_month(key.day);
        derive(d, i, &key);
    }
}

/* ---- the order of writing */

static int compare_addends(const void *a, const void *b)
{
    const struct figure_addend *left = a;
    const struct figure_addend *right = b;
    const int64_t before[] = {left->is_month, left->lane, (int64_t)left->sheet, left->part};
    const int64_t after[] = {right->is_month, right->lane, (int64_t)right->sheet, right->part};

    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        if (before[i] != after[i]) {
            return before[i] < after[i] ? -1 : 1;
        }
    }
    int order = left->branch_place == right->branch_place ? 0 : strcmp(left->branch, right->branch);
    if (order != 0) {
        return order;
    }
    if (left->day != right->day) {
        return left->day < right->day ? -1 : 1;
    }
    if (left->dimension != right->dimension) {
        return left->dimension < right->dimension ? -1 : 1;
    }
    return left->value_place == right->value_place ? 0 : strcmp(left->value, right->value);
}

bool figure_addend_is_with(const struct figure_addend *a, const struct figure_addend *b)
{
    return a->day == b->day && a->branch_place == b->branch_place && a->part == b->part &&
           a->sheet == b->sheet && a->lane == b->lane && a->is_month == b->is_month;
}

void figure_addend_sort(struct figure_addend *list, size_t count)
{
    if (count > 1) {
        qsort(list, count, sizeof(*list), compare_addends);
    }
}

static void seal(struct figure_delta *d)
{
    add_branches(d);
    add_months(d);
    for (size_t i = 0; i < d->count; i++) {
        d->list[i].branch = d->texts[d->list[i].branch_place];
        d->list[i].value = d->texts[d->list[i].value_place];
    }
    figure_addend_sort(d->list, d->count);
    d->is_sealed = true;
}

size_t figure_delta_seal(struct figure_delta *d, struct figure_addend **ret_list)
{
    if (!d->is_sealed) {
        seal(d);
    }
    *ret_list = d->list;
    return d->count;
}
