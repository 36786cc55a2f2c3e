/* SPDX-License-Identifier: Apache-2.0 */
/* skill_report_store.c - the report "skills": which skill the answers about a team, or somebody,
 * point to. One row for each of them and skill, the worst first. */
#include "common/base/text.h"
#include "common/model/group_difference.h"
#include "common/model/proportion.h"
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_labels.h"

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column columns[] = {
    {"answers", WORDS("Answers", "回答数"), WORDS("Items or answers about it.", "相关题项或回答数。"), UNIT(COUNT)},
    {"low", WORDS("Low", "偏低比例"), WORDS("Share of them that is low: worse than expected, below the middle of the scale, or no.", "低于期望、低于量表中点或回答“否”的比例。"), UNIT(SHARE), LESS_BETTER},
    {"mean", WORDS("Mean", "均值"), WORDS("Of SERVQUAL the gap (perception less expectation), of a question its answers.", "SERVQUAL 为差距（感知减期望），自有问题为得分。"), UNIT(SCORE)},
    {"who", WORDS("Who", "对象"), WORDS("The team or member of staff.", "团队或员工。"), UNIT(TEXT)},
    {"skill", WORDS("Skill", "技能"), WORDS("Dimension of SERVQUAL, or the company's own question.", "SERVQUAL 维度或自有问题。"), UNIT(TEXT)},
    {.name = NULL},
};

static const struct report_words notes[] = {
    WORDS("Answers of the last five weeks before each night are counted; few answers have wide intervals: no ranking without them.",
          "每晚统计此前五周的回答；回答少则区间宽，不可据此排名。"),
    {{NULL}},
};
/* clang-format on */

static const struct db_query skills = {
    .name = "skill_list",
    .sql = "SELECT s.name, s.skill, sum(s.answers)::float8, sum(s.low)::float8,"
           " sum(s.sum)::float8, sum(s.squares)::float8 FROM reporting.skill_day AS s"
           " WHERE s.day BETWEEN CAST($1::text AS date) AND CAST($2::text AS date)"
           " AND s.grouping = $3 AND ($4 = '' OR s.name = $4) GROUP BY s.name, s.skill"
           " ORDER BY sum(s.low)::float8 / sum(s.answers) DESC, sum(s.answers) DESC, 1, 2 LIMIT $5",
    .shape = DB_ROWS,
};

static bool is_by_staff(const struct report_frame *frame)
{
    return (frame->grouping == GROUP_DIMENSION && frame->dimension == DIMENSION_STAFF) ||
           report_frame_filter(frame, DIMENSION_STAFF)[0] != '\0';
}

static void ask(struct db *db, const struct report_frame *frame)
{
    struct db_params params = {.count = 0};
    bool is_staff = is_by_staff(frame);

    db_put_text(&params, frame->from_day);
    db_put_text(&params, frame->to_day);
    db_put_text(&params, is_staff ? "staff" : "team");
    db_put_text(&params, report_frame_filter(frame, is_staff ? DIMENSION_STAFF : DIMENSION_TEAM));
    db_put_int8(&params, (int64_t)frame->limit);
    db_query(db, &skills, &params);
    db_params_free(&params);
}

/* A dimension of SERVQUAL, or a question of the company's own. */
static const char *skill_label(const struct report_frame *frame, const char *skill,
                               struct text *words)
{
    const char *known = report_label(DIMENSION_SERVQUAL, skill, frame->language);

    return known != skill ? known : report_label_in(frame, DIMENSION_QUESTION, skill, words);
}

static void take(const struct db_reply *reply, size_t first, const struct report_frame *frame,
                 Troth__V1__FigureTable *table)
{
    const struct db_rows *rows = reply->rows[first];
    struct text words = {.data = NULL}, label = {.data = NULL};

    for (size_t row = 0; row < db_row_count(rows); row++) {
        const struct group_sums g = {db_get_float8(rows, row, 2), db_get_float8(rows, row, 4),
                                     db_get_float8(rows, row, 5)};
        double low = db_get_float8(rows, row, 3);
        const char *who = db_get_text(rows, row, 0);
        const char *skill = skill_label(frame, db_get_text(rows, row, 1), &words);
        struct interval i = proportion_wilson_95(low, g.count);
        char key[300];

        (void)text_format(key, sizeof(key), "%s/%s", who, db_get_text(rows, row, 1));
        text_clear(&label);
        text_appendf(&label, "%s: %s", who, skill);
        Troth__V1__FigureRow *r = report_table_add(table, key, label.data);
        report_cell_number(r, 0, g.count);
        report_cell_estimate(r, 1, low / g.count, i.low, i.high, (int64_t)g.count);
        if (group_mean_interval(&g, &i)) {
            report_cell_estimate(r, 2, group_mean(&g), i.low, i.high, (int64_t)g.count);
        }
        report_cell_text(r, 3, who);
        report_cell_text(r, 4, skill);
    }
    text_free(&words);
    text_free(&label);
}

const struct report_kind report_skills = {
    .name = "skills",
    .title = WORDS("Skills", "技能"),
    .summary = WORDS("Which skill the low answers about a team or somebody point to.",
                     "团队或员工的低分回答指向哪项技能。"),
    .columns = columns,
    .groups = BIT(TEAM) | BIT(STAFF),
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_TEAM,
    .filters = BIT(TEAM) | BIT(STAFF),
    .notes = notes,
    .ask = ask,
    .take = take,
};
