/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dial_witness.h - what the telephone network saw, for tests: with TROTH_DIAL_LOG in the
 * environment of the test build (make CRASH=1), each call of the simulated driver adds its order's
 * key as one line to that file and forces it to the disk, before the telephone rings.
 *
 * It knows nothing of the journal, which it is compared with. Any other build has nothing of it.
 */
#ifndef TROTH_SERVICES_DIALER_DIAL_WITNESS_H
#define TROTH_SERVICES_DIALER_DIAL_WITNESS_H

/* Defined in the test build alone. A log that cannot be written is a bug of the test. */
void dial_witness_note(const char *key);

#ifdef TROTH_CRASH_POINTS
#define DIAL_WITNESS(key) dial_witness_note(key)
#else
#define DIAL_WITNESS(key) ((void)0)
#endif

#endif
