/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/score_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/currency.h"
#include "services/cli/cli_table.h"
#include "services/cli/score_bar.h"
#include "services/cli/score_labels.h"

#define LABEL_COLUMNS 14

static const char *label(const struct score_print *p, enum score_label which)
{
    return score_label(which, p->is_chinese);
}

/* ---- above the table */

/* Chinese words are two columns for each character. */
static void print_line(const struct score_print *p, enum score_label which, const struct text *text)
{
    size_t columns = text_columns(label(p, which));
    int padding = columns < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - columns) : 1;

    (void)fprintf(p->out, "%s%*s%s\n", label(p, which), padding, "", text_or_empty(text));
}

static const char *share_text(const struct score_print *p, double share, char ret[CLI_NAME_SIZE])
{
    (void)text_format(ret, CLI_NAME_SIZE, p->is_chinese ? "%.0f%%" : "%.0f %%", 100 * share);
    return ret;
}

static void print_head(const struct score_print *p, const Troth__V1__Score *s)
{
    char at[CLI_NAME_SIZE];

    (void)fprintf(p->out, "%s  %s %.2f %s", cli_text(s->customer_number),
                  label(p, SCORE_LABEL_INDEX), s->index, label(p, SCORE_LABEL_OF_100));
    if (!text_is_empty(s->tier)) {
        (void)fprintf(p->out, "  %s %s", label(p, SCORE_LABEL_TIER),
                      score_word(s->tier, p->is_chinese));
    }
    (void)fprintf(p->out, "  %s %s\n", label(p, SCORE_LABEL_AS_OF),
                  cli_time_text(s->has_as_of_us, s->as_of_us, at));
}

static void print_trust(const struct score_print *p, const Troth__V1__Score *s)
{
    struct text text = {.data = NULL};
    const char *comma = p->is_chinese ? "，" : ", ";

    if (s->has_trust) {
        text_appendf(&text, "%.2f%s%s %.2f%s%d %s%s%d %s", s->trust, comma,
                     label(p, SCORE_LABEL_UNCERTAINTY), s->trust_uncertainty,
                     p->is_chinese ? "；" : "; ", (int)s->promises_kept, label(p, SCORE_LABEL_KEPT),
                     comma, (int)s->promises_broken, label(p, SCORE_LABEL_BROKEN));
        print_line(p, SCORE_LABEL_TRUST, &text);
    }
    text_free(&text);
}

static void print_churn(const struct score_print *p, const Troth__V1__Score *s)
{
    struct text text = {.data = NULL};

    if (!text_is_empty(s->churn_level)) {
        char share[CLI_NAME_SIZE];
        text_append(&text, score_word(s->churn_level, p->is_chinese));
        text_append(&text, p->is_chinese ? "：" : ": ");
        /* The sentence begins with the share. */
        text_append(&text, text_is_empty(s->churn_because) ? share_text(p, s->churn, share)
                                                           : s->churn_because);
        print_line(p, SCORE_LABEL_CHURN, &text);
    }
    text_free(&text);
}

static void append_answers(const struct score_print *p, struct text *text, int32_t count)
{
    text_appendf(text, "%d %s", (int)count,
                 label(p, count == 1 ? SCORE_LABEL_ANSWER_ONE : SCORE_LABEL_ANSWERS));
}

static void print_answers(const struct score_print *p, const Troth__V1__Score *s)
{
    struct text text = {.data = NULL};

    if (s->has_csat_mean) {
        text_appendf(&text, "%.2f %s%s", s->csat_mean, label(p, SCORE_LABEL_OF_5),
                     p->is_chinese ? "" : " ");
        append_answers(p, &text, s->csat_count);
    }
    if (s->has_nps) {
        text_append(&text, text.len == 0 ? "" : p->is_chinese ? "；" : "; ");
        text_appendf(&text, p->is_chinese ? "NPS %+.0f，" : "NPS %+.0f in ", s->nps);
        append_answers(p, &text, s->nps_count);
    }
    if (text.len > 0) {
        print_line(p, SCORE_LABEL_SATISFACTION, &text);
    }
    text_free(&text);
}

