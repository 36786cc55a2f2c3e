/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/person.h"

#include "sealed.pb-c.h"
#include "services/intake/borrowed.h"

const char *person_field_name(enum person_field field)
{
    static const char *const names[PERSON_FIELDS] = {
        [PERSON_NAME] = "name",           [PERSON_PHONE] = "phone",
        [PERSON_EMAIL] = "email",         [PERSON_BIRTHDAY] = "birthday",
        [PERSON_ADDRESS] = "address",     [PERSON_LANGUAGE] = "language",
        [PERSON_TIME_ZONE] = "time_zone",
    };
    return names[field];
}

void person_set(struct person *p, enum person_field field, const char *said, int64_t fact)
{
    if (!said) {
        return;
    }
    p->field[field].text = said[0] ? said : NULL;
    p->field[field].set_by = said[0] ? fact : 0;
    p->is_changed = true;
}

unsigned person_take_back(struct person *p, int64_t fact)
{
    unsigned taken = 0;
    for (unsigned i = 0; i < PERSON_FIELDS; i++) {
        if (p->field[i].text && p->field[i].set_by == fact) {
            person_set(p, (enum person_field)i, "", 0);
            taken |= 1U << i;
        }
    }
    return taken;
}

/* On the wire a field is one more: 0 is no field. */
struct bytes person_pack(const struct person *p, struct arena *arena)
{
    Troth__Sealed__Person message = TROTH__SEALED__PERSON__INIT;
    Troth__Sealed__PersonText texts[PERSON_FIELDS];
    Troth__Sealed__PersonText *list[PERSON_FIELDS];
    message.texts = list;
    for (int i = 0; i < PERSON_FIELDS; i++) {
        if (p->field[i].text) {
            Troth__Sealed__PersonText *t = &texts[message.n_texts];
            *t = (Troth__Sealed__PersonText)TROTH__SEALED__PERSON_TEXT__INIT;
            t->has_field = t->has_set_by = true;
            t->field = i + 1;
            t->text = borrowed(p->field[i].text);
            t->set_by = p->field[i].set_by;
            list[message.n_texts++] = t;
        }
    }
    size_t size = troth__sealed__person__get_packed_size(&message);
    uint8_t *data = arena_alloc(arena, size + 1);
    if (!data) {
        return (struct bytes){0};
    }
    return (struct bytes){.data = data, .len = troth__sealed__person__pack(&message, data)};
}

int person_unpack(struct bytes plain, struct arena *arena, struct person *ret, struct err *err)
{
    const Troth__Sealed__Person *message =
        troth__sealed__person__unpack(arena_allocator(arena), plain.len, plain.data);
    if (!message) {
        return err_set(err, "damaged", "a person cannot be unpacked");
    }
    *ret = (struct person){.is_open = true};
    for (size_t i = 0; i < message->n_texts; i++) {
        const Troth__Sealed__PersonText *t = message->texts[i];
        if (t->field >= 1 && t->field <= PERSON_FIELDS && t->text && t->text[0]) {
            ret->field[t->field - 1].text = t->text;
            ret->field[t->field - 1].set_by = t->set_by;
        }
    }
    return 0;
}
