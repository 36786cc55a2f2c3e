/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/followup/followup_step_store.h"

/* ---- in hand */

static void list_topics(struct plan *p)
{
    size_t rules = rulebook_rule_count(p->rules);
    free(p->topics);
    p->topics = xcalloc(rules + 1, sizeof(*p->topics));
    p->topic_count = 0;
    for (size_t i = 0; i < rules; i++) {
        const struct rulebook_rule *r = rulebook_rule(p->rules, i);
        size_t t = 0;
        while (t < p->topic_count &&
               (p->topics[t].trigger != r->trigger || strcmp(p->topics[t].topic, r->topic) != 0)) {
            t++;
        }
        if (t == p->topic_count) {
            p->topics[p->topic_count++] =
                (struct plan_topic){.trigger = r->trigger, .topic = r->topic};
        }
    }
}

void plan_begin(struct plan *p)
{
    follow_up_list_clear(&p->list);
    plan_index_clear(&p->by_subject);
    plan_index_clear(&p->by_customer);
    plan_index_clear(&p->by_number);
    list_topics(p);
}

void plan_free(struct plan *p)
{
    follow_up_list_free(&p->list);
    plan_index_free(&p->by_subject);
    plan_index_free(&p->by_customer);
    plan_index_free(&p->by_number);
    free(p->notes);
    free(p->topics);
    p->notes = NULL;
    p->topics = NULL;
}

static bool is_void(const struct follow_up *f)
{
    return plan_was_suppressed(f, FOLLOW_UP_REASON_VOID);
}

static struct follow_up *add_row(struct plan *p, const struct follow_up *f,
                                 const struct plan_note *note)
{
    struct follow_up *row = follow_up_list_add(&p->list);
    if (p->list.count > p->note_capacity) {
        p->note_capacity = p->list.capacity;
        p->notes = xreallocarray(p->notes, p->note_capacity, sizeof(*p->notes));
    }
    *row = *f;
    p->notes[p->list.count - 1] = *note;
    plan_index_add(&p->by_subject, f->subject);
    plan_index_add(&p->by_customer, f->customer);
    plan_index_add(&p->by_number, f->number);
    return row;
}

void plan_put(struct plan *p, const struct follow_up *f, enum follow_up_state leader,
              int64_t ordered_us)
{
    const struct plan_note note = {
        .before = f->state,
        .was_void = is_void(f),
        .leader = leader,
        .ordered_us = ordered_us,
    };
    if (plan_index_first(&p->by_number, f->number) == PLAN_INDEX_END) {
        (void)add_row(p, f, &note);
    }
}

const char *plan_next_topic(const struct plan *p, int trigger, size_t *io)
{
    while (*io < p->topic_count) {
        const struct plan_topic *t = &p->topics[(*io)++];
        if (t->trigger == trigger) {
            return t->topic;
        }
    }
    return NULL;
}

struct follow_up *plan_find(struct plan *p, const char *topic, int64_t subject,
                            const char *occurrence)
{
    for (size_t i = plan_index_first(&p->by_subject, subject); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_subject, i)) {
        struct follow_up *f = &p->list.items[i];
        if (strcmp(f->topic, topic) == 0 && strcmp(f->occurrence, occurrence) == 0) {
            return f;
        }
    }
    return NULL;
}

struct plan_note *plan_note_of(struct plan *p, const struct follow_up *f)
{
    return &p->notes[f - p->list.items];
}

/* ---- making one */

static void set_moment(const struct plan *p, const struct rulebook_rule *r,
                       const struct plan_seed *seed, struct follow_up *f)
{
    struct rulebook_moment m;
    if (seed->day) {
        rulebook_due_on(r, *seed->day, seed->zone, &m);
    } else {
        rulebook_due_after(r, seed->anchor_us, seed->zone, &m);
    }
    f->due_us = m.due_us;
    f->window_end_us = m.window_end_us < seed->latest_us ? m.window_end_us : seed->latest_us;
    f->next_attempt_us = f->due_us;
    f->local_due_us = m.is_local ? m.local_due_us : FOLLOW_UP_NEVER;
    (void)text_copy(f->zone, sizeof(f->zone), m.is_local ? zone_name(seed->zone) : "");
    (void)text_copy(f->zone_version, sizeof(f->zone_version), m.is_local ? p->zone_version : "");
}

/* The table has a row for each of these: callers have looked at the state. */
static void set_state(const struct plan *p, struct follow_up *f, enum follow_up_event event,
                      const char *reason)
{
    if (followup_set_state(f, event, p->now_us, reason, NULL) < 0) {
        BUG("a follow-up was planned against its table of states");
    }
}

static void end_at_once(const struct plan *p, struct follow_up *f)
{
    if (f->is_historical) {
        set_state(p, f, FOLLOW_UP_IS_HISTORY, NULL);
    } else if (f->window_end_us <= p->now_us) {
        set_state(p, f, FOLLOW_UP_WINDOW_PASSED, NULL);
    }
}

