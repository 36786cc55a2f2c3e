/* SPDX-License-Identifier: Apache-2.0 */
/* mail_account.h - by which server and in whose name we send mail: settings checked once, then one
 * mail at a time by web_client.h. */
#ifndef TROTH_COMMON_RUNTIME_MAIL_ACCOUNT_H
#define TROTH_COMMON_RUNTIME_MAIL_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/web_client.h"

enum {
    MAIL_PASSWORD_SIZE = 256,
    MAIL_MESSAGE_ID_SIZE = 384,
};

/* All borrowed for the life of the account. */
struct mail_account_settings {
    const char *server; /* smtp://HOST:PORT or smtps://HOST:PORT */
    bool needs_starttls;
    const char *from, *from_name;
    const char *user;          /* "": none */
    const char *password_file; /* mode 0600, or not ours (secret_file.h); of the user */
    int64_t timeout_us;
};

struct mail_account {
    struct mail_account_settings settings;
    char password[MAIL_PASSWORD_SIZE];
};

/* Returns 0, or -1 with err: setting_invalid or driver_unusable, its field is that of the setting
 * (mail_server, mail_from, mail_password_file). */
MUST_CHECK int mail_account_open(struct mail_account *account,
                                 const struct mail_account_settings *settings, struct err *err);
void mail_account_close(struct mail_account *account); /* forgets the password */

/* "local@domain of from"; slashes become dots. Returns ret_id. */
const char *mail_account_message_id(const struct mail_account *account, const char *local,
                                    char ret_id[MAIL_MESSAGE_ID_SIZE]);

/* As web_client_mail(); content is of mail_text_write(). */
struct web_call *mail_account_send(const struct mail_account *account, struct web_client *client,
                                   const char *to, struct bytes content, web_done_fn *done,
                                   void *ctx);

#endif
