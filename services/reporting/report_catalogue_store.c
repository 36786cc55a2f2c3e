/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_catalogue_store.h"

#include "common/base/xalloc.h"
#include "services/reporting/report_column.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/report_store.h"
#include "services/reporting/report_table.h"

static const struct db_query days = {
    .name = "report_catalogue_days",
    .sql = REPORT_CATALOGUE_DAYS,
    .shape = DB_ONE,
};

void report_catalogue_store_ask(struct db *db)
{
    report_store_begin(db);
    db_query(db, &days, NULL);
    db_commit(db);
}

static const char *const time_groups[] = {
    [GROUP_NONE] = "none", [GROUP_DAY] = "day", [GROUP_WEEK] = "week", [GROUP_MONTH] = "month"};

/* The usual one first. */
static void add_groups(const struct report_kind *kind, Troth__V1__ReportEntry *entry)
{
    const char *usual = kind->usual == GROUP_DIMENSION
                            ? figure_dimension_name(kind->usual_dimension)
                            : time_groups[kind->usual];

    entry->groups = xcalloc(DIMENSION_COUNT + GROUP_DIMENSION + 1, sizeof(char *));
    entry->groups[entry->n_groups++] = xstrdup(usual);
    for (int g = GROUP_NONE; g < GROUP_DIMENSION; g++) {
        if (kind->usual != (enum report_grouping)g &&
            report_has_time_group(kind, (enum report_grouping)g)) {
            entry->groups[entry->n_groups++] = xstrdup(time_groups[g]);
        }
    }
    for (int d = 1; d < DIMENSION_COUNT; d++) {
        const bool is_usual = kind->usual == GROUP_DIMENSION && (int)kind->usual_dimension == d;
        if ((kind->groups >> d & 1) != 0 && !is_usual) {
            entry->groups[entry->n_groups++] =
                xstrdup(figure_dimension_name((enum figure_dimension)d));
        }
    }
}

static void add_filters(const struct report_kind *kind, Troth__V1__ReportEntry *entry)
{
    entry->filters = xcalloc(DIMENSION_COUNT, sizeof(char *));
    for (int d = 1; d < DIMENSION_COUNT; d++) {
        if ((kind->filters >> d & 1) != 0) {
            entry->filters[entry->n_filters++] =
                xstrdup(figure_dimension_name((enum figure_dimension)d));
        }
    }
}

static Troth__V1__ReportEntry *entry_of(const struct report_kind *kind,
                                        enum report_language language)
{
    Troth__V1__ReportEntry *entry = xcalloc(1, sizeof(*entry));
    size_t count = 0;

    troth__v1__report_entry__init(entry);
    entry->name = xstrdup(kind->name);
    entry->title = xstrdup(kind->title.text[language]);
    entry->summary = xstrdup(kind->summary.text[language]);
    add_groups(kind, entry);
    add_filters(kind, entry);
    while (kind->columns[count].name != NULL) {
        count++;
    }
    entry->columns = xcalloc(count + 1, sizeof(Troth__V1__FigureColumn *));
    for (; entry->n_columns < count; entry->n_columns++) {
        entry->columns[entry->n_columns] =
            report_table_column(&kind->columns[entry->n_columns], language);
    }
    return entry;
}

Troth__V1__Catalogue *report_catalogue_store_take(const struct db_reply *reply,
                                                  const char *time_zone,
                                                  enum report_language language)
{
    const struct db_rows *rows = reply->rows[REPORT_STORE_FIRST];
    const struct report_kind *const *book;
    const size_t count = report_book_list(&book);
    Troth__V1__Catalogue *view = xcalloc(1, sizeof(*view));

    troth__v1__catalogue__init(view);
    view->time_zone = xstrdup(time_zone);
    view->first_day = report_store_text(rows, 0, 0);
    view->last_day = report_store_text(rows, 0, 1);
    view->reports = xcalloc(count + 1, sizeof(Troth__V1__ReportEntry *));
    for (; view->n_reports < count; view->n_reports++) {
        view->reports[view->n_reports] = entry_of(book[view->n_reports], language);
    }
    return view;
}
