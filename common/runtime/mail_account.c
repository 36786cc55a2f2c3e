/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/mail_account.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/base/secret_file.h"
#include "common/base/text.h"

static int read_password(const char *path, char ret_password[MAIL_PASSWORD_SIZE], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, ret_password, MAIL_PASSWORD_SIZE - 1) : -1;
    bool is_private = fd >= 0 && secret_file_is_private(fd, path);

    if (fd >= 0) {
        (void)close(fd);
    }
    if (len <= 0 || !is_private) {
        return err_set_field(err, "driver_unusable", "mail_password_file",
                             "cannot be read, or others may read it");
    }
    ret_password[len] = '\0';
    ret_password[strcspn(ret_password, "\r\n")] = '\0';
    return 0;
}

int mail_account_open(struct mail_account *account, const struct mail_account_settings *settings,
                      struct err *err)
{
    *account = (struct mail_account){.settings = *settings};
    if (strncmp(settings->server, "smtp://", strlen("smtp://")) != 0 &&
        strncmp(settings->server, "smtps://", strlen("smtps://")) != 0) {
        return err_set_field(err, "setting_invalid", "mail_server",
                             "smtp:// or smtps:// is needed");
    }
    if (!web_address_is_valid(settings->from)) {
        return err_set_field(err, "setting_invalid", "mail_from", "an address is needed");
    }
    if (text_is_empty(settings->user)) {
        return 0;
    }
    return read_password(settings->password_file, account->password, err);
}

void mail_account_close(struct mail_account *account)
{
    explicit_bzero(account, sizeof(*account));
}

const char *mail_account_message_id(const struct mail_account *account, const char *local,
                                    char ret_id[MAIL_MESSAGE_ID_SIZE])
{
    const char *at = strchr(account->settings.from, '@');

    (void)text_format(ret_id, MAIL_MESSAGE_ID_SIZE, "%s@%s", local, at ? at + 1 : "localhost");
    for (char *slash = strchr(ret_id, '/'); slash; slash = strchr(slash, '/')) {
        *slash = '.';
    }
    return ret_id;
}

struct web_call *mail_account_send(const struct mail_account *account, struct web_client *client,
                                   const char *to, struct bytes content, web_done_fn *done,
                                   void *ctx)
{
    const struct mail_account_settings *s = &account->settings;
    const struct web_mail mail = {
        .url = s->server,
        .needs_tls = s->needs_starttls,
        .user = text_is_empty(s->user) ? NULL : s->user,
        .password = account->password,
        .from = s->from,
        .to = to,
        .content = content,
        .timeout_us = s->timeout_us,
    };

    return web_client_mail(client, &mail, done, ctx);
}
