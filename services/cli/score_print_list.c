/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/cli/cli_table.h"
#include "services/cli/score_labels.h"
#include "services/cli/score_print.h"

static const char *label(const struct score_print *p, enum score_label which)
{
    return score_label(which, p->is_chinese);
}

static const char *share_text(const struct score_print *p, double share, char ret[CLI_NAME_SIZE])
{
    (void)text_format(ret, CLI_NAME_SIZE, p->is_chinese ? "%.0f%%" : "%.0f %%", 100 * share);
    return ret;
}

/* ---- scores */

/* What is furthest below 0, or above it; NULL: nothing is. Where everybody starts is no reason. */
static const Troth__V1__Contribution *weighs_most(const Troth__V1__Score *s, bool is_best)
{
    const Troth__V1__Contribution *most = NULL;

    for (size_t i = 0; i < s->n_contributions; i++) {
        const Troth__V1__Contribution *c = s->contributions[i];
        double points = is_best ? c->points : -c->points;
        double best = most == NULL ? 0 : is_best ? most->points : -most->points;
        if (c->points_min < c->points_max && points > best) {
            most = c;
        }
    }
    return most;
}

static void add_why(const struct score_print *p, struct cli_table *table, const Troth__V1__Score *s)
{
    const Troth__V1__Contribution *most = weighs_most(s, p->is_best);

    if (most == NULL) {
        cli_table_add(table, "%s", "-");
    } else if (text_is_empty(most->because)) {
        cli_table_add(table, "%s %+.1f", score_word(cli_text(most->name), p->is_chinese),
                      most->points);
    } else {
        cli_table_add(table, "%s %+.1f%s%s", score_word(cli_text(most->name), p->is_chinese),
                      most->points, p->is_chinese ? "：" : ": ", most->because);
    }
}

static bool has_before(const Troth__V1__ScoreReply *reply)
{
    return reply->n_scores > 0 && reply->scores[0]->has_index_before;
}

void score_print_list(const struct score_print *p, const Troth__V1__ScoreReply *reply)
{
    const char *titles[7] = {label(p, SCORE_LABEL_CUSTOMER), label(p, SCORE_LABEL_INDEX_COLUMN)};
    size_t columns = 2;
    char text[CLI_NAME_SIZE];

    if (has_before(reply)) {
        titles[columns++] = label(p, SCORE_LABEL_BEFORE);
    }
    titles[columns++] = label(p, SCORE_LABEL_TIER_COLUMN);
    titles[columns++] = label(p, SCORE_LABEL_CHURN_COLUMN);
    titles[columns++] = label(p, SCORE_LABEL_TRUST_COLUMN);
    titles[columns++] = label(p, SCORE_LABEL_WHY);
    struct cli_table table = {.titles = titles, .count = columns};
    for (size_t i = 0; i < reply->n_scores; i++) {
        const Troth__V1__Score *s = reply->scores[i];

        cli_table_add(&table, "%s", cli_text(s->customer_number));
        cli_table_add(&table, "%.2f", s->index);
        if (has_before(reply)) {
            cli_table_add(&table, "%.2f", s->index_before);
        }
        cli_table_add(&table, "%s", score_word(cli_text(s->tier), p->is_chinese));
        cli_table_add(&table, "%s", share_text(p, s->churn, text));
        cli_table_add(&table, "%.2f", s->trust);
        add_why(p, &table, s);
    }
    if (reply->n_scores == 0) {
        (void)fprintf(p->out, "%s\n", label(p, SCORE_LABEL_NO_SCORES));
    }
    cli_table_print(&table, p->out);
}

/* ---- groups */

static enum score_label label_of(Troth__V1__TrustGrouping grouping)
{
    switch (grouping) {
    case TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_BRANCH:
        return SCORE_LABEL_BRANCH;
    case TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_TEAM:
        return SCORE_LABEL_TEAM;
    case TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_PROMISE_KIND:
        return SCORE_LABEL_PROMISE_KIND;
    case TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_COMPANY:
    case TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_UNSPECIFIED:
    case _TROTH__V1__TRUST_GROUPING_IS_INT_SIZE:
        break;
    }
    return SCORE_LABEL_WHO;
}

void score_print_groups(const struct score_print *p, Troth__V1__TrustGrouping grouping,
                        const Troth__V1__ScoreReply *reply)
{
    const char *const titles[] = {
        label(p, label_of(grouping)),
        label(p, SCORE_LABEL_TRUST_COLUMN),
        label(p, SCORE_LABEL_UNCERTAINTY_COLUMN),
        label(p, SCORE_LABEL_KEPT_COLUMN),
        label(p, SCORE_LABEL_LATE_COLUMN),
        label(p, SCORE_LABEL_BROKEN_COLUMN),
    };
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    bool is_kind = grouping == TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_PROMISE_KIND;

    for (size_t i = 0; i < reply->n_groups; i++) {
        const Troth__V1__GroupTrust *g = reply->groups[i];
        const char *name =
            text_is_empty(g->name) ? label(p, SCORE_LABEL_COMPANY) : cli_text(g->name);

        cli_table_add(&table, "%s", is_kind ? score_word(name, p->is_chinese) : name);
        cli_table_add(&table, "%.2f", g->trust);
        cli_table_add(&table, "%.2f", g->trust_uncertainty);
        cli_table_add(&table, "%" PRId64, g->kept);
        cli_table_add(&table, "%" PRId64, g->late);
        cli_table_add(&table, "%" PRId64, g->broken);
    }
    if (reply->n_groups == 0) {
        (void)fprintf(p->out, "%s\n", label(p, SCORE_LABEL_NO_GROUPS));
    }
    cli_table_print(&table, p->out);
}
