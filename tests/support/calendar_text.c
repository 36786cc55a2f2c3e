/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/calendar_text.h"

#include <stdio.h>
#include <stdlib.h>

#include <libconfig.h>

#include "common/base/text.h"

struct calendar_book *calendar_text_read(const char *text, struct err *err)
{
    const struct standard_reader r = {.path = "test.conf", .err = err};
    struct calendar_book *book = NULL;
    config_t tree;

    config_init(&tree);
    if (config_read_string(&tree, text) != CONFIG_TRUE) {
        err_set(err, "standard_invalid", "test.conf:%d: %s", config_error_line(&tree),
                config_error_text(&tree));
    } else {
        book = calendar_book_read(&r, config_root_setting(&tree));
    }
    config_destroy(&tree);
    return book;
}

struct calendar_book *calendar_text_must(const char *text)
{
    struct err err = ERR_NONE;
    struct calendar_book *book = calendar_text_read(text, &err);

    if (!book) {
        (void)fprintf(stderr, "%s: %s\n%s\n", err.field, err.text, text);
        abort();
    }
    return book;
}

struct calendar_book *calendar_text_one(const char *zone, const char *week, const char *more,
                                        const char *lists)
{
    struct calendar_book *book;
    struct text text = {0};

    text_appendf(&text, "%s\ncalendars = ( { name = \"c\"; zone = \"%s\"; week = { %s }; %s } );",
                 lists, zone, week, more);
    book = calendar_text_must(text.data);
    text_free(&text);
    return book;
}
