/* SPDX-License-Identifier: Apache-2.0 */
/* figure_text.h - one figure of a report as text: its value, what it may be off by, what it was
 * before. Pure. */
#ifndef TROTH_COMMON_DOMAIN_FIGURE_TEXT_H
#define TROTH_COMMON_DOMAIN_FIGURE_TEXT_H

#include <stdbool.h>

#include "common/base/text.h"
#include "report.pb-c.h"

/* Appends "87 % (81, 92)", "3 h 20 min", "12", "4.21"; "-" for a figure without a value. With the
 * period before: " was 80 %". In Chinese "3 小时 20 分", "，前期 80 %". */
void figure_text_append(const Troth__V1__FigureColumn *column, const Troth__V1__FigureCell *cell,
                        bool is_chinese, struct text *out);

#define FIGURE_BAR_CELLS 20
/* Three bytes for each cell and the NUL. */
#define FIGURE_BAR_SIZE (3 * FIGURE_BAR_CELLS + 1)

/* A bar to scale, in eighths of a cell, and never nothing for what is above 0. scale: the value of
 * a full bar, above 0; a value below 0 has none. */
const char *figure_bar(double value, double scale, char ret[FIGURE_BAR_SIZE]);

#endif
