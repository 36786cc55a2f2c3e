/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_story_store.h - what happened with a customer, for the person who calls: cases,
 * promises, calls, answers. Numbers, kinds and states from the published views; no personal data.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_STORY_STORE_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_STORY_STORE_H

#include <stdint.h>

#include "common/domain/identifier.h"
#include "common/runtime/db.h"
#include "dialer.pb-c.h"
#include "services/followup/agenda.h"

enum {
    WORKLIST_STATE_SIZE = 64,
};

/* Rows: at most 6 cases, 8 promises, 5 calls and 5 answers; of cases and promises the open ones
 * first, then the newest; all together the newest first. */
void worklist_story_store_put(struct db *db, int64_t customer);

/* One line with its texts. */
struct worklist_story_line {
    Troth__V1__StoryLine line;
    char kind[16], number[IDENTIFIER_TEXT_SIZE], what[AGENDA_WORD_SIZE];
    char state[WORKLIST_STATE_SIZE];
};
void worklist_story_store_get(const struct db_rows *r, size_t row, struct worklist_story_line *ret);

#endif
