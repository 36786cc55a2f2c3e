/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_disclosure_batch.h - many persons at once for somebody who may have them: read in one
 * transaction, each reading written down in it, answered together once that is committed.
 */
#ifndef TROTH_INTAKE_DISCLOSURE_BATCH_H
#define TROTH_INTAKE_DISCLOSURE_BATCH_H

#include "services/intake/intake.h"

enum {
    INTAKE_DISCLOSURE_BATCH_MAX = 128, /* questions in one */
    INTAKE_DISCLOSURE_BATCHES_MAX = 16 /* open at once */
};

/* wire: the DisclosureBatch inside m. Returns 0, or -1 when there is no such answer to it: the
 * message cannot be read, or holds no question or too many; err says which. */
MUST_CHECK int intake_disclosure_batch_ask(struct intake *in, struct bus_socket *s,
                                           const struct bus_message *m, struct bytes wire,
                                           struct err *err);

#endif
