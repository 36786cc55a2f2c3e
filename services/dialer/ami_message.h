/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ami_message.h - the wire of Asterisk's manager interface (AMI): blocks of "Name: value" lines, an
 * empty line after each. Pure.
 *
 * The first line of a connection is a greeting of its own ("Asterisk Call Manager/9.0.0"). Names
 * are compared without case. Lines end with CR LF; LF alone is taken too.
 */
#ifndef TROTH_SERVICES_DIALER_AMI_MESSAGE_H
#define TROTH_SERVICES_DIALER_AMI_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/text.h"

enum {
    AMI_HEADERS_MAX = 128,        /* of a message; more are left out */
    AMI_MESSAGE_MAX = 256 * 1024, /* bytes; more is not a manager */
};

/* Points into the reader. */
struct ami_message {
    struct {
        const char *name, *value;
    } headers[AMI_HEADERS_MAX];
    size_t count;
};

/* The first of that name, or "" when there is none. */
const char *ami_message_get(const struct ami_message *m, const char *name);

/* What arrived and was not read yet; {0} at first. */
struct ami_reader {
    struct buffer buffer;
    size_t taken; /* bytes of messages that were read */
    bool has_greeting;
};

void ami_reader_feed(struct ami_reader *r, const void *data, size_t len);
/* 1: *ret_message is valid until the next call. 0: more must arrive. -1: too long, or no manager
 * (code "ami_unreadable"); close the connection. Lines without a colon are left out. */
MUST_CHECK int ami_reader_next(struct ami_reader *r, struct ami_message *ret_message,
                               struct err *err);
void ami_reader_free(struct ami_reader *r); /* back to {0}; wiped: it held numbers */

/* Actions: ami_action_begin(), headers, ami_action_end(). A header whose value has a line end or
 * another control character is not added, for it could begin another action: -1. */
void ami_action_begin(struct text *out, const char *action, const char *id);
MUST_CHECK int ami_action_add(struct text *out, const char *name, const char *value);
void ami_action_end(struct text *out);

#endif
