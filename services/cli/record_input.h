/* SPDX-License-Identifier: Apache-2.0 */
/* record_input.h - one record as a person or a script writes it: JSON, protobuf text, or flags. */
#ifndef TROTH_SERVICES_CLI_RECORD_INPUT_H
#define TROTH_SERVICES_CLI_RECORD_INPUT_H

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "intake.pb-c.h"
#include "services/cli/cli.h"

/* A file, "-" for standard input. All return NULL with err; the record stands in the arena. */
Troth__V1__Record *record_input_json(const char *path, struct arena *arena, struct err *err);
Troth__V1__Record *record_input_text(const char *path, struct arena *arena, struct err *err);

/* kind is the name of a body ("contact", "case-update"). Fields are those of the body, or of the
 * record itself. A list takes the option several times; a message is written as JSON. */
Troth__V1__Record *record_input_fields(const char *kind, const struct cli_field *fields,
                                       size_t count, struct arena *arena, struct err *err);

/* The body's type, or NULL when there is no such kind. */
const ProtobufCFieldDescriptor *record_input_kind(const char *kind);

/* An option for every field of a kind, and for key, time and trace of the record: one block of
 * memory, for free(). */
struct cli_option *record_input_options(const ProtobufCFieldDescriptor *kind);

#endif
