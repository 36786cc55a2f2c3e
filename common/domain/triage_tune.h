/* SPDX-License-Identifier: Apache-2.0 */
/* triage_tune.h - from answers about texts that a model had not seen: how sure it may be, and below
 * which confidence it had better abstain. Pure. */
#ifndef TROTH_COMMON_DOMAIN_TRIAGE_TUNE_H
#define TROTH_COMMON_DOMAIN_TRIAGE_TUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* scores: `labels` numbers for each of `count` texts; truths: the label of each. Returns the
 * sharpness, in thousandths, with which triage_soften() makes the truths most likely. */
uint32_t triage_tune_sharpness(const double *scores, const uint16_t *truths, size_t count,
                               size_t labels);

struct triage_told {
    uint32_t confidence_millionths;
    bool is_right;
};

struct triage_threshold {
    uint32_t millionths; /* over a million: no threshold reaches the target */
    uint32_t covered, covered_right;
};

/* Sorts told, the surest first. The threshold lets through as many as it can of which at least
 * target (0 to 1) are right; those that are equally sure pass or fail together. */
struct triage_threshold triage_tune_threshold(struct triage_told *told, size_t count,
                                              double target);

#endif
