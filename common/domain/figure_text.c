/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/figure_text.h"

#include <math.h>
#include <string.h>

#include "common/base/duration.h"

/* ---- figures */

static void append_duration(double value_us, bool is_chinese, struct text *out)
{
    static const struct {
        const char *unit, *chinese;
    } units[] = {
        {"d",   "天"   },
        {"h",   "小时"},
        {"min", "分"   },
        {"s",   "秒"   },
        {"ms",  "毫秒"},
        {"us",  "微秒"},
    };
    char duration[DURATION_TEXT_SIZE];
    char *rest = NULL;

    (void)duration_for_people(llround(value_us), duration);
    if (!is_chinese) {
        text_append(out, duration);
        return;
    }
    const char *gap = "";
    for (char *word = strtok_r(duration, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const char *shown = word;
        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
            shown = strcmp(word, units[i].unit) == 0 ? units[i].chinese : shown;
        }
        text_appendf(out, "%s%s", gap, shown);
        gap = " ";
    }
}

/* Money stands in minor units of its row's currency: hundredths in nearly all of them, and the
 * currency beside it says so. */
static void append_value(Troth__V1__FigureUnit unit, double value, bool is_chinese,
                         struct text *out)
{
    switch (unit) {
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_COUNT:
        text_appendf(out, "%.0f", value);
        break;
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_SHARE:
        text_appendf(out, "%.0f %%", 100 * value);
        break;
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DURATION:
        append_duration(value, is_chinese, out);
        break;
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_MONEY:
        text_appendf(out, "%.2f", value / 100);
        break;
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_SCORE:
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_RATE:
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_TEXT:
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_DAY:
    case TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_UNSPECIFIED:
    case _TROTH__V1__FIGURE_UNIT_IS_INT_SIZE:
        text_appendf(out, "%.2f", value);
        break;
    }
}

/* Within an interval the unit of a share is said once, before it. */
static void append_bound(Troth__V1__FigureUnit unit, double value, bool is_chinese,
                         struct text *out)
{
    if (unit == TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_SHARE) {
        text_appendf(out, "%.0f", 100 * value);
    } else {
        append_value(unit, value, is_chinese, out);
    }
}

void figure_text_append(const Troth__V1__FigureColumn *column, const Troth__V1__FigureCell *cell,
                        bool is_chinese, struct text *out)
{
    if (!text_is_empty(cell->text)) {
        text_append(out, cell->text);
        return;
    }
    if (!cell->has_value) {
        text_append(out, "-");
        return;
    }
    append_value(column->unit, cell->value, is_chinese, out);
    if (cell->has_low && cell->has_high) {
        text_append(out, " (");
        append_bound(column->unit, cell->low, is_chinese, out);
        text_append(out, ", ");
        append_bound(column->unit, cell->high, is_chinese, out);
        text_append(out, ")");
    }
    if (cell->has_before) {
        text_append(out, is_chinese ? "，前期 " : " was ");
        append_value(column->unit, cell->before, is_chinese, out);
    }
}

/* ---- bars */

const char *figure_bar(double value, double scale, char ret[FIGURE_BAR_SIZE])
{
    static const char *const parts[] = {"",       "\u258f", "\u258e", "\u258d",
                                        "\u258c", "\u258b", "\u258a", "\u2589"};
    size_t used = 0;
    double share = value / scale;
    int eighths = share >= 1 ? 8 * FIGURE_BAR_CELLS : (int)lround(8 * FIGURE_BAR_CELLS * share);

    if (value > 0 && eighths == 0) {
        eighths = 1;
    }
    for (; eighths >= 8; eighths -= 8) {
        (void)text_copy(ret + used, FIGURE_BAR_SIZE - used, "\u2588");
        used += strlen("\u2588");
    }
    (void)text_copy(ret + used, FIGURE_BAR_SIZE - used, parts[eighths > 0 ? eighths : 0]);
    return ret;
}
