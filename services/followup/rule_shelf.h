/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_shelf.h - the rules in force, f->rules with the id f->rule_version: those of the setting
 * `rules`, kept as text_shelf.h says. A follow-up keeps the version it was planned by.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_RULE_SHELF_H
#define TROTH_SERVICES_FOLLOWUP_RULE_SHELF_H

#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/rulebook.h"
#include "services/followup/text_shelf.h"

struct followup;

/* Waits: at start only. Sets f->rules and f->rule_version. NULL with err: the file (codes of
 * rulebook_load) or the database. Freed by text_shelf_free(), after whoever plans by it. */
MUST_CHECK struct text_shelf *rule_shelf_open(struct followup *f, struct err *err);

/* Reads the file of the settings again. */
void rule_shelf_reload(struct text_shelf *s, const struct followup *f);

/* The rules of a version. *ret is set with FOUND, and with GONE to the rules in force; with LATER
 * leave that follow-up for the next round. */
enum text_shelf_answer rule_shelf_find(struct text_shelf *s, int32_t version,
                                       const struct rulebook **ret);

#endif
