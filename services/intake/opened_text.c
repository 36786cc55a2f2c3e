/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/opened_text.h"

#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "common/base/log.h"
#include "services/intake/person.h"
#include "services/intake/sealed_texts.h"
#include "services/intake/sealing.h"

enum {
    CUSTOMER,
    GENERATION,
    WRAPPED_KEY,
    NUMBER,
    TEXTS,
    PERSON
};

static int open_column(const struct opened_place *p, enum sealed_kind kind, struct bytes *ret_plain,
                       struct err *err)
{
    int64_t customer = db_get_int(p->rows, p->row, p->column + CUSTOMER);
    bool is_person = kind == SEALED_PERSON;
    const struct sealing_label label = {
        .kind = kind,
        .number = is_person ? customer : db_get_int(p->rows, p->row, p->column + NUMBER),
        .customer = customer,
    };
    uint8_t key[KEYRING_KEY_LEN];
    if (keyring_unwrap(p->keyring, customer,
                       (int16_t)db_get_int(p->rows, p->row, p->column + GENERATION),
                       db_get_bytes(p->rows, p->row, p->column + WRAPPED_KEY), key, err) < 0) {
        return -1;
    }
    int rc = sealing_open(key, &label,
                          db_get_bytes(p->rows, p->row, p->column + (is_person ? PERSON : TEXTS)),
                          p->arena, ret_plain, err);
    sodium_memzero(key, sizeof(key));
    return rc;
}

static bool is_there(const struct opened_place *p, int what)
{
    return !db_is_null(p->rows, p->row, p->column + WRAPPED_KEY) &&
           !db_is_null(p->rows, p->row, p->column + what);
}

static int unpack_texts(const struct opened_place *p, const struct fact_text **ret_texts,
                        size_t *ret_count, struct err *err)
{
    struct bytes plain;
    *ret_count = 0;
    if (!is_there(p, TEXTS)) {
        return 0;
    }
    return open_column(p, SEALED_TEXTS, &plain, err) < 0
               ? -1
               : sealed_texts_unpack(plain, p->arena, ret_texts, ret_count, err);
}

static int mask_name(const struct opened_place *p, struct plain_text *t, struct err *err)
{
    struct bytes plain;
    struct person person;
    if (!is_there(p, PERSON)) {
        return 0;
    }
    if (open_column(p, SEALED_PERSON, &plain, err) < 0 ||
        person_unpack(plain, p->arena, &person, err) < 0) {
        return -1;
    }
    plain_text_mask_name(t, person.field[PERSON_NAME].text);
    return 0;
}

int opened_text_plain(const struct opened_place *p, struct plain_text *ret_text, struct err *err)
{
    const struct fact_text *texts;
    size_t count;
    plain_text_clear(ret_text);
    if (unpack_texts(p, &texts, &count, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i].field, "subject") == 0 || strcmp(texts[i].field, "body") == 0) {
            plain_text_add(ret_text, texts[i].text);
        }
    }
    if (ret_text->len > 0 && mask_name(p, ret_text, err) < 0) {
        plain_text_clear(ret_text); /* a name that is not known cannot be masked */
        return -1;
    }
    return 0;
}

int opened_text_field(const struct opened_place *p, const char *field, const char **ret_text,
                      struct err *err)
{
    const struct fact_text *texts;
    size_t count;
    if (unpack_texts(p, &texts, &count, err) < 0) {
        return -1;
    }
    *ret_text = NULL;
    for (size_t i = 0; i < count && !*ret_text; i++) {
        *ret_text = strcmp(texts[i].field, field) == 0 ? texts[i].text : NULL;
    }
    return 0;
}

void opened_text_log_damaged(const struct opened_place *p, const struct err *err)
{
    log_error("sealed_row_damaged",
              LOG_INT("customer", db_get_int(p->rows, p->row, p->column + CUSTOMER)),
              LOG_INT("number", db_get_int(p->rows, p->row, p->column + NUMBER)), LOG_ERR(err));
}
