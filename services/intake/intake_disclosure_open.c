/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_disclosure_open.h"

#include <string.h>

#include <sodium.h>

#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "services/intake/borrowed.h"
#include "services/intake/person.h"
#include "services/intake/sealed_texts.h"
#include "services/intake/sealing.h"

#define KIND(name) TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_##name

enum {
    TEXTS_MAX = 512
};

struct opening {
    const struct intake_disclosure *disclosure;
    struct arena *arena;
    Troth__V1__DisclosureReply *reply;
    size_t bytes, bytes_max;
    bool is_full;
    bool has_next;   /* there is a place to go on from */
    bool is_put_off; /* the fact at hand is left to the next answer */
};

/* ---- adding */

static Troth__V1__DisclosedText *add(struct opening *o, const char *field, const char *text,
                                     int64_t at_us)
{
    /* The frame of a text in the message is small beside these. */
    o->bytes += strlen(field) + strlen(text) + 32;
    Troth__V1__DisclosedText *t = o->reply->n_texts < TEXTS_MAX && o->bytes <= o->bytes_max
                                      ? arena_alloc(o->arena, sizeof(*t))
                                      : NULL;
    if (!t) {
        o->is_full = true;
        return NULL;
    }
    *t = (Troth__V1__DisclosedText)TROTH__V1__DISCLOSED_TEXT__INIT;
    t->field = borrowed(field);
    t->text = borrowed(text);
    t->has_at_us = at_us != DB_NO_TIME;
    t->at_us = t->has_at_us ? at_us : 0;
    o->reply->texts[o->reply->n_texts++] = t;
    return t;
}

static bool is_asked(Troth__V1__DisclosureKind kind, enum person_field field)
{
    static const Troth__V1__DisclosureKind alone[PERSON_FIELDS] = {
        [PERSON_NAME] = KIND(NAME),       [PERSON_PHONE] = KIND(PHONE),
        [PERSON_EMAIL] = KIND(EMAIL),     [PERSON_BIRTHDAY] = KIND(PERSON),
        [PERSON_ADDRESS] = KIND(ADDRESS),
    };
    return alone[field] && (kind == KIND(PERSON) || kind == alone[field]);
}

static bool has_field(const struct opening *o, const char *field)
{
    for (size_t i = 0; i < o->reply->n_texts; i++) {
        if (strcmp(o->reply->texts[i]->field, field) == 0) {
            return true;
        }
    }
    return false;
}

/* Of customers who were merged the first one with a text counts. */
static int add_person(struct opening *o, struct bytes plain, struct err *err)
{
    struct person person;
    if (person_unpack(plain, o->arena, &person, err) < 0) {
        return -1;
    }
    for (int i = 0; i < PERSON_FIELDS; i++) {
        enum person_field field = (enum person_field)i;
        if (person.field[field].text && is_asked(o->disclosure->kind, field) &&
            !has_field(o, person_field_name(field))) {
            (void)add(o, person_field_name(field), person.field[field].text, DB_NO_TIME);
        }
    }
    return 0;
}

/* A fact's texts go together, so that an answer can go on after it: they are less than an answer
 * holds. */
