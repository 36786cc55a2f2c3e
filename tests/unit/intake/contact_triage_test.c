/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_triage.h"

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/triage_train.h"
#include "tests/unit/intake/decide_world.h"

#define BY(name)   TROTH__V1__CATEGORY_BY__CATEGORY_BY_##name
#define MOOD(name) TROTH__V1__MOOD__MOOD_##name

static const char words_standard[] =
    "triage = ( { category = \"tyres\"; words = (\"squeaks\", \"轮胎\") } );\n"
    "rules = ( { name = \"brakes\"; category = \"brakes\"; priority = 1; owner_team = \"brakes\"; "
    "},\n"
    "          { name = \"rest\"; priority = 3; owner_team = \"care\"; } );\n";

static struct standard *with_words;

static void learn(struct triage_trainer *trainer, struct triage_features *f, const char *said,
                  const char *label)
{
    static const char *const frames[] = {"today", "again", "昨天", "又", "please", "since monday"};
    struct err err = ERR_NONE;

    for (size_t i = 0; i < (size_t)4 * ARRAY_LEN(frames); i++) {
        char text[128];
        const char *const texts[] = {text};

        (void)text_format(text, sizeof(text), "%s %s %s", frames[i % ARRAY_LEN(frames)], said,
                          frames[i / 4]);
        triage_features_read(f, texts, 1);
        assert_int_equal(triage_trainer_add(trainer, f, label, 1, &err), 0);
    }
}

static struct triage_model *make_model(enum triage_purpose purpose, const char *one,
                                       const char *other)
{
    struct triage_trainer *trainer =
        triage_trainer_new(&(struct triage_training){.purpose = purpose, .target = 0.96});
    struct triage_features *f = xcalloc(1, sizeof(*f));
    struct buffer file = {0};
    struct err err = ERR_NONE;

    learn(trainer, f, "brakes squeal 刹车异响", one);
    learn(trainer, f, "well done 很满意", other);
    assert_int_equal(triage_trainer_finish(trainer, &file, &err), 0);
    struct triage_model *m = triage_model_read((struct bytes){file.data, file.len}, &err);
    assert_non_null(m);
    buffer_free(&file);
    free(f);
    triage_trainer_free(trainer);
    return m;
}

static int begin_with_words(void **state)
{
    struct err err = ERR_NONE;

    (void)begin(state);
    with_words = standard_parse(words_standard, "words", &err);
    if (!with_words) {
        fail_msg("%s", err.text);
    }
    t.work->standard = with_words;
    t.work->triage = contact_triage_new();
    return 0;
}

static int end_with_words(void **state)
{
    contact_triage_free(t.work->triage);
    contact_triage_free(NULL);
    standard_free(with_words);
    return end(state);
}

static void put_in_force(enum triage_purpose purpose)
{
    bool is_mood = purpose == TRIAGE_MOOD;
    contact_triage_set(t.work->triage, purpose,
                       make_model(purpose, is_mood ? TRIAGE_NEGATIVE : "brakes",
                                  is_mood ? TRIAGE_POSITIVE : "thanks"));
}

/* The case that a contact with these opens, and its receipt. */
static const struct work_case *opened(const char *category, const char *subject, const char *said,
                                      Troth__V1__Receipt **ret_receipt)
{
    struct intake_record *r = contact(NOW_US, KIND(REQUEST));
    Troth__V1__Contact *c = message(r)->contact;

    c->category = borrowed(category);
    c->subject = borrowed(subject);
    c->body = borrowed(said);
    Troth__V1__Receipt *receipt = decide(r);
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_true(receipt->is_new_case);
    if (ret_receipt) {
        *ret_receipt = receipt;
    }
    const struct work_case *made = t.work->cases.first;
    while (made->next) {
        made = made->next;
    }
    return made;
}

