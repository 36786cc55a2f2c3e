/* SPDX-License-Identifier: Apache-2.0 */
/* model_print.h - fitted models for people. Fits are objects of model_fit_store.h. */
#ifndef TROTH_SERVICES_CLI_MODEL_PRINT_H
#define TROTH_SERVICES_CLI_MODEL_PRINT_H

#include <jansson.h>

#include "services/cli/model_words.h"

/* in_force, newest: NULL for none; may be the same. */
void model_print_current(const struct model_words *words, const json_t *in_force,
                         const json_t *newest);

#define MODEL_PRINT_FITS_MAX 8

/* A list of fits of one model, at most MODEL_PRINT_FITS_MAX, each a column. */
void model_print_compared(const struct model_words *words, const json_t *fits);

#endif
