/* SPDX-License-Identifier: Apache-2.0 */
/* csv_reader_fuzz.c - any file of rows; what was read is written and read as the same rows. */
#include "services/cli/csv_reader.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

static FILE *open_bytes(char *data, size_t size)
{
    FILE *in = fmemopen(data, size, "r");

    claim(in != NULL, "memory opens as a file");
    return in;
}

static void claim_reads_back(const struct csv_row *row)
{
    struct text line = {0};
    struct err err = ERR_NONE;
    struct csv_reader *r;
    struct csv_row again;
    FILE *in;

    text_append(&line,
                "header\n"); /* a mark at the start of a file is no part of its first field */
    for (size_t i = 0; i < row->count; i++) {
        text_append(&line, i > 0 ? "," : "");
        csv_append_field(&line, row->fields[i]);
    }
    text_append(&line, "\n");
    in = open_bytes(line.data, line.len);
    r = csv_reader_new(in);
    claim(csv_reader_next(r, &again, &err) == 1, "a header is a row");
    /* A row of one empty field is an empty line, which is no row. */
    if (row->count > 1 || row->fields[0][0] != '\0') {
        claim(csv_reader_next(r, &again, &err) == 1 && again.count == row->count,
              "a row that we wrote is read");
        for (size_t i = 0; i < row->count; i++) {
            claim(strcmp(again.fields[i], row->fields[i]) == 0, "a field that we wrote is read");
        }
    }
    csv_reader_free(r);
    (void)fclose(in);
    text_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    FILE *in = open_bytes(text, size);
    struct csv_reader *r = csv_reader_new(in);
    struct err err = ERR_NONE;
    struct csv_row row;
    size_t last_line = 0;
    int more;

    while ((more = csv_reader_next(r, &row, &err)) == 1) {
        claim(row.count >= 1 && row.count <= CSV_FIELDS_MAX, "a row has fields");
        claim(row.line > last_line, "rows begin on later and later lines");
        last_line = row.line;
        claim_reads_back(&row);
    }
    claim(more == 0 || err.code[0] != '\0', "a refusal has a code");
    csv_reader_free(r);
    (void)fclose(in);
    free(text);
    return 0;
}
