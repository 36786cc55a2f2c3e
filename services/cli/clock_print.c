/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/clock_print.h"

#include <string.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"

#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

/* ---- the promise */

static const char *state_words(const struct promise_history *h, char ret[CLI_NAME_SIZE])
{
    return cli_enum_text(&troth__v1__promise_state__descriptor, h->state, ret);
}

static void print_standard(const struct promise_history *h, const struct clock_view *v, FILE *out)
{
    char text[CLOCK_WORDS_SIZE];

    if (!v->terms.rule) {
        (void)fputs("rule        none: a person promised this date\n", out);
        return;
    }
    (void)fprintf(out, "rule        %s, of standard %d (%.8s) in force since %s\n", v->terms.rule,
                  (int)h->standard_id, cli_text(h->standard_hash),
                  clock_words_instant(v->zone, h->standard_since_us, text));
    (void)fprintf(out, "calendar    %s; times are %s (time zones %s)\n", v->calendar_name,
                  v->zone_name, cli_text(h->standard_tzdata));
}

static void print_instant(const struct clock_view *v, const char *label, int64_t us, FILE *out)
{
    char text[CLOCK_WORDS_SIZE];

    if (us != HISTORY_NO_TIME) {
        (void)fprintf(out, "%-10s  %s\n", label, clock_words_instant(v->zone, us, text));
    }
}

static void print_due(const struct clock_view *v, FILE *out)
{
    if (v->due_us != CLOCK_NEVER) {
        print_instant(v, "due", v->due_us, out);
    } else if (!clock_timeline_is_started(v->timeline)) {
        (void)fputs("due         never: what made it was taken back\n", out);
    } else if (v->is_paused) {
        (void)fputs("due         not as things stand: its clock is paused\n", out);
    } else {
        (void)fputs("due         not as things stand: its calendar ends before\n", out);
    }
}

static void print_head(const struct promise_history *h, const struct clock_view *v, FILE *out)
{
    char number[IDENTIFIER_TEXT_SIZE];
    char service_case[IDENTIFIER_TEXT_SIZE];
    char state[CLI_NAME_SIZE];
    char target[CLOCK_WORDS_SIZE];

    (void)fprintf(out, "%s  %s of case %s: %s%s\n",
                  identifier_format(IDENTIFIER_PROMISE, h->promise, number), h->kind,
                  identifier_format(IDENTIFIER_CASE, h->service_case, service_case),
                  state_words(h, state), h->is_void ? ", taken back" : "");
    print_standard(h, v, out);
    print_instant(v, "made", h->made_us, out);
    (void)fprintf(out, "promised    %s%s\n", clock_words_length(v->terms.target_us, target),
                  v->terms.calendar ? " of working time" : ", every hour counts");
    print_due(v, out);
    print_instant(v, "done", h->done_us, out);
}

/* ---- what happened */

