/* SPDX-License-Identifier: Apache-2.0 */
/*
 * questionnaire_shelf.h - the questionnaire in force, f->questionnaire: that of the setting
 * `questionnaire`, kept as text_shelf.h says. Every version is stored, so that an order's hash
 * finds what was asked.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_QUESTIONNAIRE_SHELF_H
#define TROTH_SERVICES_FOLLOWUP_QUESTIONNAIRE_SHELF_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/followup/text_shelf.h"

struct followup;

/* Waits: at start only. Sets f->questionnaire; it stays NULL when the setting is empty. NULL with
 * err: the file (codes of questionnaire_load) or the database. Freed by text_shelf_free(). */
MUST_CHECK struct text_shelf *questionnaire_shelf_open(struct followup *f, struct err *err);

/* Reads the file of the settings again. */
void questionnaire_shelf_reload(struct text_shelf *s, const struct followup *f);

#endif
