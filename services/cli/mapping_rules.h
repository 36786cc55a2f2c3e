/* SPDX-License-Identifier: Apache-2.0 */
/* mapping_rules.h - a mapping in memory: made by mapping_load.c, applied by mapping.c. For the
 * mapping_ files alone. */
#ifndef TROTH_SERVICES_CLI_MAPPING_RULES_H
#define TROTH_SERVICES_CLI_MAPPING_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/base/zone.h"
#include "services/cli/csv_reader.h"

/* Everything below stands in the mapping's arena, zones apart. */

struct column {
    const char *name;
    size_t index; /* in the row; set by mapping_bind() */
};

enum test_kind {
    TEST_NOT_EMPTY = 1,
    TEST_EMPTY,
    TEST_IS,
    TEST_IS_NOT
};

/* One condition on one column. */
struct test {
    enum test_kind kind;
    size_t column; /* in mapping->columns */
    const char **texts;
    size_t text_count;
};

struct tests {
    struct test *list;
    size_t count; /* all must hold; 0: always */
};

/* A piece of text: a constant, or a column when text is NULL. */
struct piece {
    const char *text;
    size_t column;
};

struct pair {
    const char *from, *to;
};

/* Where one scalar field comes from. */
struct value {
    const ProtobufCFieldDescriptor *field;
    struct tests when;
    struct piece
        *pieces; /* joined by join; pieces that are empty are left out, also with their join */
    size_t piece_count;
    const char *join;
    bool is_constant; /* one text: nothing below applies */
    bool is_template; /* the pieces follow each other; empty when no column has anything */
    const struct pair *pairs;
    size_t pair_count;  /* 0: no table */
    bool is_contains;   /* the first pair whose text stands anywhere inside */
    const char *format; /* of a date; NULL: none */
    const struct zone *zone;
    int64_t plus_us;
    int decimals; /* digits behind the point that become part of the whole number; -1: not asked for
                   */
    size_t max_bytes;     /* 0: no limit */
    const char *fallback; /* setting default; NULL: none */
    bool is_required;
};

/* Fills one message. */
struct group {
    const ProtobufCMessageDescriptor *type;
    struct value *values;
    size_t value_count;
    struct list *lists;
    size_t list_count;
};

/* A field that holds messages; a group that comes out empty is left out. */
struct list {
    const ProtobufCFieldDescriptor *field;
    struct group *groups;
    size_t count;
};

struct record_rule {
    struct tests when;
    const ProtobufCFieldDescriptor *body; /* the oneof member of Record */
    struct group record;                  /* fields of Record itself: occurred_us, trace */
    struct group fields;                  /* of the body */
};

struct mapping {
    struct arena *arena;
    const char *name;
    struct column *columns; /* each one that is used, once */
    size_t column_count;
    size_t column_capacity;
    struct record_rule *records;
    size_t record_count;
    struct zone **zones; /* each one that is used, once */
    size_t zone_count;
    size_t *identity; /* columns; NULL: all of the row */
    size_t identity_count;
    size_t header_count; /* fields of every row; set by mapping_bind() */
    bool *is_remark;     /* of each field of the header: named troth_... */
};

/* What stands in the row for a value. Returns 1 with text filled, 0 when the field stays unset, -1
 * with err (field: the value's own name). text is cleared first. */
int mapping_value_read(const struct mapping *m, const struct value *v, const struct csv_row *row,
                       struct text *text, struct err *err);

bool mapping_tests_hold(const struct mapping *m, const struct tests *tests,
                        const struct csv_row *row);

#endif