struct follow_up *plan_add(struct plan *p, const struct rulebook_rule *r,
                           const struct plan_seed *seed)
{
    static const struct plan_note note = {.ordered_us = FOLLOW_UP_NEVER};
    struct follow_up f = {
        .version = 1,
        .customer = seed->customer,
        .service_case = seed->service_case,
        .case_version = seed->case_version,
        .rule_version = p->rule_version,
        .trigger = r->trigger,
        .purpose = r->purpose,
        .priority = r->priority,
        .channel = r->channels[0],
        .subject = seed->subject,
        .state = FOLLOW_UP_PLANNED,
        .planned_us = p->now_us,
        .last_call_us = FOLLOW_UP_NEVER,
        .called_back_us = FOLLOW_UP_NEVER,
        .is_historical = seed->is_historical,
        .settled_us = FOLLOW_UP_NEVER,
    };
    (void)text_copy(f.rule, sizeof(f.rule), r->name);
    (void)text_copy(f.topic, sizeof(f.topic), r->topic);
    (void)text_copy(f.occurrence, sizeof(f.occurrence), seed->occurrence);
    (void)text_copy(f.branch, sizeof(f.branch), seed->branch ? seed->branch : "");
    (void)text_copy(f.trace, sizeof(f.trace), p->trace);
    set_moment(p, r, seed, &f);
    end_at_once(p, &f);
    return add_row(p, &f, &note);
}

const struct rulebook_rule *plan_rule_of(const struct plan *p, const struct follow_up *f)
{
    const struct rulebook *rules = p->rules;
    if (f->rule_version != p->rule_version && p->rules_of) {
        rules = p->rules_of(p->ctx, f->rule_version);
    }
    return rules ? rulebook_find(rules, f->rule) : NULL;
}

/* ---- changing one */

bool plan_was_suppressed(const struct follow_up *f, const char *reason)
{
    return f->state == FOLLOW_UP_SUPPRESSED && strcmp(f->reason, reason) == 0;
}

bool plan_is_open(struct plan *p, const struct follow_up *f)
{
    enum follow_up_state leader = plan_note_of(p, f)->leader;
    return followup_is_open(f->state) ||
           (f->state == FOLLOW_UP_MERGED && leader > 0 && followup_is_open(leader));
}

void plan_end(struct plan *p, struct follow_up *f, enum follow_up_event event, const char *reason)
{
    bool can_end = plan_is_open(p, f);
    if (event == FOLLOW_UP_RECORD_VOID) {
        /* Who was called, or is being called, was called. */
        can_end = (can_end || (f->attempts == 0 && f->state != FOLLOW_UP_MERGED)) && !is_void(f) &&
                  followup_because(f->state, FOLLOW_UP_RECORD_VOID);
    } else if (event == FOLLOW_UP_IS_ERASED) {
        can_end = can_end || f->state == FOLLOW_UP_LISTED;
    }
    if (can_end) {
        set_state(p, f, event, reason);
    }
}

void plan_void(struct plan *p, int trigger, int64_t subject)
{
    for (size_t i = plan_index_first(&p->by_subject, subject); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_subject, i)) {
        if (p->list.items[i].trigger == trigger) {
            plan_end(p, &p->list.items[i], FOLLOW_UP_RECORD_VOID, NULL);
        }
    }
}

void plan_again(struct plan *p, struct follow_up *f, const struct plan_seed *seed)
{
    const struct rulebook_rule *r = plan_rule_of(p, f);
    bool was_void = is_void(f);
    set_state(p, f, FOLLOW_UP_STANDS_AGAIN, NULL);
    f->planned_us = was_void ? p->now_us : f->planned_us;
    f->next_attempt_us = f->due_us;
    if (r) {
        set_moment(p, r, seed, f);
    }
    plan_note_of(p, f)->step = FOLLOWUP_STEP_PLANNED_AGAIN;
    end_at_once(p, f);
}

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

bool plan_move(struct plan *p, struct follow_up *f, const struct plan_seed *seed)
{
    const struct rulebook_rule *r = plan_rule_of(p, f);
    struct follow_up moved = *f;
    if (!r || f->state != FOLLOW_UP_PLANNED || f->attempts > 0) {
        return false;
    }
    set_moment(p, r, seed, &moved);
    if ((moved.due_us == f->due_us && moved.window_end_us == f->window_end_us) ||
        apart(moved.due_us, f->due_us) < seed->slack_us) {
        return false;
    }
    *f = moved;
    f->reason[0] = '\0'; /* what it was deferred for is decided anew */
    f->version++;
    plan_note_of(p, f)->step = FOLLOWUP_STEP_MOVED;
    end_at_once(p, f);
    return true;
}
