/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/model_print.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "services/cli/cli_table.h"

enum {
    NUMBER_SIZE = 40,
    DAY_LEN = 10, /* of an instant */
};

static const char *text_of(const json_t *fit, const char *name)
{
    const char *text = json_string_value(json_object_get(fit, name));
    return text ? text : "-";
}

static bool is_true(const json_t *fit, const char *name)
{
    return json_is_true(json_object_get(fit, name));
}

/* A number with the digits that a person compares. */
static const char *value_text(const json_t *value, char ret[NUMBER_SIZE])
{
    if (json_is_integer(value)) {
        (void)text_format(ret, NUMBER_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        (void)text_format(ret, NUMBER_SIZE, "%.6g", json_real_value(value));
    } else if (json_is_boolean(value)) {
        (void)text_copy(ret, NUMBER_SIZE, json_is_true(value) ? "yes" : "no");
    } else {
        (void)text_copy(ret, NUMBER_SIZE, cli_text(json_string_value(value)));
    }
    return ret;
}

/* Calls each(ctx, name) for the names in a list parted by blanks. */
static void each_name(const char *list, void (*each)(void *ctx, const char *name), void *ctx)
{
    char name[NUMBER_SIZE];
    while (*list) {
        size_t len = strcspn(list, " ");
        (void)text_format(name, sizeof(name), "%.*s", (int)len, list);
        each(ctx, name);
        list += len + (list[len] == ' ');
    }
}

/* ---- what is in force */

static void print_parameter(void *ctx, const char *name)
{
    const json_t *parameters = ctx;
    char text[NUMBER_SIZE];
    const json_t *value = json_object_get(parameters, name);
    const json_t *error = json_object_get(json_object_get(parameters, "standard_errors"), name);
    if (value) {
        (void)printf("    %-22s %s", name, value_text(value, text));
        if (error) {
            (void)printf(" +- %s", value_text(error, text));
        }
        (void)putchar('\n');
    }
}

static void print_holdout(const json_t *holdout)
{
    char text[NUMBER_SIZE];
    bool is_first = true;
    for (const struct holdout_words *w = holdout_words; w->name; w++) {
        const json_t *value = json_object_get(holdout, w->name);
        if (value) {
            (void)fputs(is_first ? "  on what it was not fitted on\n" : "", stdout);
            (void)printf("    %-22s %-12s %s\n", w->name, value_text(value, text), w->meaning);
            is_first = false;
        }
    }
}

static void print_fit(const struct model_words *words, const json_t *fit)
{
    char observations[NUMBER_SIZE];
    (void)printf("  in force: fit %" JSON_INTEGER_FORMAT " of %s, on %s observations",
                 json_integer_value(json_object_get(fit, "id")), text_of(fit, "fitted_at"),
                 value_text(json_object_get(fit, "observations"), observations));
    if (!json_is_null(json_object_get(fit, "from"))) {
        (void)printf(" from %.*s to %.*s", DAY_LEN, text_of(fit, "from"), DAY_LEN,
                     text_of(fit, "till"));
    }
    (void)putchar('\n');
    if (json_is_real(json_object_get(fit, "log_likelihood"))) {
        (void)printf("  log-likelihood %.3f after %" JSON_INTEGER_FORMAT " iterations\n",
                     json_real_value(json_object_get(fit, "log_likelihood")),
                     json_integer_value(json_object_get(fit, "iterations")));
    }
    (void)puts("  parameters");
    each_name(words->parameters, print_parameter, json_object_get(fit, "parameters"));
    print_holdout(json_object_get(fit, "holdout"));
}

void model_print_current(const struct model_words *words, const json_t *in_force,
                         const json_t *newest)
{
    (void)printf("%s: %s\n", words->name, words->title);
    if (in_force) {
        print_fit(words, in_force);
    } else {
        (void)printf("  not in force; instead %s\n", words->fallback);
    }
    if (newest && !is_true(newest, "is_in_force")) {
        (void)printf("  fit %" JSON_INTEGER_FORMAT " of %s was not put in force%s: %s\n",
                     json_integer_value(json_object_get(newest, "id")),
                     text_of(newest, "fitted_at"),
                     is_true(newest, "is_converged") ? "" : ", it did not converge",
                     text_of(newest, "why_not"));
    }
    if (!newest) {
        (void)printf("  never fitted: %s\n", words->made_by);
    }
}

/* ---- side by side */

struct comparison {
    struct cli_table table;
    const json_t *fits;
    const char *object; /* NULL: the fit itself; else of which the names are */
};

static void add_row(void *ctx, const char *name)
{
    struct comparison *c = ctx;
    const json_t *values[MODEL_PRINT_FITS_MAX] = {NULL};
    bool is_there = false;
    size_t count = json_array_size(c->fits);
    for (size_t i = 0; i < count; i++) {
        const json_t *fit = json_array_get(c->fits, i);
        values[i] = json_object_get(c->object ? json_object_get(fit, c->object) : fit, name);
        is_there = is_there || (values[i] && !json_is_null(values[i]));
    }
    if (!is_there) {
        return;
    }
    cli_table_add(&c->table, "%s", name);
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_SIZE];
        cli_table_add(&c->table, "%s", value_text(values[i], text));
    }
}

static void print_reasons(const json_t *fits)
{
    for (size_t i = 0; i < json_array_size(fits); i++) {
        const json_t *fit = json_array_get(fits, i);
        if (!is_true(fit, "is_in_force")) {
            (void)printf("fit %" JSON_INTEGER_FORMAT " was not put in force: %s\n",
                         json_integer_value(json_object_get(fit, "id")), text_of(fit, "why_not"));
        }
    }
}

void model_print_compared(const struct model_words *words, const json_t *fits)
{
    char titles[MODEL_PRINT_FITS_MAX][NUMBER_SIZE];
    const char *columns[MODEL_PRINT_FITS_MAX + 1] = {""};
    struct comparison c = {.fits = fits};
    for (size_t i = 0; i < json_array_size(fits); i++) {
        (void)text_format(titles[i], NUMBER_SIZE, ">FIT %" JSON_INTEGER_FORMAT,
                          json_integer_value(json_object_get(json_array_get(fits, i), "id")));
        columns[i + 1] = titles[i];
    }
    c.table = (struct cli_table){.titles = columns, .count = json_array_size(fits) + 1};
    each_name("fitted_at is_in_force is_converged observations from till log_likelihood iterations",
              add_row, &c);
    c.object = "parameters";
    each_name(words->parameters, add_row, &c);
    c.object = "holdout";
    for (const struct holdout_words *w = holdout_words; w->name; w++) {
        add_row(&c, w->name);
    }
    cli_table_print(&c.table, stdout);
    print_reasons(fits);
}
