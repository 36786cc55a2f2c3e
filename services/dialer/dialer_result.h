/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_result.h - what came of a call, as a text: how the journal keeps it.
 *
 *   <outcome> <started> <ended> [<code>:<instrument>=<value>]... [call_back=<when>]
 * [refusal=<kind>] [language=<tag>] [sealed=<hex>]
 *
 * What the customer said and a new number are personal: they are sealed to the dialer's own key.
 * Journals of before this form have answers without a code: <instrument>=<value>.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_RESULT_H
#define TROTH_SERVICES_DIALER_DIALER_RESULT_H

#include "common/base/text.h"
#include "common/runtime/seal_box.h"
#include "services/dialer/dialer_journal.h"

enum {
    DIALER_RESULT_TEXT_SIZE = 4000 /* the longest one, with the NUL */
};

/* 1 to 32 letters, digits, '_', '-' and '.': a code that can stand in the journal. */
bool dialer_result_is_code(const char *code);

/* Drivers hear from strangers. Drops answers whose code cannot stand in the journal, a language
 * that is no tag, words that are not UTF-8, and what does not belong to the outcome; an outcome
 * that does not exist becomes FAILED. Returns how much was dropped or changed. */
size_t dialer_result_clean(struct dialer_result *r);

/* Appends the text. box NULL: what is personal is left out. r is clean. */
void dialer_result_write(const struct dialer_result *r, const struct seal_box *box,
                         struct text *out);

/* Returns 0, or -1 when it is no such text, or what is sealed opens with no pair of the box. box
 * NULL: what is sealed is left empty. */
MUST_CHECK int dialer_result_read(const char *text, const struct seal_box *box,
                                  struct dialer_result *ret);

#endif
