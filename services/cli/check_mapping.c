/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/check_mapping.h"

#include <inttypes.h>
#include <stdio.h>

#include "services/cli/cli_table.h"
#include "services/cli/import_rows.h"
#include "services/cli/import_tally.h"
#include "services/cli/mapping.h"

static void show_row(const struct import_row *row)
{
    if (row->refused.code[0]) {
        (void)printf("# line %zu: refused: %s (%s)\n", row->fields->line, row->refused.text,
                     row->refused.code);
        return;
    }
    (void)printf("# line %zu: %zu records\n", row->fields->line, row->record_count);
    for (size_t i = 0; i < row->record_count; i++) {
        cli_print_json(&row->records[i]->base, stdout);
    }
}

static int read_rows(struct import_rows *rows, int64_t rows_shown, struct import_tally *tally,
                     struct err *err)
{
    struct import_row row;
    int got;

    while ((got = import_rows_next(rows, &row, err)) == 1) {
        if (tally->rows++ < rows_shown) {
            show_row(&row);
        }
        if (row.refused.code[0]) {
            import_tally_refuse_row(tally, row.refused.code, row.refused.field);
        }
        tally->rows_empty += !row.refused.code[0] && row.record_count == 0;
        tally->records += (int64_t)row.record_count;
    }
    return got;
}

static void print_summary(const struct cli *cli, struct import_tally *tally)
{
    if (cli->is_json) {
        import_tally_print_json(tally, 0, NULL, stdout);
        return;
    }
    import_tally_print_reasons(tally, stdout);
    (void)printf("check: rows=%" PRId64 " rows_unmapped=%" PRId64 " rows_empty=%" PRId64
                 " records=%" PRId64 "\n",
                 tally->rows, tally->rows_unmapped, tally->rows_empty, tally->records);
}

int check_mapping(struct cli *cli, const char *mapping_path, const char *csv_path,
                  int64_t rows_shown)
{
    struct err err = ERR_NONE;
    struct import_tally tally = {.rows = 0};
    struct import_rows *rows;
    struct mapping *m;
    int rc;

    if (!csv_path) {
        m = mapping_load(mapping_path, &err);
        if (!m) {
            return cli_fail(cli, CLI_USAGE, &err);
        }
        (void)printf("%s: mapping '%s' is right; a row makes at most %zu records\n", mapping_path,
                     mapping_name(m), mapping_records_max(m));
        mapping_free(m);
        return CLI_OK;
    }
    rows = import_rows_open(csv_path, mapping_path, &err);
    if (!rows) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    rc = read_rows(rows, cli->is_json ? 0 : rows_shown, &tally, &err);
    print_summary(cli, &tally);
    if (rc < 0) {
        rc = cli_fail(cli, CLI_REFUSED, &err);
    } else {
        rc = tally.rows_unmapped > 0 ? CLI_REFUSED : CLI_OK;
    }
    import_tally_free(&tally);
    import_rows_close(rows);
    return rc;
}
