/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_texts.h - what is sealed about one person, from intake: the profile of each number, and
 * every text, also what a source took back. Each answer is written to the list of disclosures
 * before it comes; what does not fit into one is asked for page by page.
 */
#ifndef TROTH_SERVICES_CLI_EXPORT_TEXTS_H
#define TROTH_SERVICES_CLI_EXPORT_TEXTS_H

#include <jansson.h>

#include "services/cli/cli.h"
#include "services/cli/cli_client.h"

/* The purpose of all these readings. */
#define EXPORT_PURPOSE "job customer-export"

struct export_texts {
    struct cli_client *intake;
    const char *on_behalf_of; /* who runs the export; "" when nobody knows */
    json_t *profiles;         /* array of objects: field, text, customer number */
    json_t *by_number;        /* object: arrays of texts by the number of their fact */
    json_t *missing;          /* array of texts: what could not be read, and why */
};

/* All for members[0..count) and the cases (customer, case) of them. Returns 0, or -1 with err:
 * intake does not answer ("no_answer") or does not let us ("not_permitted", "kind_not_permitted").
 * What is damaged goes to missing. */
MUST_CHECK int export_texts_read_customer(struct export_texts *t, int64_t customer,
                                          struct err *err);
MUST_CHECK int export_texts_read_case(struct export_texts *t, int64_t customer,
                                      int64_t service_case, struct err *err);

/* Gives the row of a fact its texts, under "texts"; each once. */
void export_texts_attach(struct export_texts *t, json_t *row);
/* Calls fn for what belongs to no row: texts of facts that are gone, reasons. */
void export_texts_rest(const struct export_texts *t, void (*fn)(void *ctx, json_t *row), void *ctx);

#endif
