/* SPDX-License-Identifier: Apache-2.0 */
/* question_shelf.h - the questionnaire in force, brought up to date again and again: for progress
 * pages, and for reports, which call questions and rules by it. */
#ifndef TROTH_REPORTING_QUESTION_SHELF_H
#define TROTH_REPORTING_QUESTION_SHELF_H

#include "common/domain/questionnaire.h"
#include "common/runtime/service.h"

struct question_shelf;

struct question_shelf *question_shelf_new(struct service *service);
void question_shelf_free(struct question_shelf *shelf); /* NULL is fine */

/* Where the newest one stands, for as long as the shelf is there. What it points to is NULL while
 * there is none, and may be another one whenever the loop has turned. */
const struct questionnaire *const *question_shelf_place(const struct question_shelf *shelf);

#endif
