/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_people.h"

#include <stddef.h>

#include "common/base/duration.h"
#include "common/base/text.h"

static const char *const names_zh[] = {"王芳", "李伟", "张敏", "刘洋",
                                       "陈静", "杨磊", "赵丽", "黄强"};
static const char *const names_en[] = {"Ann Porter", "Ben Archer", "Carla Stone",
                                       "David Reed", "Emma Field", "Frank Moss"};

/* Texts of one profile; longer than any of them. */
struct profile_texts {
    char ref[32], name[64], phone[32], email[64], birthday[16], language[8], zone[32];
};

/* One in five keeps the birthday of the Chinese calendar, as many over fifty do; two in a hundred
 * were born in a leap month or on a day that not every year has. */
static void choose_birthday(struct demo_teller *t, const struct demo_person *p,
                            struct profile_texts *texts, Troth__V1__CustomerProfile *ret)
{
    int year = 1955 + demo_teller_below(t, 50);
    int month = 1 + demo_teller_below(t, 12);
    int day = 1 + demo_teller_below(t, 28);
    bool is_rare = demo_teller_happens(t, 2);
    ret->birthday_is_lunar = p->is_chinese && demo_teller_happens(t, 20);
    ret->has_birthday_is_lunar = ret->birthday_is_lunar;
    if (is_rare && ret->birthday_is_lunar) {
        day = 30;
        ret->has_birthday_is_leap_month = ret->birthday_is_leap_month = demo_teller_happens(t, 50);
    } else if (is_rare) {
        year = 1984;
        month = 2;
        day = 29;
    }
    (void)text_format(texts->birthday, sizeof texts->birthday, "%04d-%02d-%02d", year, month, day);
    ret->birthday = texts->birthday;
}

/* Drivers come from all over; of some nobody knows where they are. */
static char *choose_zone(struct demo_teller *t, struct profile_texts *texts)
{
    int roll = demo_teller_below(t, 100);
    const char *zone = roll < 90   ? "Asia/Shanghai"
                       : roll < 93 ? "Asia/Urumqi"
                       : roll < 95 ? "Europe/Berlin"
                       : roll < 96 ? "America/Sao_Paulo"
                                   : "";
    (void)text_copy(texts->zone, sizeof texts->zone, zone);
    return zone[0] ? texts->zone : NULL;
}

/* A family has one telephone now and then. */
static void choose_phone(struct demo_teller *t, struct profile_texts *texts)
{
    unsigned number = t->record_count % 1000000U;
    if (demo_teller_happens(t, 3)) {
        number -= number % 40;
    }
    (void)text_format(texts->phone, sizeof texts->phone, "+8610000%06u", number);
}

static void forbid(struct demo_teller *t, const struct demo_person *p, int64_t at_us)
{
    char ref[32];
    Troth__V1__ConsentChange change = TROTH__V1__CONSENT_CHANGE__INIT;
    Troth__V1__ConsentChange *changes[] = {&change};
    Troth__V1__Consent consent = TROTH__V1__CONSENT__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    (void)text_copy(ref, sizeof ref, p->ref);
    consent.customer_ref = ref;
    if (demo_teller_happens(t, 20)) {
        consent.has_do_not_call = consent.do_not_call = 1;
    } else {
        change.has_purpose = change.has_is_given = 1;
        change.purpose = demo_teller_happens(t, 50) ? TROTH__V1__PURPOSE__PURPOSE_GREETING
                                                    : TROTH__V1__PURPOSE__PURPOSE_SURVEY;
        change.has_channel = demo_teller_happens(t, 50);
        change.channel = change.has_channel ? TROTH__V1__CHANNEL__CHANNEL_CALL
                                            : TROTH__V1__CHANNEL__CHANNEL_UNSPECIFIED;
        consent.consents = changes;
        consent.n_consents = 1;
    }
    record.body_case = TROTH__V1__RECORD__BODY_CONSENT;
    record.consent = &consent;
    demo_teller_add(t, &record, at_us);
}

void demo_people_tell(struct demo_teller *t, const struct demo_person *p, int64_t at_us)
{
    struct profile_texts texts;
    Troth__V1__CustomerProfile profile = TROTH__V1__CUSTOMER_PROFILE__INIT;
    Troth__V1__ConsentChange consent = TROTH__V1__CONSENT_CHANGE__INIT;
    Troth__V1__ConsentChange *consents[] = {&consent};
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    const char *name = p->is_chinese ? names_zh[demo_teller_below(t, (int)ARRAY_LEN(names_zh))]
                                     : names_en[demo_teller_below(t, (int)ARRAY_LEN(names_en))];
    (void)text_copy(texts.ref, sizeof texts.ref, p->ref);
    (void)text_copy(texts.name, sizeof texts.name, name);
    (void)text_copy(texts.language, sizeof texts.language, p->is_chinese ? "zh-CN" : "en");
    (void)text_format(texts.email, sizeof texts.email, "%s@example.com", p->ref);
    choose_phone(t, &texts);
    choose_birthday(t, p, &texts, &profile);
    profile.customer_ref = texts.ref;
    profile.name = texts.name;
    profile.phone = demo_teller_happens(t, 97) ? texts.phone : NULL;
    profile.email = demo_teller_happens(t, 60) ? texts.email : NULL;
    profile.language = texts.language;
    profile.time_zone = choose_zone(t, &texts);
    consent.has_purpose = consent.has_is_given = 1;
    consent.purpose = TROTH__V1__PURPOSE__PURPOSE_SERVICE_CALL;
    consent.is_given = !demo_teller_happens(t, 3);
    profile.consents = consents;
    profile.n_consents = 1;
    record.body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    record.customer_profile = &profile;
    demo_teller_add(t, &record, at_us);
    if (demo_teller_happens(t, 6)) {
        forbid(t, p, at_us + DURATION_MIN);
    }
}