static void print_events(const struct promise_history *h, const struct clock_view *v, FILE *out)
{
    static const char *const titles[] = {"WHEN", "WHAT", "STAFF", "CLOCK", "WHY"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    char text[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < h->entry_count; i++) {
        const struct promise_history_effect *e = &v->effects[i];

        cli_table_add(&table, "%s", clock_words_instant(v->zone, e->entry->occurred_us, text));
        cli_table_add(&table, "%s", promise_history_entry_name(e->entry));
        cli_table_add(&table, "%s", cli_text(e->entry->staff));
        cli_table_add(&table, "%s",
                      e->effect == CLOCK_NONE ? "-" : clock_rules_effect_name(e->effect));
        cli_table_add(&table, "%s", e->because);
    }
    (void)fputs("\nWhat happened\n", out);
    cli_table_print(&table, out);
}

/* ---- what counted */

static void print_rows(const struct clock_view *v, FILE *out)
{
    static const char *const titles[] = {"FROM", "TO", ">LASTS", ">COUNTED", "WHY"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    char text[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < v->row_count; i++) {
        const struct clock_view_row *r = &v->rows[i];
        const bool is_counted = r->kind == CLOCK_INTERVAL_COUNTED;

        cli_table_add(&table, "%s", clock_words_instant(v->zone, r->from_us, text));
        cli_table_add(&table, "%s", clock_words_instant(v->zone, r->to_us, text));
        cli_table_add(&table, "%s", clock_words_length(r->to_us - r->from_us, text));
        cli_table_add(&table, "%s", is_counted ? clock_words_length(r->working_us, text) : "-");
        cli_table_add(&table, "%s", r->why);
    }
    (void)fputs("\nWhat counted and what did not\n", out);
    cli_table_print(&table, out);
}

/* Who decided that a day is special, once for each name. */
static void print_notices(const struct clock_view *v, FILE *out)
{
    for (size_t i = 0; i < v->row_count; i++) {
        bool is_told = !v->rows[i].notice;

        for (size_t j = 0; j < i && !is_told; j++) {
            is_told = v->rows[j].notice && strcmp(v->rows[j].why, v->rows[i].why) == 0;
        }
        if (!is_told) {
            (void)fprintf(out, "%s: %s\n", v->rows[i].why, v->rows[i].notice);
        }
    }
}

/* ---- steps */

static const char *step_name(const struct clock_view *v, int step, char ret[CLOCK_WORDS_SIZE])
{
    const struct standard_ladder *ladder = v->terms.ladder;
    int after = 0;

    if (step <= 100) {
        (void)snprintf(ret, CLOCK_WORDS_SIZE, "%d %%", step);
        return ret;
    }
    for (size_t i = 0; ladder && i < ladder->step_count; i++) {
        after += ladder->steps[i].percent == 0;
        if (ladder->steps[i].percent == 0 && after == step - 100) {
            char length[CLOCK_WORDS_SIZE];

            (void)snprintf(ret, CLOCK_WORDS_SIZE, "%.64s after",
                           clock_words_length(ladder->steps[i].after_us, length));
            return ret;
        }
    }
    (void)snprintf(ret, CLOCK_WORDS_SIZE, "%d. after", step - 100);
    return ret;
}

static void print_steps(const struct promise_history *h, const struct clock_view *v, FILE *out)
{
    static const char *const titles[] = {"STEP", "DUE", "TAKEN", ">LATE BY", "TOLD", "TARGET"};
    const bool was_retargeted = h->clock_version > 1;
    struct cli_table table = {.titles = titles, .count = was_retargeted ? 6 : 5};
    char text[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < h->step_count; i++) {
        const struct promise_history_step *s = &h->steps[i];

        cli_table_add(&table, "%s", step_name(v, s->step, text));
        cli_table_add(&table, "%s", clock_words_instant(v->zone, s->due_us, text));
        cli_table_add(&table, "%s", clock_words_instant(v->zone, s->taken_us, text));
        cli_table_add(&table, "%s", clock_words_length(s->taken_us - s->due_us, text));
        cli_table_add(&table, "%s", s->tell ? s->tell : "nobody in particular");
        if (was_retargeted) {
            cli_table_add(&table, "%d of %d", s->clock_version, h->clock_version);
        }
    }
    (void)fputs(h->step_count > 0 ? "\nSteps that were taken\n" : "\nno step was taken\n", out);
    cli_table_print(&table, out);
}

/* ---- the sum */

static void print_sums(const struct clock_view *v, FILE *out)
{
    char text[CLOCK_WORDS_SIZE];

    (void)fprintf(out, "\ncounted     %s\n", clock_words_length(v->counted_us, text));
    for (size_t i = 0; i < v->sum_count; i++) {
        const struct clock_view_sum *s = &v->sums[i];

        (void)fprintf(out, "%s%s: %s", i == 0 ? "not         " : "            ", s->reason,
                      clock_words_length(s->lasted_us, text));
        if (s->working_us > 0 && v->terms.calendar) {
            (void)fprintf(out, ", %s of it working time", clock_words_length(s->working_us, text));
        }
        (void)fputc('\n', out);
    }
}

/* Rounded so that the line adds up for whoever does it by hand. */
static void print_check(const struct promise_history *h, const struct clock_view *v, FILE *out)
{
    const int64_t counted_us = clock_words_seconds(v->counted_us) * DURATION_S;
    const int64_t target_us = clock_words_seconds(v->terms.target_us) * DURATION_S;
    const bool is_over = counted_us > target_us;
    char counted[CLOCK_WORDS_SIZE];
    char rest[CLOCK_WORDS_SIZE];
    char target[CLOCK_WORDS_SIZE];
    char due[CLOCK_WORDS_SIZE];

    (void)fprintf(
        out, "check       %s counted %s %s %s = %s promised; the intervals %s\n",
        clock_words_length(counted_us, counted), is_over ? "-" : "+",
        clock_words_length(is_over ? counted_us - target_us : target_us - counted_us, rest),
        is_over ? "over" : "remaining", clock_words_length(target_us, target),
        clock_view_adds_up(v) ? "add up" : "DO NOT ADD UP");
    if (!clock_view_agrees(h, v)) {
        (void)fprintf(out, "            intake keeps another due time: %s\n",
                      h->due_us == HISTORY_NO_TIME ? "none"
                                                   : clock_words_instant(v->zone, h->due_us, due));
    }
}

void clock_print(const struct promise_history *h, const struct clock_view *v, FILE *out)
{
    print_head(h, v, out);
    print_events(h, v, out);
    print_rows(v, out);
    print_notices(v, out);
    print_steps(h, v, out);
    print_sums(v, out);
    print_check(h, v, out);
}

/* ---- what if */

static void add_both(struct cli_table *t, const char *label, const char *a, const char *b)
{
    cli_table_add(t, "%s", label);
    cli_table_add(t, "%s", a);
    cli_table_add(t, "%s", b);
}

static const char *due_words(const struct clock_view *v, char ret[CLOCK_WORDS_SIZE])
{
    return v->due_us == CLOCK_NEVER ? "not as things stand"
                                    : clock_words_instant(v->zone, v->due_us, ret);
}

static const char *over_words(const struct clock_view *v, char ret[CLOCK_WORDS_SIZE])
{
    return v->stopped_us == CLOCK_NEVER ? "-" : clock_words_instant(v->zone, v->stopped_us, ret);
}

static void add_lengths(struct cli_table *t, const struct clock_view *v, const struct clock_view *w)
{
    char a[CLOCK_WORDS_SIZE];
    char b[CLOCK_WORDS_SIZE];
    const struct {
        const char *label;
        int64_t now_us, other_us;
    } rows[] = {
        {"promised",  v->terms.target_us,                 w->terms.target_us                },
        {"counted",   v->counted_us,                      w->counted_us                     },
        {"remaining", v->terms.target_us - v->counted_us, w->terms.target_us - w->counted_us},
        {"paused",    v->paused_us,                       w->paused_us                      },
        {"closed",    v->closed_us,                       w->closed_us                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        add_both(t, rows[i].label, clock_words_length(rows[i].now_us, a),
                 clock_words_length(rows[i].other_us, b));
    }
}

static void print_both(const struct promise_history *h, const struct clock_view *v,
                       const struct clock_other *other, FILE *out)
{
    const char *const titles[] = {"", "AS IT IS", other->path};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    const struct clock_view *w = other->view;
    char a[CLOCK_WORDS_SIZE];
    char b[CLOCK_WORDS_SIZE];
    char state[CLI_NAME_SIZE];

    add_both(&table, "rule", cli_text(v->terms.rule), cli_text(w->terms.rule));
    add_both(&table, "calendar", v->calendar_name, w->calendar_name);
    add_lengths(&table, v, w);
    add_both(&table, "due", due_words(v, a), due_words(w, b));
    add_both(&table, "over", over_words(v, a), over_words(w, b));
    add_both(&table, "so it is", state_words(h, state), clock_view_verdict(h, w));
    cli_table_print(&table, out);
}

void clock_print_other(const struct promise_history *h, const struct clock_view *v,
                       const struct clock_other *other, FILE *out)
{
    (void)fprintf(out, "\nThe same history under %s (%.8s)\n", other->path, other->hash);
    if (h->is_due_fixed) {
        (void)fputs("no standard changes it: a person promised this date\n", out);
        return;
    }
    if (!other->is_promised) {
        (void)fprintf(out, "rule %s would apply, and it promises no %s\n",
                      cli_text(other->view->terms.rule), h->kind);
        return;
    }
    print_both(h, v, other, out);
    if (other->needs_texts) {
        (void)fprintf(out,
                      "The words of its rules were not looked for, what was said is sealed: those "
                      "of its rule %s, if it has one, count as found.\n",
                      cli_text(h->case_rule));
    }
    if (other->needs_tier) {
        (void)fputs("The customer's tier was not looked at.\n", out);
    }
}