static void append_money(struct text *text, int64_t minor, const char *currency)
{
    int digits = text_is_empty(currency) ? 2 : currency_digits(currency);

    text_appendf(text, "%.*f %s", digits, (double)minor / pow(10, digits), cli_text(currency));
}

static void print_value(const struct score_print *p, const Troth__V1__Score *s)
{
    struct text text = {.data = NULL};
    const char *comma = p->is_chinese ? "，" : ", ";

    if (s->has_expected_purchases) {
        text_appendf(&text, "%.1f %s", s->expected_purchases, label(p, SCORE_LABEL_EXPECTED));
    }
    if (s->has_expected_value_minor) {
        text_appendf(&text, "%s%s ", comma, label(p, SCORE_LABEL_WORTH));
        append_money(&text, s->expected_value_minor, s->currency);
    }
    if (s->has_alive) {
        char share[CLI_NAME_SIZE];
        text_appendf(&text, "%s%s %s", text.len > 0 ? comma : "", label(p, SCORE_LABEL_ALIVE),
                     share_text(p, s->alive, share));
    }
    if (!text_is_empty(s->rfm)) {
        text_appendf(&text, "%sRFM %s", text.len > 0 ? comma : "", s->rfm);
    }
    if (text.len > 0) {
        print_line(p, SCORE_LABEL_VALUE, &text);
    }
    text_free(&text);
}

static void print_rest(const struct score_print *p, const Troth__V1__Score *s)
{
    struct text text = {.data = NULL};

    if (s->has_merged_count) {
        text_appendf(
            &text, "%d %s", (int)s->merged_count,
            label(p, s->merged_count == 1 ? SCORE_LABEL_MERGED_ONE : SCORE_LABEL_MERGED_MANY));
        print_line(p, SCORE_LABEL_MERGED, &text);
        text_clear(&text);
    }
    if (s->has_replayed_index) {
        bool is_same = lround(100 * s->replayed_index) == lround(100 * s->index);
        text_appendf(&text, "%s %.2f",
                     label(p, is_same ? SCORE_LABEL_REPLAY_AGREES : SCORE_LABEL_REPLAY_DIFFERS),
                     s->replayed_index);
        if (!is_same) {
            text_appendf(&text, " (%+.2f)", s->replayed_index - s->index);
        }
        print_line(p, SCORE_LABEL_REPLAY, &text);
    }
    text_free(&text);
}

/* ---- contributions */

/* The points of a full side: what the widest of them can be. Where everybody starts is no bar. */
static double scale_of(const Troth__V1__Score *s)
{
    double scale = 1;

    for (size_t i = 0; i < s->n_contributions; i++) {
        const Troth__V1__Contribution *c = s->contributions[i];
        double most = fmax(fabs(c->points_min), fabs(c->points_max));
        if (c->points_min < c->points_max && most > scale) {
            scale = most;
        }
    }
    return scale;
}

static void print_contributions(const struct score_print *p, const Troth__V1__Score *s)
{
    const char *const titles[] = {label(p, SCORE_LABEL_POINTS), "", label(p, SCORE_LABEL_FROM),
                                  label(p, SCORE_LABEL_BECAUSE)};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    double scale = scale_of(s);
    char bar[SCORE_BAR_SIZE];

    for (size_t i = 0; i < s->n_contributions; i++) {
        const Troth__V1__Contribution *c = s->contributions[i];
        bool is_fixed = c->points_min >= c->points_max;

        cli_table_add(&table, "%+.2f", c->points);
        cli_table_add(&table, "%s", score_bar(is_fixed ? 0 : c->points, scale, bar));
        cli_table_add(&table, "%s", score_word(cli_text(c->name), p->is_chinese));
        cli_table_add(&table, "%s", cli_text(c->because));
    }
    cli_table_add(&table, "%.2f", s->index);
    cli_table_add(&table, "%s", "");
    cli_table_add(&table, "%s", label(p, SCORE_LABEL_SUM));
    cli_table_add(&table, "%s", label(p, SCORE_LABEL_SUM_OF_ALL));
    (void)fputc('\n', p->out);
    cli_table_print(&table, p->out);
}

/* ---- evidence and moves */

static bool is_money(const Troth__V1__Evidence *e)
{
    return strcmp(cli_text(e->kind), "purchase") == 0 || strcmp(cli_text(e->kind), "refund") == 0;
}

