/* SPDX-License-Identifier: Apache-2.0 */
/* reference_data.h - published data sets that are not ours to pass on; tests/README.md. */
#ifndef TROTH_TESTS_SUPPORT_REFERENCE_DATA_H
#define TROTH_TESTS_SUPPORT_REFERENCE_DATA_H

#include "common/base/text.h"

/* Skips the running test, and says so, when the folder of reference data is not there. To be called
 * before the test owns anything. */
void reference_data_need(void);

/* The path of a file in that folder; freed by the caller. */
struct text reference_data_path(const char *name);

#endif
