/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

struct readings {
    struct usage_reading *items;
    size_t count, capacity;
};

struct named_zone {
    char *name;
    struct zone *zone; /* NULL: there is none of that name */
};

struct rules_collect {
    const struct rulebook *book;
    rules_collect_fn *each;
    void *ctx;
    struct named_zone *zones; /* few: a company's */
    size_t zone_count;
    struct readings km, usage; /* of one device */
};

struct rules_collect *rules_collect_new(const struct rulebook *b, rules_collect_fn *each, void *ctx)
{
    struct rules_collect *c = xcalloc(1, sizeof(*c));

    c->book = b;
    c->each = each;
    c->ctx = ctx;
    return c;
}

void rules_collect_free(struct rules_collect *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->zone_count; i++) {
        free(c->zones[i].name);
        zone_free(c->zones[i].zone);
    }
    free(c->zones);
    free(c->km.items);
    free(c->usage.items);
    free(c);
}

static const struct zone *find_zone(struct rules_collect *c, const char *name)
{
    struct err err = ERR_NONE;

    for (size_t i = 0; i < c->zone_count; i++) {
        if (strcmp(c->zones[i].name, name) == 0) {
            return c->zones[i].zone;
        }
    }
    c->zones = xreallocarray(c->zones, c->zone_count + 1, sizeof(*c->zones));
    c->zones[c->zone_count] =
        (struct named_zone){.name = xstrdup(name), .zone = zone_open(name, &err)};
    return c->zones[c->zone_count++].zone;
}

static void show(struct rules_collect *c, const struct rules_happening *h)
{
    const char *usual = rulebook_limits(c->book)->usual_zone;
    const struct zone *zone = text_is_empty(h->zone) ? NULL : find_zone(c, h->zone);

    if (!zone && usual) {
        zone = find_zone(c, usual);
    }
    for (size_t i = 0; i < rulebook_rule_count(c->book); i++) {
        const struct rulebook_rule *r = rulebook_rule(c->book, i);

        if (rules_source_is_for(h->source, r)) {
            c->each(c->ctx, r, h, zone);
        }
    }
}

/* ---- devices */

static void add_reading(struct readings *list, int64_t at_us, double total)
{
    if (isnan(total)) {
        return;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 32;
        list->items = xreallocarray(list->items, list->capacity, sizeof(*list->items));
    }
    list->items[list->count++] = (struct usage_reading){.at_us = at_us, .total = total};
}

/* Rows from first on that are of one device; its newest reading says the rest. Returns the row
 * after them. */
static size_t show_device(struct rules_collect *c, const struct db_rows *rows, size_t first)
{
    struct rules_happening h;
    struct rules_reading reading;
    struct rules_reading one;
    size_t i = first;

    c->km.count = c->usage.count = 0;
    rules_happening_read(rows, first, RULES_READINGS, &h);
    rules_happening_read_reading(rows, first, &one);
    const int64_t customer = h.customer;
    for (reading = one; i < db_row_count(rows); i++) {
        rules_happening_read(rows, i, RULES_READINGS, &h);
        rules_happening_read_reading(rows, i, &one);
        if (h.customer != customer || strcmp(one.device, reading.device) != 0) {
            break;
        }
        add_reading(&c->km, one.at_us, one.km);
        add_reading(&c->usage, one.at_us, one.usage);
        reading.usage_unit = text_is_empty(one.usage_unit) ? reading.usage_unit : one.usage_unit;
    }
    rules_happening_read(rows, i - 1, RULES_READINGS, &h);
    h.km = c->km.items;
    h.km_count = c->km.count;
    h.usage = c->usage.items;
    h.usage_count = c->usage.count;
    h.usage_unit = text_is_empty(reading.usage_unit) ? NULL : reading.usage_unit;
    show(c, &h);
    return i;
}

/* ---- all sources */

static bool is_asked_for(const struct rulebook *b, enum rules_source source)
{
    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        if (rules_source_is_for(source, rulebook_rule(b, i))) {
            return true;
        }
    }
    return false;
}

static void show_rows(struct rules_collect *c, enum rules_source source, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows);) {
        struct rules_happening h;

        if (source == RULES_READINGS) {
            i = show_device(c, rows, i);
            continue;
        }
        rules_happening_read(rows, i++, source, &h);
        show(c, &h);
    }
}

int rules_collect_run(struct rules_collect *c, struct db *db, const struct rules_scope *scope,
                      struct err *err)
{
    enum rules_source asked[RULES_SOURCE_COUNT];
    size_t count = 0;
    const struct db_reply *reply;

    for (unsigned i = 1; i < RULES_SOURCE_COUNT; i++) {
        if (is_asked_for(c->book, (enum rules_source)i)) {
            asked[count++] = (enum rules_source)i;
            rules_happening_ask(db, (enum rules_source)i, scope);
        }
    }
    if (count == 0) {
        return 0;
    }
    reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        show_rows(c, asked[i], reply->rows[i]);
    }
    return 0;
}
