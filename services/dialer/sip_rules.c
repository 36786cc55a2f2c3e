/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_rules.h"

#include <errno.h>
#include <string.h>

#include "common/base/text.h"
#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

struct sip_verdict sip_rules_verdict(unsigned status)
{
    /* 603: somebody pressed the red button without knowing what the call is about, or a telephone
     * is set not to be disturbed. That is another hour's business, not a refusal. 607 is the button
     * "unwanted": no more calls from us. */
    static const struct {
        unsigned status;
        struct sip_verdict verdict;
    } rows[] = {
        {404, {OUTCOME(INVALID_NUMBER), 0}                                        },
        {408, {OUTCOME(NO_ANSWER), 0}                                             },
        {410, {OUTCOME(INVALID_NUMBER), 0}                                        },
        {480, {OUTCOME(NO_ANSWER), 0}                                             },
        {484, {OUTCOME(INVALID_NUMBER), 0}                                        },
        {486, {OUTCOME(BUSY), 0}                                                  },
        {487, {OUTCOME(NO_ANSWER), 0}                                             },
        {600, {OUTCOME(BUSY), 0}                                                  },
        {603, {OUTCOME(BUSY), 0}                                                  },
        {604, {OUTCOME(INVALID_NUMBER), 0}                                        },
        {607, {OUTCOME(REFUSED), TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].status == status) {
            return rows[i].verdict;
        }
    }
    return (struct sip_verdict){.outcome = OUTCOME(FAILED)};
}

bool sip_rules_may_have_rung(unsigned sent_count, bool has_response, int failure)
{
    return has_response || sent_count > 1 || (sent_count == 1 && failure == ETIMEDOUT);
}

int sip_rules_number(const char *phone, char *ret_number, size_t size)
{
    char number[64];
    size_t len = 0;
    bool has_digit = false;
    for (const char *c = phone; *c; c++) {
        if (strchr(" .-()/", *c)) {
            continue;
        }
        bool is_digit = *c >= '0' && *c <= '9';
        if (!(is_digit || (*c == '+' && len == 0)) || len + 1 >= sizeof(number)) {
            return -1;
        }
        has_digit = has_digit || is_digit;
        number[len++] = *c;
    }
    number[len] = '\0';
    /* No customer's number has '*' or '#': to a telephone system they begin commands, such as where
     * calls are to be forwarded to. */
    if (!has_digit || len >= size) {
        return -1;
    }
    (void)text_copy(ret_number, size, number);
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void sip_rules_voice(const char *language, char ret_voice[9])
{
    char first[9] = "";
    size_t len = 0;
    while (len < 8 && is_letter(language[len])) {
        first[len] = (char)(language[len] | 0x20);
        len++;
    }
    first[len] = '\0';
    bool is_tag = len >= 2 && (language[len] == '\0' || language[len] == '-');
    (void)text_copy(ret_voice, 9, !is_tag ? "en" : strcmp(first, "zh") == 0 ? "cmn" : first);
}

static bool is_name(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (!is_letter(*c) && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_') {
            return false;
        }
    }
    return *text != '\0';
}

int sip_rules_sound_path(const char *folder, const char *const parts[3], char *ret_path,
                         size_t size)
{
    for (size_t i = 0; i < 3; i++) {
        if (!is_name(parts[i])) {
            return -1;
        }
    }
    return text_format(ret_path, size, "%s/%s/%s/%s.wav", folder, parts[0], parts[1], parts[2])
               ? 0
               : -1;
}
