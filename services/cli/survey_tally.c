/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/survey_tally.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

/* NULL: there are too many groups. Rows come group by group: it is mostly the last one. */
static struct survey_group *group_of(struct survey_tally *t, const char *name)
{
    for (size_t i = t->count; i-- > 0;) {
        if (strcmp(t->groups[i].name, name) == 0) {
            return &t->groups[i];
        }
    }
    if (t->count == SURVEY_GROUPS_MAX) {
        return NULL;
    }
    t->groups = xreallocarray(t->groups, t->count + 1, sizeof(*t->groups));
    t->groups[t->count] = (struct survey_group){.name = xstrdup(name)};
    return &t->groups[t->count++];
}

/* ---- CSAT, NPS, CES */

static void count_nps(struct nps_counts *c, int answer, double count)
{
    const int group = nps_group(answer);

    c->promoters += group == NPS_PROMOTER ? count : 0;
    c->passives += group == NPS_PASSIVE ? count : 0;
    c->detractors += group == NPS_DETRACTOR ? count : 0;
}

static void add_value(struct survey_group *g, const struct survey_value *v)
{
    const double count = (double)v->count;

    if (v->instrument == SURVEY_CSAT) {
        g->csat[v->value - 1] += count;
    } else if (v->instrument == SURVEY_NPS) {
        count_nps(&g->nps, (int)v->value, count);
    } else if (v->instrument == SURVEY_CES) {
        g->ces[v->value - 1] += count;
    }
    g->answers += count;
}

static bool is_on_scale(const struct survey_value *v)
{
    switch (v->instrument) {
    case SURVEY_CSAT:
        return v->value >= 1 && v->value <= RATING_CSAT_GRADES;
    case SURVEY_NPS:
        return v->value >= 0 && v->value <= 10;
    case SURVEY_CES:
        return v->value >= 1 && v->value <= RATING_CES_GRADES;
    default:
        return v->instrument == SURVEY_SERVQUAL;
    }
}

void survey_tally_value(struct survey_tally *t, const char *name, const struct survey_value *v)
{
    struct survey_group *group;

    if (!is_on_scale(v)) {
        return;
    }
    add_value(&t->company, v);
    group = name ? group_of(t, name) : NULL;
    if (group) {
        add_value(group, v);
    } else if (name) {
        t->beyond += (double)v->count;
    }
}

/* ---- SERVQUAL */

static void add_item(struct survey_group *g, const struct survey_item *i)
{
    struct servqual_item_sum *sum = &g->sums.items[i->item - 1];
    const double count = (double)i->count;

    if (i->expectation >= 1 && i->expectation <= SURVEY_GRADES) {
        sum->expectations += count;
        sum->expectation += count * (double)i->expectation;
    }
    if (i->perception >= 1 && i->perception <= SURVEY_GRADES) {
        sum->perceptions += count;
        sum->perception += count * (double)i->perception;
        g->perceptions[i->item - 1][i->perception - 1] += count;
    }
}

void survey_tally_item(struct survey_tally *t, const char *name, const struct survey_item *i)
{
    struct survey_group *group;

    if (i->item < 1 || i->item > SURVEY_ITEMS) {
        return;
    }
    add_item(&t->company, i);
    group = name ? group_of(t, name) : NULL;
    if (group) {
        add_item(group, i);
    }
}

size_t survey_tally_items(size_t dimension)
{
    size_t items = 0;

    for (size_t i = 0; i < SURVEY_ITEMS; i++) {
        items += servqual_scale_1988.dimension_of[i] == (int8_t)dimension;
    }
    return items;
}

static void add_complete(struct survey_part *part, const char *perceptions, size_t items,
                         size_t count)
{
    const size_t room = SURVEY_COMPLETE_MAX - part->complete;
    const size_t people = count < room ? count : room;
    double *next;

    part->scores =
        xreallocarray(part->scores, (part->complete + people) * items + 1, sizeof(*part->scores));
    next = part->scores + part->complete * items;
    for (size_t i = 0; i < people * items; i++) {
        next[i] = perceptions[i % items] - '0';
    }
    part->complete += people;
}

static void add_form(struct survey_group *g, const struct survey_form *f)
{
    struct survey_part *part = &g->parts[f->dimension];
    const size_t items = survey_tally_items((size_t)f->dimension);

    part->perceived += (double)f->perceived;
    part->expected += (double)f->expected;
    if (strlen(f->perceptions) == items && strspn(f->perceptions, "1234567") == items) {
        add_complete(part, f->perceptions, items, (size_t)f->perceived);
    }
}

void survey_tally_form(struct survey_tally *t, const char *name, const struct survey_form *f)
{
    struct survey_group *group;

    if (f->dimension < 0 || f->dimension >= SURVEY_DIMENSIONS || f->perceived < 0) {
        return;
    }
    add_form(&t->company, f);
    group = name ? group_of(t, name) : NULL;
    if (group) {
        add_form(group, f);
    }
}

static void free_group(struct survey_group *g)
{
    free(g->name);
    for (size_t d = 0; d < SURVEY_DIMENSIONS; d++) {
        free(g->parts[d].scores);
    }
}

void survey_tally_free(struct survey_tally *t)
{
    free_group(&t->company);
    for (size_t i = 0; i < t->count; i++) {
        free_group(&t->groups[i]);
    }
    free(t->groups);
    *t = (struct survey_tally){.count = 0};
}
