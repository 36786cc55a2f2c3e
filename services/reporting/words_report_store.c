/* SPDX-License-Identifier: Apache-2.0 */
/* words_report_store.c - the report "words": what customers speak of more than they did: the last
 * seven days of the range against the 28 before them. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/model/rate_ratio.h"
#include "services/reporting/report_book_private.h"

enum {
    DAYS_NOW = 7,
    DAYS_BEFORE = 28
};
#define SURPRISE_MIN 10.83 /* chi square, one degree of freedom: one in 1,000 */

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column columns[] = {
    {"kind", WORDS("Kind", "种类"), WORDS("A word, or the product of the case.", "词语或产品。"), UNIT(TEXT)},
    {"contacts", WORDS("Last 7 days", "近 7 天"), WORDS("Contacts with it in the last seven days.", "近七天含该词的来访数。"), UNIT(COUNT)},
    {"before", WORDS("28 days before", "此前 28 天"), WORDS("Contacts with it in the 28 days before those.", "此前 28 天含该词的来访数。"), UNIT(COUNT)},
    {"ratio", WORDS("Times as many a day", "日均倍数"), WORDS("Contacts a day now / before, with its interval.", "现在与此前日均来访数之比及其区间。"), UNIT(RATE), LESS_BETTER},
    {"surprise", WORDS("Surprise", "显著程度"), WORDS("Log-likelihood ratio; 10.83 is one in a thousand by chance.", "对数似然比；10.83 相当于千分之一的偶然。"), UNIT(SCORE)},
    {.name = NULL},
};

static const struct report_words notes[] = {
    WORDS("Words that fewer than five customers used on a day are not counted; days are those of UTC.",
          "一天中不足五位客户使用的词不计；日期按 UTC。"),
    WORDS("Many words are looked at: with a thousand of them one is here by chance.", "所考察的词很多：每千个词中约有一个是偶然出现。"),
    {{NULL}},
};
/* clang-format on */

/* $1: the last day. Both ends of a range may have no words at all. */
static const struct db_query rising = {
    .name = "words_rising",
    .sql = "SELECT w.kind, w.word,"
           " coalesce(sum(w.contacts) FILTER (WHERE w.day > CAST($1::text AS date) - 7), 0)::int8,"
           " coalesce(sum(w.contacts) FILTER (WHERE w.day <= CAST($1::text AS date) - 7), 0)::int8"
           " FROM intake.word_day_public AS w WHERE w.day <= CAST($1::text AS date)"
           " AND w.day > CAST($1::text AS date) - 35 GROUP BY w.kind, w.word"
           " HAVING sum(w.contacts) FILTER (WHERE w.day > CAST($1::text AS date) - 7) * 4"
           " > coalesce(sum(w.contacts) FILTER (WHERE w.day <= CAST($1::text AS date) - 7), 0)"
           " ORDER BY 3 DESC, 2 LIMIT 5000",
    .shape = DB_ROWS,
};

static void ask(struct db *db, const struct report_frame *frame)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, frame->to_day);
    db_query(db, &rising, &params);
    db_params_free(&params);
}

static void fill(const struct db_rows *rows, size_t row, const struct rate rates[2],
                 double surprise, Troth__V1__FigureTable *table)
{
    char key[200];
    struct interval i;

    (void)text_format(key, sizeof(key), "%s/%s", db_get_text(rows, row, 0),
                      db_get_text(rows, row, 1));
    Troth__V1__FigureRow *r = report_table_add(table, key, db_get_text(rows, row, 1));
    report_cell_text(r, 0, db_get_text(rows, row, 0));
    report_cell_number(r, 1, rates[1].events);
    report_cell_number(r, 2, rates[0].events);
    if (rates[0].events > 0 && rate_ratio_95(&rates[0], &rates[1], RATE_RATIO_MID_P, &i)) {
        double ratio = rates[1].events / DAYS_NOW / (rates[0].events / DAYS_BEFORE);
        report_cell_estimate(r, 3, ratio, i.low, i.high,
                             (int64_t)(rates[0].events + rates[1].events));
    }
    report_cell_number(r, 4, surprise);
}

static int by_surprise(const void *a, const void *b)
{
    const Troth__V1__FigureRow *left = *(Troth__V1__FigureRow *const *)a;
    const Troth__V1__FigureRow *right = *(Troth__V1__FigureRow *const *)b;
    double x = left->cells[4]->value, y = right->cells[4]->value;

    return (x < y) - (x > y);
}

static void take(const struct db_reply *reply, size_t first, const struct report_frame *frame,
                 Troth__V1__FigureTable *table)
{
    const struct db_rows *rows = reply->rows[first];

    (void)frame;
    for (size_t row = 0; row < db_row_count(rows); row++) {
        const struct rate rates[2] = {
            {(double)db_get_int(rows, row, 3), DAYS_BEFORE},
            {(double)db_get_int(rows, row, 2), DAYS_NOW   },
        };
        double surprise = rate_ratio_surprise(&rates[0], &rates[1]);
        if (surprise >= SURPRISE_MIN) {
            fill(rows, row, rates, surprise, table);
        }
    }
    if (table->n_rows > 0) {
        qsort(table->rows, table->n_rows, sizeof(Troth__V1__FigureRow *), by_surprise);
    }
}

const struct report_kind report_words_rising = {
    .name = "words",
    .title = WORDS("Words that rise", "上升词"),
    .summary = WORDS("What customers speak of more than in the weeks before.",
                     "客户近来提及更多的词与产品。"),
    .columns = columns,
    .usual = GROUP_NONE,
    .notes = notes,
    .ask = ask,
    .take = take,
};
