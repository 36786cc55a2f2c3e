/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/sealed_texts.h"

#include "sealed.pb-c.h"
#include "services/intake/borrowed.h"

struct bytes sealed_texts_pack(const struct fact_text *texts, size_t count, struct arena *arena)
{
    Troth__Sealed__FactTexts message = TROTH__SEALED__FACT_TEXTS__INIT;
    Troth__Sealed__FactText *bodies = arena_alloc(arena, count * sizeof(*bodies));
    Troth__Sealed__FactText **list = arena_alloc(arena, count * sizeof(Troth__Sealed__FactText *));
    if (!bodies || !list) {
        return (struct bytes){0};
    }
    for (size_t i = 0; i < count; i++) {
        bodies[i] = (Troth__Sealed__FactText)TROTH__SEALED__FACT_TEXT__INIT;
        bodies[i].field = borrowed(texts[i].field);
        bodies[i].text = borrowed(texts[i].text);
        list[i] = &bodies[i];
    }
    message.n_texts = count;
    message.texts = list;
    uint8_t *data = arena_alloc(arena, troth__sealed__fact_texts__get_packed_size(&message));
    if (!data) {
        return (struct bytes){0};
    }
    return (struct bytes){.data = data, .len = troth__sealed__fact_texts__pack(&message, data)};
}

int sealed_texts_unpack(struct bytes plain, struct arena *arena, const struct fact_text **ret_texts,
                        size_t *ret_count, struct err *err)
{
    const Troth__Sealed__FactTexts *message =
        troth__sealed__fact_texts__unpack(arena_allocator(arena), plain.len, plain.data);
    struct fact_text *texts =
        message ? arena_alloc(arena, (message->n_texts + 1) * sizeof(*texts)) : NULL;
    if (!texts) {
        return err_set(err, "damaged", "texts cannot be unpacked");
    }
    for (size_t i = 0; i < message->n_texts; i++) {
        const Troth__Sealed__FactText *t = message->texts[i];
        texts[i] =
            (struct fact_text){.field = t->field ? t->field : "", .text = t->text ? t->text : ""};
    }
    *ret_texts = texts;
    *ret_count = message->n_texts;
    return 0;
}