static int add_texts(struct opening *o, struct bytes plain, int64_t number, int64_t at_us,
                     struct err *err)
{
    const size_t before = o->reply->n_texts;
    const struct fact_text *texts;
    size_t count;
    if (sealed_texts_unpack(plain, o->arena, &texts, &count, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count && !o->is_full; i++) {
        Troth__V1__DisclosedText *t = add(o, texts[i].field, texts[i].text, at_us);
        if (t) {
            t->has_number = true;
            t->number = number;
        }
    }
    if (o->is_full && before > 0) {
        o->reply->n_texts = before;
        o->is_put_off = true;
    }
    return 0;
}

/* ---- opening */

static int open_row(struct opening *o, const struct keyring *keyring, const struct db_rows *rows,
                    size_t i, struct err *err)
{
    bool is_person = db_is_null(rows, i, DISCLOSURE_AT);
    const struct sealing_label label = {
        .kind = is_person ? SEALED_PERSON : SEALED_TEXTS,
        .number = db_get_int(rows, i, DISCLOSURE_NUMBER),
        .customer = db_get_int(rows, i, DISCLOSURE_CUSTOMER),
    };
    uint8_t key[KEYRING_KEY_LEN];
    struct bytes plain;
    if (db_is_null(rows, i, DISCLOSURE_WRAPPED_KEY)) {
        return 0;
    }
    if (keyring_unwrap(keyring, label.customer, (int16_t)db_get_int(rows, i, DISCLOSURE_GENERATION),
                       db_get_bytes(rows, i, DISCLOSURE_WRAPPED_KEY), key, err) < 0) {
        return -1;
    }
    int rc =
        sealing_open(key, &label, db_get_bytes(rows, i, DISCLOSURE_SEALED), o->arena, &plain, err);
    sodium_memzero(key, sizeof(key));
    if (rc < 0) {
        return -1;
    }
    return is_person ? add_person(o, plain, err)
                     : add_texts(o, plain, label.number, db_get_time(rows, i, DISCLOSURE_AT), err);
}

/* The next answer begins after this row. */
static void go_on_after(struct opening *o, const struct db_rows *rows, size_t row)
{
    if (!o->is_put_off && !db_is_null(rows, row, DISCLOSURE_AT)) {
        o->has_next = true;
        o->reply->next_us = db_get_time(rows, row, DISCLOSURE_AT);
        o->reply->next_number = db_get_int(rows, row, DISCLOSURE_NUMBER);
    }
}

struct intake_opened intake_disclosure_open(const struct intake_disclosure *d,
                                            const struct keyring *keyring,
                                            const struct intake_sealed_rows *sealed,
                                            size_t max_bytes, struct arena *arena,
                                            Troth__V1__DisclosureReply *ret_reply)
{
    struct opening o = {
        .disclosure = d, .arena = arena, .reply = ret_reply, .bytes_max = max_bytes};
    struct intake_opened opened = {0};
    const struct db_rows *rows = sealed->rows;
    size_t count = sealed->end - sealed->begin;
    ret_reply->texts = arena_alloc(arena, TEXTS_MAX * sizeof(Troth__V1__DisclosedText *));
    o.is_full = !ret_reply->texts;
    for (size_t i = 0; i < count && i < DISCLOSURE_ROWS_MAX && !o.is_full; i++) {
        struct err err = ERR_NONE;
        if (open_row(&o, keyring, rows, sealed->begin + i, &err) == 0) {
            go_on_after(&o, rows, sealed->begin + i);
            continue;
        }
        if (arena_is_exhausted(arena)) {
            o.is_full = true; /* too much for one answer, not damaged */
            continue;
        }
        go_on_after(&o, rows, sealed->begin + i);
        opened.damaged++;
        log_error("sealed_row_damaged", LOG_INT("customer", d->customer),
                  LOG_INT("number", db_get_int(rows, sealed->begin + i, DISCLOSURE_NUMBER)),
                  LOG_ERR(&err));
    }
    opened.texts = ret_reply->n_texts;
    ret_reply->has_is_cut = ret_reply->is_cut = o.is_full || count > DISCLOSURE_ROWS_MAX;
    ret_reply->has_next_us = ret_reply->has_next_number = ret_reply->is_cut && o.has_next;
    return opened;
}

/* ---- purposes */

bool intake_disclosure_is_purpose(const char *text)
{
    static const struct {
        const char *word;
        bool has_name; /* and no number */
        enum identifier_kind number;
    } forms[] = {
        {"follow_up ", false, IDENTIFIER_FOLLOW_UP},
        {"case ",      false, IDENTIFIER_CASE     },
        {"page ",      true,  IDENTIFIER_CASE     },
        {"job ",       true,  IDENTIFIER_CASE     },
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        size_t len = strlen(forms[i].word);
        int64_t number;
        if (strncmp(text, forms[i].word, len) != 0) {
            continue;
        }
        const char *rest = text + len;
        if (!forms[i].has_name) {
            return identifier_parse(forms[i].number, rest, &number, NULL) == 0;
        }
        size_t name = strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_-./");
        return name > 0 && name <= 64 && !rest[name];
    }
    return false;
}
