/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_train.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    EACH = 40 /* examples of each label */
};

static const struct subject {
    const char *label;
    const char *words[6];
} subjects[] = {
    {"brakes",
     {"brakes squeal", "brake pedal soft", "grinding when braking", "刹车异响", "刹车片磨损",
      "踩刹车抖动"}                                                                                        },
    {"engine",
     {"engine stalls", "engine light on", "rough idle", "发动机故障灯", "发动机抖动", "启动困难"}},
    {"bill",   {"wrong invoice", "charged twice", "too expensive", "多收费", "发票开错", "价格太贵"} },
};

static const char *const fillers[] = {"again", "since monday", "please call",        "昨天",
                                      "又",    "已经第二次了", "at the north branch"};

static struct triage_features *features_of(const char *text)
{
    struct triage_features *f = xcalloc(1, sizeof(*f));

    triage_features_read(f, &text, 1);
    return f;
}

static int add(struct triage_trainer *t, const char *text, const char *label, unsigned weight)
{
    struct triage_features *f = features_of(text);
    struct err err = ERR_NONE;
    int rc = triage_trainer_add(t, f, label, weight, &err);

    assert_true(rc == 0 || err.code[0] != '\0');
    free(f);
    return rc;
}

/* Sentences put together from words, all of them different. */
static void add_subject(struct triage_trainer *t, size_t which, size_t count)
{
    const struct subject *s = &subjects[which];

    for (size_t i = 0; i < count; i++) {
        char text[128];

        (void)text_format(text, sizeof(text), "%s %s %s", fillers[i % ARRAY_LEN(fillers)],
                          s->words[i % ARRAY_LEN(s->words)], fillers[i / 3 % ARRAY_LEN(fillers)]);
        assert_int_equal(add(t, text, s->label, 1), 0);
    }
}

static struct triage_trainer *new_trainer(uint64_t seed)
{
    return triage_trainer_new(&(struct triage_training){.purpose = TRIAGE_CATEGORY,
                                                        .target = TRIAGE_TARGET_USUAL,
                                                        .seed = seed,
                                                        .trained_us = 1234});
}

static struct buffer train_all(uint64_t seed)
{
    struct triage_trainer *t = new_trainer(seed);
    struct buffer file = {0};
    struct err err = ERR_NONE;

    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        add_subject(t, i, EACH);
    }
    assert_int_equal(triage_trainer_finish(t, &file, &err), 0);
    triage_trainer_free(t);
    return file;
}

static struct triage_model *read_model(const struct buffer *file)
{
    struct err err = ERR_NONE;
    struct triage_model *m = triage_model_read((struct bytes){file->data, file->len}, &err);

    assert_non_null(m);
    return m;
}

static struct triage_result ask(const struct triage_model *m, const char *text)
{
    struct triage_features *f = features_of(text);
    struct triage_result told;

    triage_model_predict(m, f, NULL, &told);
    free(f);
    return told;
}

static void what_was_learned_is_told_of_other_texts(void **state)
{
    static const struct {
        const char *text, *label; /* NULL: abstains */
    } cases[] = {
        {"My BRAKES squeal, come and look",   "brakes"},
        {"刹车片已经磨损得厉害",    "brakes"},
        {"the engine stalls on every start",  "engine"},
        {"发动机故障灯又亮了",       "engine"},
        {"I was charged twice this month",    "bill"  },
        {"你们多收费，发票也开错", "bill"  },
        {"xyzzy 42",                          NULL    },
        {"",                                  NULL    },
    };
    struct buffer file = train_all(1);
    struct triage_model *m = read_model(&file);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct triage_result told = ask(m, cases[i].text);
        const char *label = told.is_abstained ? NULL : triage_model_label(m, told.label)->name;
        if ((label == NULL) != (cases[i].label == NULL) ||
            (label && strcmp(label, cases[i].label) != 0)) {
            fail_msg("\"%s\" is told as %s (%f)", cases[i].text, label ? label : "nothing",
                     told.confidence);
        }
    }
    triage_model_free(m);
    buffer_free(&file);
}

