/* SPDX-License-Identifier: Apache-2.0 */
/* mapping_load_value.h - reading one value, condition or text of a mapping file. For mapping_load.c
 * alone. */
#ifndef TROTH_SERVICES_CLI_MAPPING_LOAD_VALUE_H
#define TROTH_SERVICES_CLI_MAPPING_LOAD_VALUE_H

#include <libconfig.h>

#include "services/cli/mapping_rules.h"

struct loading {
    struct mapping *m;
    const char *path;
    const struct zone *zone; /* of the whole mapping; NULL: none given */
    struct err *err;
};

/* "path:line: text". Always returns -1. */
int load_fail(const struct loading *l, const config_setting_t *at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Zeroed, in the mapping's arena: never NULL. */
void *load_alloc(const struct loading *l, size_t count, size_t size);
const char *load_copy(const struct loading *l, const char *text);

/* Any scalar as the text that message_from_json() reads. -1 for groups, lists and arrays. */
MUST_CHECK int load_text(const struct loading *l, const config_setting_t *s, const char **ret_text);

/* The number of a column, noted in the mapping for mapping_bind(). */
MUST_CHECK int load_column(const struct loading *l, const config_setting_t *s, size_t *ret_column);

/* Opened once for each name. */
MUST_CHECK int load_zone(const struct loading *l, const config_setting_t *s,
                         const struct zone **ret_zone);

/* One condition { column = ...; } or a list of them. */
MUST_CHECK int load_tests(const struct loading *l, const config_setting_t *s,
                          struct tests *ret_tests);

/* A constant, or a group that says where the value comes from. type is the message the field
 * belongs to. */
MUST_CHECK int load_value(const struct loading *l, const config_setting_t *s,
                          const ProtobufCMessageDescriptor *type,
                          const ProtobufCFieldDescriptor *field, struct value *ret_value);

#endif
