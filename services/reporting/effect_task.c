/* SPDX-License-Identifier: Apache-2.0 */
/* effect_task.c - the list first; then of each action a snapshot, and a transaction that writes. */
#include "services/reporting/effect_task.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "services/reporting/effect_store.h"
#include "services/reporting/improvement_store.h"
#include "services/reporting/report_store.h"

struct effect_work {
    const struct night_world *world;
    struct night_range range;
    bool is_listed, is_judged; /* the present one is */
    struct improvement *list;
    size_t count, next;
    struct effect effect;
};

static void *begin(const struct night_world *world, const struct night_range *range)
{
    struct effect_work *w = xcalloc(1, sizeof(*w));

    w->world = world;
    w->range = *range;
    return w;
}

static bool ask(void *work, struct db *db)
{
    struct effect_work *w = work;

    if (!w->is_listed) {
        improvement_store_ask_all(db);
        return true;
    }
    if (w->next == w->count) {
        return false;
    }
    const struct improvement *a = &w->list[w->next];
    if (w->is_judged) {
        night_begin_write(db, w->world);
        improvement_store_put_effect(db, a->id, &w->effect, w->world->now_us);
        db_commit(db);
        return true;
    }
    const struct effect_window window = effect_window_of(a, w->range.to);
    report_store_begin(db);
    effect_store_ask(db, a, &window, w->world);
    db_commit(db);
    return true;
}

static void take_list(struct effect_work *w, const struct db_rows *rows)
{
    w->count = db_row_count(rows);
    w->list = xcalloc(w->count + 1, sizeof(*w->list));
    for (size_t row = 0; row < w->count; row++) {
        improvement_store_take(rows, row, &w->list[row]);
    }
    w->is_listed = true;
}

static enum night_step take(void *work, const struct db_reply *reply)
{
    struct effect_work *w = work;

    if (!w->is_listed) {
        take_list(w, reply->rows[0]);
    } else if (w->is_judged) {
        w->is_judged = false;
        w->next++;
    } else {
        const struct improvement *a = &w->list[w->next];
        const struct effect_window window = effect_window_of(a, w->range.to);
        w->effect = effect_store_take(&reply->rows[REPORT_STORE_FIRST], a, &window);
        w->is_judged = true;
    }
    return NIGHT_GO_ON;
}

static void end(void *work)
{
    struct effect_work *w = work;

    free(w->list);
    free(w);
}

const struct night_task effect_task = {
    .name = "effects",
    .help = "judge what became of each improvement and training",
    .is_for_each_day = false,
    .begin = begin,
    .ask = ask,
    .take = take,
    .end = end,
};