static void who_knows_most_tells_the_category(void **state)
{
    enum {
        NONE = 0,
        CATEGORIES = 1,
        MOODS = 2,
        BOTH = 3
    };
    static const struct {
        const char *name;
        int models;
        const char *category, *subject, *body;
        const char *want; /* NULL: none */
        int by, mood;
    } cases[] = {
        {"the source says it",                     BOTH,       "paint", NULL,        "brakes squeal",    "paint",  BY(SOURCE), 0             },
        {"an empty one is none",                   BOTH,       "",      NULL,        "刹车异响",     "brakes", BY(MODEL),  MOOD(NEGATIVE)},
        {"the model",                              BOTH,       NULL,    NULL,        "brakes squeal",    "brakes", BY(MODEL),  MOOD(NEGATIVE)},
        {"from the subject too",                   BOTH,       NULL,    "很满意", NULL,               "thanks", BY(MODEL),  MOOD(POSITIVE)},
        {"in bad mood or good",                    BOTH,       NULL,    NULL,        "well done",        "thanks", BY(MODEL),  MOOD(POSITIVE)},
        {"the model without a mood",               CATEGORIES, NULL,    NULL,        "brakes squeal",    "brakes", BY(MODEL),
         0                                                                                                                                   },
        {"who abstains is not corrected by words", BOTH,       NULL,    NULL,        "轮胎",           NULL,     BY(NOBODY), 0             },
        {"words without a model",                  NONE,       NULL,    NULL,        "轮胎漏气",     "tyres",  BY(WORDS),  0             },
        {"words beside a mood",                    MOODS,      NULL,    NULL,        "轮胎 well done", "tyres",  BY(WORDS),
         MOOD(POSITIVE)                                                                                                                      },
        {"no words, no model",                     NONE,       NULL,    NULL,        "brakes squeal",    NULL,     BY(NOBODY), 0             },
        {"nothing was said",                       BOTH,       NULL,    NULL,        NULL,               NULL,     BY(NOBODY), 0             },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        contact_triage_set(t.work->triage, TRIAGE_CATEGORY, NULL);
        contact_triage_set(t.work->triage, TRIAGE_MOOD, NULL);
        if (cases[i].models & CATEGORIES) {
            put_in_force(TRIAGE_CATEGORY);
        }
        if (cases[i].models & MOODS) {
            put_in_force(TRIAGE_MOOD);
        }
        Troth__V1__Receipt *receipt;
        const struct work_case *c =
            opened(cases[i].category, cases[i].subject, cases[i].body, &receipt);
        bool is_same = cases[i].want ? c->category && strcmp(c->category, cases[i].want) == 0
                                     : c->category == NULL;
        if (!is_same || c->category_by != cases[i].by || c->mood != cases[i].mood) {
            fail_msg("%s: %s by %d, mood %d", cases[i].name, c->category ? c->category : "none",
                     c->category_by, c->mood);
        }
        assert_true(receipt->has_category_by && (int)receipt->category_by == cases[i].by);
        assert_int_equal((int)receipt->mood, cases[i].mood);
        bool is_told = cases[i].want && cases[i].by != BY(SOURCE);
        assert_true(is_told ? strcmp(receipt->category, cases[i].want) == 0 : !receipt->category);
    }
}

static void without_any_models_the_words_tell(void **state)
{
    struct contact_triage *kept = t.work->triage;

    t.work->triage = NULL;
    assert_int_equal(opened(NULL, NULL, "轮胎漏气", NULL)->category_by, BY(WORDS));
    t.work->triage = kept;
}

static void the_standard_decides_by_what_was_told(void **state)
{
    put_in_force(TRIAGE_CATEGORY);
    assert_string_equal(opened(NULL, NULL, "brakes squeal", NULL)->rule, "brakes");
    assert_string_equal(opened(NULL, NULL, "no idea", NULL)->rule, "rest");
}

static void what_was_told_outlives_the_model(void **state)
{
    put_in_force(TRIAGE_CATEGORY);
    const struct work_case *c = opened(NULL, NULL, "brakes squeal", NULL);
    contact_triage_set(t.work->triage, TRIAGE_CATEGORY, NULL);
    assert_string_equal(c->category, "brakes"); /* a sanitizer sees memory that is gone */
}

static void a_further_contact_changes_nothing(void **state)
{
    put_in_force(TRIAGE_CATEGORY);
    const struct work_case *c = opened(NULL, NULL, "no idea", NULL);
    struct intake_record *r = contact(NOW_US, KIND(REQUEST));

    r->names.case_number = c->number;
    message(r)->contact->body = borrowed("brakes squeal");
    const Troth__V1__Receipt *receipt = decide(r);
    assert_int_equal(receipt->status, STATUS(ACCEPTED));
    assert_false(receipt->is_new_case);
    assert_false(receipt->has_category_by);
    assert_int_equal(c->category_by, BY(NOBODY));
}

#define WORDS_TEST(name) cmocka_unit_test_setup_teardown(name, begin_with_words, end_with_words)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORDS_TEST(who_knows_most_tells_the_category),
        WORDS_TEST(without_any_models_the_words_tell),
        WORDS_TEST(the_standard_decides_by_what_was_told),
        WORDS_TEST(what_was_told_outlives_the_model),
        WORDS_TEST(a_further_contact_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