static void a_model_says_how_it_did_on_what_it_had_not_seen(void **state)
{
    struct buffer file = train_all(1);
    struct triage_model *m = read_model(&file);
    const struct triage_facts *f = triage_model_facts(m);

    assert_int_equal(f->examples, 3 * EACH);
    assert_int_equal(f->told, 3 * EACH); /* each of them once */
    assert_in_range(f->told_right, 3 * EACH * 9 / 10, 3 * EACH);
    assert_true(f->covered_right >= 0.96 * f->covered);
    assert_int_equal(f->target_millionths, 960000);
    assert_int_equal(f->trained_us, 1234);
    assert_int_equal(triage_model_label(m, 2)->examples, EACH);
    triage_model_free(m);
    buffer_free(&file);
}

static void the_same_examples_give_the_same_bytes(void **state)
{
    struct buffer one = train_all(1), two = train_all(1), other = train_all(2);

    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    /* Another seed holds other fifths back: what is learned from all is the same, what was told
     * is not. */
    assert_int_equal(one.len, other.len);
    assert_true(memcmp(one.data, other.data, one.len) != 0);
    buffer_free(&one);
    buffer_free(&two);
    buffer_free(&other);
}

static void two_labels_are_enough_and_mirror_each_other(void **state)
{
    struct triage_trainer *t = new_trainer(1);
    struct buffer file = {0};
    struct err err = ERR_NONE;

    add_subject(t, 1, EACH);
    add_subject(t, 2, EACH);
    assert_int_equal(triage_trainer_finish(t, &file, &err), 0);
    triage_trainer_free(t);
    struct triage_model *m = read_model(&file);
    assert_int_equal(triage_model_label_count(m), 2);
    assert_string_equal(triage_model_label(m, ask(m, "engine stalls").label)->name, "engine");
    assert_string_equal(triage_model_label(m, ask(m, "charged twice").label)->name, "bill");
    triage_model_free(m);
    buffer_free(&file);
}

static void a_label_with_few_examples_is_left_out(void **state)
{
    struct triage_trainer *t = new_trainer(1);
    struct buffer file = {0};
    struct err err = ERR_NONE;

    add_subject(t, 0, TRIAGE_LABEL_EXAMPLES_MIN - 1); /* the first one: places move up */
    add_subject(t, 1, TRIAGE_LABEL_EXAMPLES_MIN);
    add_subject(t, 2, EACH);
    assert_int_equal(triage_trainer_finish(t, &file, &err), 0);
    triage_trainer_free(t);
    struct triage_model *m = read_model(&file);
    assert_int_equal(triage_model_label_count(m), 2);
    assert_string_equal(triage_model_label(m, 0)->name, "engine");
    assert_int_equal(triage_model_facts(m)->examples, TRIAGE_LABEL_EXAMPLES_MIN + EACH);
    assert_string_equal(triage_model_label(m, ask(m, "charged twice").label)->name, "bill");
    triage_model_free(m);
    buffer_free(&file);
}

static void too_few_examples_give_no_model(void **state)
{
    static const size_t counts[][2] = {
        {0,    0                            },
        {EACH, 0                            },
        {EACH, TRIAGE_LABEL_EXAMPLES_MIN - 1},
    };

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct triage_trainer *t = new_trainer(1);
        struct buffer file = {0};
        struct err err = ERR_NONE;

        add_subject(t, 0, counts[i][0]);
        add_subject(t, 1, counts[i][1]);
        assert_int_equal(triage_trainer_finish(t, &file, &err), -1);
        assert_string_equal(err.code, "too_few_examples");
        assert_int_equal(file.len, 0);
        triage_trainer_free(t);
    }
}

/* No two texts share even a blank at the end: nothing can be learned. */
static void texts_without_anything_in_common_give_no_model(void **state)
{
    struct triage_trainer *t = new_trainer(1);
    struct buffer file = {0};
    struct err err = ERR_NONE;

    for (size_t i = 0; i < (size_t)2 * EACH; i++) {
        assert_int_equal(add(t, "", i % 2 ? "a" : "b", 1), 0);
    }
    assert_int_equal(triage_trainer_finish(t, &file, &err), -1);
    assert_string_equal(err.code, "too_few_examples");
    triage_trainer_free(t);
}

