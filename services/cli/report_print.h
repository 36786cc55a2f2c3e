/* SPDX-License-Identifier: Apache-2.0 */
/* report_print.h - a report in the terminal: its table, with one column as bars to scale. */
#ifndef TROTH_SERVICES_CLI_REPORT_PRINT_H
#define TROTH_SERVICES_CLI_REPORT_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report.pb-c.h"

#define REPORT_NO_BAR ((size_t)-1)

struct report_print {
    size_t bar; /* the column that is drawn; REPORT_NO_BAR: none */
    bool is_chinese;
    FILE *out;
};

/* The column of that name; NULL: the first that can be drawn. REPORT_NO_BAR: there is none. */
size_t report_print_bar_column(const Troth__V1__FigureTable *table, const char *name);

void report_print_table(const struct report_print *p, const Troth__V1__FigureTable *table);
void report_print_catalogue(const Troth__V1__Catalogue *catalogue, FILE *out);
void report_print_cases(const Troth__V1__CaseList *list, FILE *out);

#endif
