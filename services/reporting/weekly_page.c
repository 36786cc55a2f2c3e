/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_page.h"

#include <math.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/domain/figure_text.h"
#include "common/runtime/mail_text.h"
#include "services/reporting/weekly_chart.h"

enum word {
    WORD_TITLE,
    WORD_TO,
    WORD_DAYS_IN,
    WORD_BEFORE,
    WORD_TOTAL,
    WORD_DASHBOARD,
    WORD_NOTHING,
    WORD_COUNT,
};

static const char *word(const struct weekly_page *page, enum word which)
{
    static const char *const words[WORD_COUNT][2] = {
        [WORD_TITLE] = {"Weekly report",                  "服务周报"         },
        [WORD_TO] = {"to",                             "至"                  },
        [WORD_DAYS_IN] = {"Days in",                        "日期时区"         },
        [WORD_BEFORE] = {"The period before:",             "前期："            },
        [WORD_TOTAL] = {"All",                            "合计"               },
        [WORD_DASHBOARD] = {"Open the dashboard",             "打开仪表盘"      },
        [WORD_NOTHING] = {"Nothing happened in this week.", "本周没有记录。"},
    };

    return words[which][page->is_chinese ? 1 : 0];
}

/* ---- style: black on white on paper, dark where the reader's system is */

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--bar:#0b6bcb;"
    "--page:#fff}"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--line:#3d444d;"
    "--bar:#58a6ff;--page:#0d1117}}"
    "body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--page);color:var(--ink);"
    "font:15px/1.5 system-ui,-apple-system,'Segoe UI','Noto Sans SC','PingFang SC',"
    "'Microsoft YaHei',sans-serif}"
    "h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .3rem}"
    "p{margin:.3rem 0}.soft{color:var(--soft)}a{color:var(--bar)}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0;font-size:.9rem}"
    "th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:left;"
    "white-space:nowrap}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "tr.total td,tr.total th{font-weight:600}"
    "svg{max-width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}"
    "svg .bar{fill:var(--bar)}svg .off{stroke:var(--ink);stroke-width:1.5}"
    "svg .axis{stroke:var(--line)}svg .soft{fill:var(--soft)}"
    "@media print{body{max-width:none}h2{break-after:avoid}svg,tr{break-inside:avoid}}";

/* ---- a section */

static bool is_number(const Troth__V1__FigureColumn *column)
{
    return column->unit != TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_TEXT &&
           column->unit != TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DAY;
}

static void append_cells(const struct weekly_page *page, const Troth__V1__FigureTable *table,
                         const Troth__V1__FigureRow *row, struct text *out)
{
    struct text figure = {.data = NULL};

    for (size_t i = 0; i < table->n_columns; i++) {
        text_clear(&figure);
        figure_text_append(table->columns[i], row->cells[i], page->is_chinese, &figure);
        text_appendf(out, "<td%s>", is_number(table->columns[i]) ? " class=\"n\"" : "");
        html_append_text(text_or_empty(&figure), out);
        text_append(out, "</td>");
    }
    text_free(&figure);
}

static void append_row(const struct weekly_page *page, const Troth__V1__FigureTable *table,
                       const Troth__V1__FigureRow *row, const char *label, struct text *out)
{
    text_appendf(out, "<tr%s><th scope=\"row\">", row == table->total ? " class=\"total\"" : "");
    html_append_text(label, out);
    text_append(out, "</th>");
    append_cells(page, table, row, out);
    text_append(out, "</tr>\n");
}

static void append_table(const struct weekly_page *page, const Troth__V1__FigureTable *table,
                         struct text *out)
{
    text_append(out, "<div class=\"wide\"><table><thead><tr><th scope=\"col\"></th>");
    for (size_t i = 0; i < table->n_columns; i++) {
        text_appendf(out, "<th scope=\"col\"%s>",
                     is_number(table->columns[i]) ? " class=\"n\"" : "");
        html_append_text(table->columns[i]->label, out);
        text_append(out, "</th>");
    }
    text_append(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < table->n_rows; i++) {
        append_row(page, table, table->rows[i], weekly_chart_label(table->rows[i]), out);
    }
    if (table->total) {
        append_row(page, table, table->total, word(page, WORD_TOTAL), out);
    }
    text_append(out, "</tbody></table></div>\n");
}

static void append_section(const struct weekly_page *page, const struct weekly_section *section,
                           struct text *out)
{
    const Troth__V1__FigureTable *table = section->table;

    text_append(out, "<section><h2>");
    html_append_text(table->title, out);
    text_append(out, "</h2>\n");
    if (table->n_rows == 0 && !table->total) {
        text_appendf(out, "<p class=\"soft\">%s</p>", word(page, WORD_NOTHING));
    } else {
        weekly_chart_append(section, page->is_chinese, out);
        append_table(page, table, out);
    }
    for (size_t i = 0; i < table->n_notes; i++) {
        text_append(out, "<p class=\"soft\">");
        html_append_text(table->notes[i], out);
        text_append(out, "</p>\n");
    }
    text_append(out, "</section>\n");
}

/* ---- the page */

void weekly_page_title(const struct weekly_page *page, struct text *out)
{
    text_appendf(out, "%s %s %s %s", word(page, WORD_TITLE), page->from_day, word(page, WORD_TO),
                 page->to_day);
}

static void append_head(const struct weekly_page *page, struct text *out)
{
    text_appendf(out, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">",
                 page->is_chinese ? "zh-Hans" : "en");
    text_append(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    /* Nothing from anywhere: what stands here is all. */
    text_append(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                     " style-src 'unsafe-inline'\"><title>");
    weekly_page_title(page, out);
    text_appendf(out, "</title><style>%s</style></head>\n<body><header><h1>", style);
    weekly_page_title(page, out);
    text_appendf(out, "</h1><p class=\"soft\">%s ", word(page, WORD_DAYS_IN));
    html_append_text(page->time_zone, out);
    const Troth__V1__FigureTable *first = page->section_count > 0 ? page->sections[0].table : NULL;
    if (first && !text_is_empty(first->before_from_day)) {
        text_appendf(out, ". %s %s %s %s", word(page, WORD_BEFORE), first->before_from_day,
                     word(page, WORD_TO), first->before_to_day);
    }
    text_append(out, "</p>");
    if (!text_is_empty(page->dashboard_url)) {
        text_append(out, "<p><a href=\"");
        html_append_text(page->dashboard_url, out);
        text_appendf(out, "\">%s</a></p>", word(page, WORD_DASHBOARD));
    }
    text_append(out, "</header>\n");
}

void weekly_page_append(const struct weekly_page *page, struct text *out)
{
    append_head(page, out);
    text_append(out, "<main>\n");
    for (size_t i = 0; i < page->section_count; i++) {
        append_section(page, &page->sections[i], out);
    }
    text_append(out, "</main></body></html>\n");
}

void weekly_page_append_plain(const struct weekly_page *page, struct text *out)
{
    weekly_page_title(page, out);
    text_append(out, "\n");
    for (size_t i = 0; i < page->section_count; i++) {
        const Troth__V1__FigureTable *table = page->sections[i].table;
        text_appendf(out, "\n%s\n", table->title);
        for (size_t k = 0; table->total && k < table->n_columns; k++) {
            text_appendf(out, "  %s: ", table->columns[k]->label);
            figure_text_append(table->columns[k], table->total->cells[k], page->is_chinese, out);
            text_append(out, "\n");
        }
    }
    if (!text_is_empty(page->dashboard_url)) {
        text_appendf(out, "\n%s\n", page->dashboard_url);
    }
}
