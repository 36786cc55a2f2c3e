/* SPDX-License-Identifier: Apache-2.0 */
/* question_store.h - reads the questionnaire in force. */
#ifndef TROTH_REPORTING_QUESTION_STORE_H
#define TROTH_REPORTING_QUESTION_STORE_H

#include "common/domain/questionnaire.h"
#include "common/runtime/db.h"

/* Queues one statement. known_hash: of the one that is here already, which is not sent again; "":
 * none is. */
void question_store_put(struct db *db, const char *known_hash);
/* The caller's: questionnaire_free(). NULL: there is none, it is the known one, or it cannot be
 * read, which is logged. */
struct questionnaire *question_store_take(const struct db_rows *rows);

#endif
