/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/forecast_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_content.h"
#include "common/model/proportion.h"
#include "services/cli/cli_table.h"

#define SAFE_SHARE 0.8
#define CASES_MIN  30   /* intake says nothing about a promise with fewer */
#define Z_95       1.96 /* of the normal distribution */

/* ---- targets of the standard in force */

struct targets {
    int64_t shortest_us, longest_us; /* shortest_us 0: the standard promises no such thing */
};

/* Which calendar a promise with that of the branch has is the branch's affair: any may be. */
static bool may_have_calendar(const struct standard_content *c, const struct standard_rule *rule,
                              size_t promise, const char *calendar)
{
    if (!rule->is_by_branch[promise]) {
        return strcmp(calendar_name(rule->decision.promises[promise].calendar), calendar) == 0;
    }
    return calendar_book_find(c->calendars, calendar) || strcmp(calendar_name(NULL), calendar) == 0;
}

static struct targets targets_of(const struct standard *s, const struct forecast_figure *f)
{
    const struct standard_content *c = s ? standard_content(s) : NULL;
    struct targets t = {0, 0};

    for (size_t i = 0; c && i < c->rule_count; i++) {
        const struct standard_decision *d = &c->rules[i].decision;

        for (size_t j = 0; j < d->promise_count; j++) {
            const int64_t us = d->promises[j].target_us;

            if (!d->owner_team || strcmp(d->owner_team, f->owner_team) != 0 ||
                strcmp(d->promises[j].kind, f->kind) != 0 ||
                !may_have_calendar(c, &c->rules[i], j, f->calendar)) {
                continue;
            }
            t.shortest_us = t.shortest_us == 0 || us < t.shortest_us ? us : t.shortest_us;
            t.longest_us = us > t.longest_us ? us : t.longest_us;
        }
    }
    return t;
}

/* ---- what a curve says */

static bool is_known(const struct forecast_figure *f, int64_t us)
{
    return f->past_cases >= CASES_MIN && us != SURVIVAL_NEVER && us <= f->known_us;
}

struct share {
    bool is_known;
    double done, low, high; /* low and high: 95 %, by the standard error of the curve */
};

static struct share done_within(const struct forecast_figure *f, int64_t us)
{
    const struct survival_step *step = survival_curve_at(f->steps, f->step_count, us);
    const double done = step ? 1.0 - step->open : 0.0;
    const double doubt = step ? Z_95 * step->error : 0.0;

    return (struct share){us > 0 && is_known(f, us), done, fmax(done - doubt, 0.0),
                          fmin(done + doubt, 1.0)};
}

/* Whole days would be misread: a day of a calendar has fewer than 24 hours. */
static const char *hours(int64_t us, char ret[DURATION_TEXT_SIZE])
{
    if (us < 2 * DURATION_H) {
        return duration_for_people(us, ret);
    }
    (void)snprintf(ret, DURATION_TEXT_SIZE, "%.1f h", (double)us / (double)DURATION_H);
    return ret;
}

static void add_time(struct cli_table *t, const struct forecast_figure *f, double share)
{
    const int64_t us = survival_curve_time(f->steps, f->step_count, share);
    char text[DURATION_TEXT_SIZE];

    cli_table_add(t, "%s", is_known(f, us) ? hours(us, text) : "-");
}

static void add_target(struct cli_table *table, const struct forecast_figure *f, struct targets t)
{
    char shortest[DURATION_TEXT_SIZE], longest[DURATION_TEXT_SIZE];
    const struct share least = done_within(f, t.shortest_us);
    const struct share most = done_within(f, t.longest_us);

    if (t.shortest_us == 0) {
        cli_table_add(table, "-");
    } else if (t.shortest_us == t.longest_us) {
        cli_table_add(table, "%s", hours(t.shortest_us, shortest));
    } else {
        cli_table_add(table, "%s to %s", hours(t.shortest_us, shortest),
                      hours(t.longest_us, longest));
    }
    if (!least.is_known || !most.is_known) {
        cli_table_add(table, "-");
    } else if (t.shortest_us == t.longest_us) {
        cli_table_add(table, "%.0f %% (%.0f to %.0f)", 100 * least.done, 100 * least.low,
                      100 * least.high);
    } else {
        cli_table_add(table, "%.0f %% to %.0f %%", 100 * least.done, 100 * most.done);
    }
}

