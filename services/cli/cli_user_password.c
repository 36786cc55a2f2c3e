/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_user_password.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    LINE_SIZE = USER_PASSWORD_MAX + 64 /* one that is too long is seen to be */
};

static int read_line(char line[LINE_SIZE], struct err *err)
{
    if (!fgets(line, LINE_SIZE, stdin)) {
        return err_set(err, "password_missing", "there is no password on standard input");
    }
    line[strcspn(line, "\r\n")] = '\0';
    return 0;
}

static int ask(const char *question, char line[LINE_SIZE], struct err *err)
{
    struct termios shown;
    bool is_hidden = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (is_hidden) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        is_hidden = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
    }
    (void)fprintf(stderr, "%s: ", question);
    int rc = read_line(line, err);
    if (is_hidden) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    }
    (void)fputc('\n', stderr);
    return rc;
}

static int ask_twice(char line[LINE_SIZE], struct err *err)
{
    char again[LINE_SIZE];
    if (ask("Password (at least 12 characters)", line, err) < 0 ||
        ask("Once more", again, err) < 0) {
        return -1;
    }
    bool is_same = strcmp(line, again) == 0;
    explicit_bzero(again, sizeof(again));
    return is_same ? 0 : err_set(err, "password_invalid", "the two are not the same");
}

int cli_user_password_hash(const char *user, char ret_hash[USER_HASH_SIZE], struct err *err)
{
    char line[LINE_SIZE] = "";
    int rc = isatty(STDIN_FILENO) == 1 ? ask_twice(line, err) : read_line(line, err);
    if (rc == 0) {
        rc = user_password_check(user, bytes_of_text(line), err);
    }
    if (rc == 0) {
        rc = user_password_hash(bytes_of_text(line), ret_hash, err);
    }
    explicit_bzero(line, sizeof(line));
    return rc;
}
