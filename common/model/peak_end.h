/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peak_end.h - how an episode is remembered: the mean of its peak and its end.
 *
 * D. A. Redelmeier, D. Kahneman, Patients' Memories of Painful Medical Treatments, Pain 66, 1996;
 * D. Kahneman, Thinking, Fast and Slow, 2011, chapter 35. How long it took does not count. For
 * ratings that go both ways the peak is what lies farthest from neutral; of several the last.
 */
#ifndef TROTH_MODEL_PEAK_END_H
#define TROTH_MODEL_PEAK_END_H

#include <stdbool.h>
#include <stddef.h>

struct peak_end {
    double peak, end;
    double remembered; /* their mean */
};

/* scores in the order in which they were felt. False, and *ret untouched: there are none. */
bool peak_end_of(const double *scores, size_t count, double neutral, struct peak_end *ret);

#endif
