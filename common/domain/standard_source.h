/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_source.h - the text of a standard: a file with the files that it includes, as one.
 *
 * A line `@include "file"` is replaced by that file, looked for beside the file that includes it.
 * So one text says everything that was in force: it is what gets hashed, stored and parsed, and
 * nothing is looked up on disk any more. In it the line stands as a comment.
 */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_SOURCE_H
#define TROTH_COMMON_DOMAIN_STANDARD_SOURCE_H

#include <stddef.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"

enum {
    STANDARD_FILES_MAX = 16,
    STANDARD_DEPTH_MAX = 3, /* of files that include files, below the first one */
    STANDARD_BYTES_MAX = 1024 * 1024,
};

struct standard_line {
    unsigned number; /* 1 is the first */
    unsigned file;
};

/* Start with {0}. Other texts of this form, such as a rulebook, name the codes of their errors. */
struct standard_source {
    const char *unreadable, *invalid; /* NULL: standard_unreadable and standard_invalid */
    struct text text;                 /* UTF-8 without NUL */
    char *files[STANDARD_FILES_MAX];
    size_t file_count;
    struct standard_line *lines; /* of the text */
    size_t line_count;
};

/* Refuses with the codes of s. *s is the caller's also after a failure. */
MUST_CHECK int standard_source_read(struct standard_source *s, const char *path, struct err *err);
/* A text that was stored: it includes nothing any more. */
MUST_CHECK int standard_source_take(struct standard_source *s, const char *text, const char *name,
                                    struct err *err);
/* The code for what is wrong in it; s may be NULL. */
const char *standard_source_invalid(const struct standard_source *s);
void standard_source_free(struct standard_source *s);

/* Where a line of the text comes from; lines of the text count from 1. */
const char *standard_source_file(const struct standard_source *s, unsigned line);
unsigned standard_source_line(const struct standard_source *s, unsigned line);

#endif