/* currency: of money; NULL: several, so only the figure as it is. */
static void add_evidence(const struct score_print *p, struct cli_table *table, const char *from,
                         const char *currency, const Troth__V1__Evidence *e)
{
    char at[CLI_NAME_SIZE];
    struct text money = {.data = NULL};

    cli_table_add(table, "%s", from);
    cli_table_add(table, "%s", cli_time_text(e->has_at_us, e->at_us, at));
    cli_table_add(table, "%s", score_word(cli_text(e->kind), p->is_chinese));
    cli_table_add(table, "%s", cli_text(e->subject));
    if (is_money(e) && !text_is_empty(currency)) {
        append_money(&money, (int64_t)llround(e->value), currency);
        cli_table_add(table, "%s", text_or_empty(&money));
    } else {
        cli_table_add(table, "%.10g", e->value);
    }
    text_free(&money);
    if (e->has_weight) {
        cli_table_add(table, "%.2f", e->weight);
    } else {
        cli_table_add(table, "%s", "-");
    }
    cli_table_add(table, "%s", cli_text(e->event));
}

static void print_evidence(const struct score_print *p, const Troth__V1__Score *s)
{
    const char *const titles[] = {
        label(p, SCORE_LABEL_FROM),    label(p, SCORE_LABEL_TIME),   label(p, SCORE_LABEL_KIND),
        label(p, SCORE_LABEL_SUBJECT), label(p, SCORE_LABEL_ANSWER), label(p, SCORE_LABEL_WEIGHT),
        label(p, SCORE_LABEL_EVENT),
    };
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};

    for (size_t i = 0; i < s->n_contributions; i++) {
        const Troth__V1__Contribution *c = s->contributions[i];
        for (size_t k = 0; k < c->n_evidence; k++) {
            add_evidence(p, &table, score_word(cli_text(c->name), p->is_chinese), s->currency,
                         c->evidence[k]);
        }
    }
    for (size_t i = 0; i < s->n_complaints; i++) {
        add_evidence(p, &table, label(p, SCORE_LABEL_CHURN), s->currency, s->complaints[i]);
    }
    if (table.cell_count > 0) {
        (void)fprintf(p->out, "\n%s\n", label(p, SCORE_LABEL_EVIDENCE));
    }
    cli_table_print(&table, p->out);
}

static void print_moves(const struct score_print *p, const Troth__V1__Score *s)
{
    const char *const titles[] = {
        label(p, SCORE_LABEL_TIME),     label(p, SCORE_LABEL_MOVE),   label(p, SCORE_LABEL_BEFORE),
        label(p, SCORE_LABEL_AFTER),    label(p, SCORE_LABEL_REASON), label(p, SCORE_LABEL_EVENT),
        label(p, SCORE_LABEL_CUSTOMER),
    };
    struct cli_table table = {.titles = titles, .count = s->has_merged_count ? 7 : 6};
    char at[CLI_NAME_SIZE];

    for (size_t i = 0; i < s->n_history; i++) {
        const Troth__V1__IndexMove *m = s->history[i];

        cli_table_add(&table, "%s", cli_time_text(m->has_at_us, m->at_us, at));
        cli_table_add(&table, "%+.2f", m->after - m->before);
        cli_table_add(&table, "%.2f", m->before);
        cli_table_add(&table, "%.2f", m->after);
        cli_table_add(&table, "%s", score_word(cli_text(m->reason), p->is_chinese));
        cli_table_add(&table, "%s", cli_text(m->event));
        if (s->has_merged_count) {
            cli_table_add(&table, "%s", cli_text(m->customer_number));
        }
    }
    if (s->n_history > 0) {
        (void)fprintf(p->out, "\n%s\n", label(p, SCORE_LABEL_MOVES));
    }
    cli_table_print(&table, p->out);
}

void score_print_one(const struct score_print *p, const Troth__V1__Score *s)
{
    print_head(p, s);
    print_trust(p, s);
    print_churn(p, s);
    print_answers(p, s);
    print_value(p, s);
    print_rest(p, s);
    print_contributions(p, s);
    if (p->has_evidence) {
        print_evidence(p, s);
    }
    print_moves(p, s);
}