static void print_curves(const struct forecast_report *r)
{
    static const char *const titles[] = {"PROMISE",  "TEAM",     "CALENDAR", ">PAST",   ">DONE",
                                         ">HALF IN", ">80 % IN", ">TARGET",  ">IN TIME"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    char text[CLI_NAME_SIZE];

    if (r->figures.count == 0) {
        (void)puts(
            "No forecasts yet: intake computes them once an hour, for each kind of promise,\n"
            "team and calendar with 30 past promises.");
        return;
    }
    (void)printf("How long promises took, of the last 365 days, as of %s\n\n",
                 cli_time_text(1, r->figures.rows[0].computed_us, text));
    for (size_t i = 0; i < r->figures.count; i++) {
        const struct forecast_figure *f = &r->figures.rows[i];

        cli_table_add(&table, "%s", f->kind);
        cli_table_add(&table, "%s", f->owner_team[0] ? f->owner_team : "-");
        cli_table_add(&table, "%s", f->calendar);
        cli_table_add(&table, "%" PRId64, f->past_cases);
        cli_table_add(&table, "%" PRId64, f->kept_cases);
        add_time(&table, f, 0.5);
        add_time(&table, f, SAFE_SHARE);
        add_target(&table, f, targets_of(r->standard, f));
    }
    cli_table_print(&table, stdout);
    (void)puts(
        "\nHours are those of the calendar, without the time waited for the customer. PAST: "
        "promises\n"
        "made; DONE: kept, in time or late. What is not done counts as taking longer than it has\n"
        "taken so far. IN TIME: the share done within the target of today, and in brackets what "
        "it\n"
        "may really be (95 %). '-': not known. With fewer than 30 past promises, or where most "
        "were\n"
        "not watched for so long, receipts say nothing.");
}

/* ---- how good they were */

static void add_bin(struct cli_table *t, const struct calibration_bin *b)
{
    const struct interval i = proportion_wilson_95((double)b->kept, (double)b->count);

    cli_table_add(t, "%" PRId64, b->count);
    cli_table_add(t, "%.0f %%", 100 * b->chances / (double)b->count);
    cli_table_add(t, "%.0f %%", 100 * (double)b->kept / (double)b->count);
    cli_table_add(t, "%.0f to %.0f %%", 100 * i.low, 100 * i.high);
    cli_table_add(t, "%s", calibration_verdict(b));
}

static void print_calibration(const struct forecast_report *r)
{
    static const char *const titles[] = {"CHANCE SAID", ">PROMISES",   ">MEAN",
                                         ">KEPT",       ">95 % RANGE", "THEY WERE KEPT"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    const struct calibration *c = &r->calibration;
    const struct calibration_bin all = calibration_all(c);
    char text[CLI_NAME_SIZE];

    (void)printf("\nHow good the forecasts were: promises made since %s\n",
                 cli_time_text(1, r->since_us, text));
    (void)printf("%" PRId64 " with a forecast are over; %" PRId64 " are not due yet; %" PRId64
                 " ended otherwise (another date or target, withdrawn, waived)\n",
                 all.count, c->waiting, c->other);
    if (all.count == 0) {
        return;
    }
    (void)puts("");
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        if (c->bins[i].count > 0) {
            cli_table_add(&table, "%d to %d %%", 10 * i, 10 * i + 10);
            add_bin(&table, &c->bins[i]);
        }
    }
    cli_table_add(&table, "all");
    add_bin(&table, &all);
    cli_table_print(&table, stdout);
    (void)printf("\nOf a hundred promises with a chance of 70 %%, seventy should be kept in time; "
                 "where what was\n"
                 "said lies outside the range, more is behind it than luck. Brier score %.3f: 0 is "
                 "perfect;\n"
                 "who had always said %.0f %%, the share of all, would have %.3f.\n",
                 calibration_brier(&all), 100 * (double)all.kept / (double)all.count,
                 calibration_brier_of_share(&all));
}

void forecast_print_tables(const struct forecast_report *r)
{
    print_curves(r);
    print_calibration(r);
}

/* ---- JSON */

static void set_time(json_t *json, const char *name, bool is_set, int64_t us)
{
    if (is_set) {
        json_object_set_new(json, name, json_integer(us));
    }
}

static json_t *figure_to_json(const struct forecast_report *r, const struct forecast_figure *f)
{
    const int64_t half_us = survival_curve_time(f->steps, f->step_count, 0.5);
    const int64_t safe_us = survival_curve_time(f->steps, f->step_count, SAFE_SHARE);
    const struct targets t = targets_of(r->standard, f);
    const struct share least = done_within(f, t.shortest_us);
    const struct share most = done_within(f, t.longest_us);
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "kind", f->kind, "owner_team", f->owner_team,
                  "calendar", f->calendar, "computed_us", (json_int_t)f->computed_us, "past_cases",
                  (json_int_t)f->past_cases, "kept_cases", (json_int_t)f->kept_cases);

    set_time(json, "half_done_us", is_known(f, half_us), half_us);
    set_time(json, "safe_us", is_known(f, safe_us), safe_us);
    set_time(json, "shortest_target_us", t.shortest_us > 0, t.shortest_us);
    set_time(json, "longest_target_us", t.longest_us > 0, t.longest_us);
    if (least.is_known) {
        json_object_set_new(json, "done_within_shortest", json_real(least.done));
    }
    if (most.is_known) {
        json_object_set_new(json, "done_within_longest", json_real(most.done));
    }
    return json;
}

static json_t *bin_to_json(const struct calibration_bin *b)
{
    const struct interval i = proportion_wilson_95((double)b->kept, (double)b->count);
    json_t *json =
        json_pack("{s:I, s:I}", "promises", (json_int_t)b->count, "kept", (json_int_t)b->kept);

    if (b->count > 0) {
        json_object_set_new(json, "mean_chance", json_real(b->chances / (double)b->count));
        json_object_set_new(json, "low", json_real(i.low));
        json_object_set_new(json, "high", json_real(i.high));
        json_object_set_new(json, "brier", json_real(calibration_brier(b)));
    }
    return json;
}

void forecast_print_json(const struct forecast_report *r)
{
    const struct calibration_bin all = calibration_all(&r->calibration);
    json_t *curves = json_array();
    json_t *bins = json_array();
    json_t *json;

    for (size_t i = 0; i < r->figures.count; i++) {
        json_array_append_new(curves, figure_to_json(r, &r->figures.rows[i]));
    }
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        json_t *bin = bin_to_json(&r->calibration.bins[i]);

        json_object_set_new(bin, "from_percent", json_integer((json_int_t)10 * i));
        json_array_append_new(bins, bin);
    }
    json = json_pack("{s:o, s:{s:I, s:I, s:I, s:o, s:o}}", "curves", curves, "calibration",
                     "since_us", (json_int_t)r->since_us, "not_due",
                     (json_int_t)r->calibration.waiting, "ended_otherwise",
                     (json_int_t)r->calibration.other, "all", bin_to_json(&all), "bins", bins);
    cli_put_json(json, stdout);
}
