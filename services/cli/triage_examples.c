/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/triage_examples.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/triage_model.h"
#include "services/cli/csv_reader.h"

enum {
    SHOWN_BYTES = 24 /* of a value in an error: it may be of another column than was meant */
};

static int find_column(const struct csv_row *header, const char *name, size_t *ret, struct err *err)
{
    for (size_t i = 0; i < header->count; i++) {
        if (strcmp(header->fields[i], name) == 0) {
            *ret = i;
            return 0;
        }
    }
    return err_set(err, "column_unknown", "no column is called \"%s\"", name);
}

/* Where the columns stand in the rows of a file. */
struct places {
    size_t text, label, held_out;
};

static int find_columns(const struct csv_row *header, const struct triage_columns *columns,
                        struct places *ret, struct err *err)
{
    if (find_column(header, columns->text, &ret->text, err) < 0 ||
        find_column(header, columns->label, &ret->label, err) < 0) {
        return -1;
    }
    return columns->held_out ? find_column(header, columns->held_out, &ret->held_out, err) : 0;
}

/* "" where a row is too short. */
static const char *field_at(const struct csv_row *row, size_t place)
{
    return place < row->count ? row->fields[place] : "";
}

static int read_part(const char *value, enum triage_part *ret, struct err *err)
{
    static const struct {
        const char *value;
        enum triage_part part;
    } values[] = {
        {"",      TRIAGE_LEARNED },
        {"0",     TRIAGE_LEARNED },
        {"false", TRIAGE_LEARNED },
        {"train", TRIAGE_LEARNED },
        {"1",     TRIAGE_HELD_OUT},
        {"true",  TRIAGE_HELD_OUT},
        {"test",  TRIAGE_HELD_OUT},
    };
    char shown[SHOWN_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        if (strcmp(values[i].value, value) == 0) {
            *ret = values[i].part;
            return 0;
        }
    }
    bool is_whole = text_copy(shown, sizeof(shown), value);
    return err_set(err, "held_out_unclear",
                   "\"%s%s\" says neither that the row is held out (1, true, test) nor that it is "
                   "not (0, false, train or nothing)",
                   shown, is_whole ? "" : "...");
}

static int use_row(const struct csv_row *row, const struct places *places,
                   const struct triage_rows *rows, struct err *err)
{
    const char *text = field_at(row, places->text), *label = field_at(row, places->label);
    enum triage_part part = TRIAGE_LEARNED;
    if (rows->columns.held_out && read_part(field_at(row, places->held_out), &part, err) < 0) {
        return err_prefix(err, "line %zu: column \"%s\"", row->line, rows->columns.held_out);
    }
    bool is_wanted = rows->part == TRIAGE_ALL || rows->part == part;
    if (!is_wanted || text_is_empty(text) || text_is_empty(label)) {
        return 0;
    }
    return rows->each(rows->ctx, text, label, err) < 0 ? err_prefix(err, "line %zu", row->line) : 0;
}

static int use_rows(struct csv_reader *reader, const struct triage_rows *rows, struct err *err)
{
    struct csv_row row;
    struct places places = {0};
    int got = csv_reader_next(reader, &row, err);
    if (got == 0) {
        return err_set(err, "csv_empty", "not even a header");
    }
    if (got < 0 || find_columns(&row, &rows->columns, &places, err) < 0) {
        return -1;
    }
    while ((got = csv_reader_next(reader, &row, err)) == 1) {
        if (use_row(&row, &places, rows, err) < 0) {
            return -1;
        }
    }
    return got;
}

int triage_examples_each(const char *path, const struct triage_rows *rows, struct err *err)
{
    FILE *in = fopen(path, "rbe");
    if (!in) {
        return err_set(err, "file_unreadable", "%s: %s", path, strerror(errno));
    }
    struct csv_reader *reader = csv_reader_new(in);
    int rc = use_rows(reader, rows, err);
    csv_reader_free(reader);
    (void)fclose(in); /* nothing was written */
    return rc < 0 ? err_prefix(err, "%s", path) : 0;
}

const char *triage_examples_mood(const char *label)
{
    if (strcmp(label, TRIAGE_POSITIVE) == 0 || strcmp(label, "1") == 0) {
        return TRIAGE_POSITIVE;
    }
    return strcmp(label, TRIAGE_NEGATIVE) == 0 || strcmp(label, "0") == 0 ? TRIAGE_NEGATIVE : NULL;
}