static void what_staff_said_outweighs_what_others_said(void **state)
{
    for (unsigned weight = 1; weight <= 5; weight += 4) {
        struct triage_trainer *t = new_trainer(1);
        struct buffer file = {0};
        struct err err = ERR_NONE;

        add_subject(t, 1, EACH);
        add_subject(t, 2, EACH);
        for (size_t i = 0; i < 20; i++) { /* two opinions about one word, one of them of few */
            assert_int_equal(
                add(t, "windscreen wiper", i < 14 ? "engine" : "bill", i < 14 ? 1 : weight), 0);
        }
        assert_int_equal(triage_trainer_finish(t, &file, &err), 0);
        triage_trainer_free(t);
        struct triage_model *m = read_model(&file);
        assert_string_equal(triage_model_label(m, ask(m, "windscreen wiper").label)->name,
                            weight == 1 ? "engine" : "bill");
        triage_model_free(m);
        buffer_free(&file);
    }
}

static void a_feature_of_one_text_alone_leaves_no_trace(void **state)
{
    struct triage_trainer *t = new_trainer(1);
    struct buffer file = {0};
    struct err err = ERR_NONE;
    double alone[2], nobody[2];
    struct triage_result told;

    add_subject(t, 1, EACH);
    add_subject(t, 2, EACH);
    assert_int_equal(add(t, "王小明", "bill", TRIAGE_WEIGHT_MAX), 0);
    assert_int_equal(triage_trainer_finish(t, &file, &err), 0);
    triage_trainer_free(t);
    struct triage_model *m = read_model(&file);
    struct triage_features *f = features_of("王小明");
    triage_model_predict(m, f, alone, &told);
    free(f);
    f = features_of("赵六七");
    triage_model_predict(m, f, nobody, &told);
    /* Both share the blanks with other texts, and nothing else. */
    assert_true(alone[0] - nobody[0] < 1e-9 && nobody[0] - alone[0] < 1e-9);
    free(f);
    triage_model_free(m);
    buffer_free(&file);
}

static void labels_have_limits(void **state)
{
    struct triage_trainer *t = new_trainer(1);
    char name[TRIAGE_LABEL_BYTES_MAX + 2];

    assert_int_equal(add(t, "text", "", 1), -1);
    assert_int_equal(add(t, "text", "\xff", 1), -1);
    memset(name, 'x', sizeof(name));
    name[TRIAGE_LABEL_BYTES_MAX + 1] = '\0';
    assert_int_equal(add(t, "text", name, 1), -1);
    name[TRIAGE_LABEL_BYTES_MAX] = '\0';
    assert_int_equal(add(t, "text", name, 1), 0);
    for (int i = 1; i < TRIAGE_LABELS_MAX; i++) {
        (void)text_format(name, sizeof(name), "label %d", i);
        assert_int_equal(add(t, "text", name, 1), 0);
    }
    assert_int_equal(add(t, "text", "one more", 1), -1);
    assert_int_equal(add(t, "text", "label 5", 1), 0);
    triage_trainer_free(t);
    triage_trainer_free(NULL);
}

static void examples_have_a_limit(void **state)
{
    struct triage_trainer *t = new_trainer(1);
    struct triage_features *nothing = features_of("");
    struct err err = ERR_NONE;

    for (int i = 0; i < TRIAGE_EXAMPLES_MAX; i++) {
        assert_int_equal(triage_trainer_add(t, nothing, "label", TRIAGE_WEIGHT_MAX, &err), 0);
    }
    assert_int_equal(triage_trainer_add(t, nothing, "label", 1, &err), -1);
    assert_string_equal(err.code, "too_many_examples");
    free(nothing);
    triage_trainer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_learned_is_told_of_other_texts),
        cmocka_unit_test(a_model_says_how_it_did_on_what_it_had_not_seen),
        cmocka_unit_test(the_same_examples_give_the_same_bytes),
        cmocka_unit_test(two_labels_are_enough_and_mirror_each_other),
        cmocka_unit_test(a_label_with_few_examples_is_left_out),
        cmocka_unit_test(too_few_examples_give_no_model),
        cmocka_unit_test(texts_without_anything_in_common_give_no_model),
        cmocka_unit_test(what_staff_said_outweighs_what_others_said),
        cmocka_unit_test(a_feature_of_one_text_alone_leaves_no_trace),
        cmocka_unit_test(labels_have_limits),
        cmocka_unit_test(examples_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
