/* SPDX-License-Identifier: Apache-2.0 */
/* ami_md5.h - MD5 (RFC 1321), which the login of Asterisk's manager asks for, and nothing else of
 * ours does: it protects a password on its way, not more. */
#ifndef TROTH_SERVICES_DIALER_AMI_MD5_H
#define TROTH_SERVICES_DIALER_AMI_MD5_H

#include "common/base/bytes.h"

#define AMI_MD5_TEXT_SIZE 33

/* In lower-case hex. */
void ami_md5(struct bytes in, char ret_text[AMI_MD5_TEXT_SIZE]);

#endif
