/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agenda_script.h - what to say and to ask for an agenda, in the customer's language. Pure.
 *
 * The leading reason's script opens and closes; every reason says its line; each question is asked
 * once, for the first reason that asks it; at most two items of SERVQUAL (each as expectation and
 * as perception) and 16 items in all, the later ones left out.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_AGENDA_SCRIPT_H
#define TROTH_SERVICES_FOLLOWUP_AGENDA_SCRIPT_H

#include "common/base/arena.h"
#include "common/base/compiler.h"
#include "common/domain/questionnaire.h"
#include "dialer.pb-c.h"
#include "services/followup/agenda.h"

enum {
    AGENDA_ITEMS_MAX = 16,
    AGENDA_BYTES_MAX = 56 * 1024, /* of the order: a message has at most 64 KiB */
};

/* Fills opening, closing, items, agenda and questionnaire of *order, in the arena (which has to
 * outlive it) or borrowed from q and a. Without a questionnaire (NULL), or where it lacks a
 * script, there are only the reasons. Returns -1 with "order_too_large" when the arena is used up
 * or the order would not fit into a message; *order is then as before. */
MUST_CHECK int agenda_script_fill(const struct questionnaire *q, const struct agenda *a,
                                  const char *language, struct arena *arena,
                                  Troth__V1__DialOrder *order, struct err *err);

/* The reason for which a question was asked, when its answer has come: the first one whose script
 * asks it in q, else the leading one. An index into a->reasons. */
size_t agenda_script_reason_of(const struct questionnaire *q, const struct agenda *a,
                               const char *code);

#endif
