/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring_reload.h - the file of the master keys is read again while the process runs.
 *
 * 1. its generations are checked against those that were ever used, and replace the ones in memory:
 *    what is wrapped with any of them can be read. A file that is broken, of another database, or
 *    that lacks a generation that is still needed, changes nothing; the log says which, and why
 * 2. written down for the others: we know them
 * 3. once every other intake that runs knows the newest one, it wraps. Before, what we wrap with it
 *    somebody could not read
 * 4. once nothing is under way any more that was wrapped before that: written down for the job
 *    rewrap-keys, which says when an older one may be destroyed
 *
 * A process that starts is told in the same way when to wrap with its newest one.
 *
 * An intake that is cut off or stands still counts as gone: the others go on without it, and what
 * it wraps with may be retired meanwhile. When it is back it reads the file again, and what it
 * still wraps with a retired one the database refuses (intake_keyring_put_fence).
 */
#ifndef TROTH_INTAKE_KEYRING_RELOAD_H
#define TROTH_INTAKE_KEYRING_RELOAD_H

struct intake;
struct keyring_reload;

/* After in->keyring was registered, in->lanes may come later. */
struct keyring_reload *keyring_reload_new(struct intake *in);
void keyring_reload_free(struct keyring_reload *r); /* NULL is fine */
void keyring_reload_begin(struct keyring_reload *r);
/* The same for who was away: at most once a second. */
void keyring_reload_again(struct keyring_reload *r);

#endif
