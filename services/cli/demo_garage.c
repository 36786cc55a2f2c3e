/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_garage.c - the story behind the demo.
 *
 * Four branches of one garage chain. North and south answer in time, east a little late, harbour is
 * understaffed: it breaks promises, and its customers' loyalty falls. A reader of the report should
 * find that without being told. Staff work in opening hours only, promise to call back, now and
 * then sort a case anew or find that it is about the same thing as another one; customers say
 * thanks.
 *
 * All choices come from one splitmix64 generator in a fixed order, so the seed decides every byte.
 */
#include "services/cli/demo_garage.h"

#include <math.h>

#include "common/base/duration.h"
#include "common/base/text.h"

#define OPENING_HOUR     8 /* counted from the first instant, which is a midnight */
#define OPENING_LENGTH_H 10

struct branch {
    const char *code;
    double response_median_h; /* log-normal */
    double resolve_median_h;
    int never_answered_percent;
};

static const struct branch branches[] = {
    {"north",   0.8, 14.0, 1 },
    {"south",   1.1, 18.0, 2 },
    {"east",    2.2, 30.0, 4 },
    {"harbour", 5.5, 60.0, 11},
};

struct topic {
    Troth__V1__ContactKind kind;
    int weight;
    const char *category;
    const char *zh;
    const char *en;
};

static const struct topic topics[] = {
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT, 9,  "repair/again",
     "刹车修过还是有异响，上周才付的钱。",                                                                "The brakes were repaired last week and squeal again."      },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT, 7,  "waiting",
     "说好下午三点取车，等到六点还没好。",                                                                "Promised for three o'clock, still waiting at six."         },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT, 6,  "invoice",
     "账单比报价多了四百元，没有人事先告诉我。",                                                       "The invoice is 400 more than the quote and nobody told me."},
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT, 4,  "staff",
     "打了三次电话都说会回电，一次也没有回。",                                                          "Three times I was told you would call back. Nobody did."   },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST,   12, "booking",      "想预约下周的一万公里保养。",
     "I would like to book the 10,000 km service next week."                                                                                                                           },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST,   8,  "parts",        "请帮我订一套冬季轮胎。",
     "Please order a set of winter tyres for me."                                                                                                                                      },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST,   6,  "breakdown",    "车在路上抛锚了，需要拖车。",
     "The car broke down, I need a tow."                                                                                                                                               },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY,   10, "price",        "换前刹车片大概多少钱？",
     "What does a set of front brake pads cost?"                                                                                                                                       },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY,   8,  "status",       "我的车修得怎么样了？",
     "How is the repair of my car going?"                                                                                                                                              },
    {TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE,    4,  "staff",        "师傅很耐心，讲得很清楚，谢谢。",
     "The mechanic explained everything patiently. Thank you."                                                                                                                         },
};

static const char *const channels[] = {"phone", "wechat", "web", "counter"};
static const char *const services[] = {"oil change", "inspection", "brake pads",
                                       "tyres",      "battery",    "air filter"};
static const char *const names_zh[] = {"王芳", "李伟", "张敏", "刘洋",
                                       "陈静", "杨磊", "赵丽", "黄强"};
static const char *const names_en[] = {"Ann Porter", "Ben Archer", "Carla Stone",
                                       "David Reed", "Emma Field", "Frank Moss"};

struct garage {
    struct record_list *list;
    int64_t start_us;
    int64_t end_us;
    uint64_t random;
    unsigned record_count;
    unsigned case_count;
};

struct person {
    char ref[32];
    const struct branch *branch;
    bool is_chinese;
};

static uint64_t next_random(struct garage *g)
{
    /* splitmix64: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014
     */
    uint64_t z = (g->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int random_below(struct garage *g, int limit)
{
    return (int)(next_random(g) % (uint64_t)limit);
}

static double random_unit(struct garage *g)
{
    return ((double)(next_random(g) >> 11) + 0.5) * 0x1.0p-53;
}

static bool happens(struct garage *g, int percent)
{
    return random_below(g, 100) < percent;
}

/* After so much time in opening hours. */
static int64_t after_opening_us(const struct garage *g, int64_t at_us, int64_t delay_us)
{
    const int64_t length_us = OPENING_LENGTH_H * DURATION_H;
    int64_t day = (at_us - g->start_us) / DURATION_DAY;
    int64_t worked_us = (at_us - g->start_us) % DURATION_DAY - OPENING_HOUR * DURATION_H;
    worked_us = worked_us < 0 ? 0 : worked_us > length_us ? length_us : worked_us;
    worked_us += delay_us;
    return g->start_us + (day + worked_us / length_us) * DURATION_DAY + OPENING_HOUR * DURATION_H +
           worked_us % length_us;
}

/* Log-normal around a median in hours; spread 0.7 puts nine of ten within a factor of about three.
 */
static int64_t random_delay_us(struct garage *g, double median_h)
{
    double u1 = random_unit(g);
    double u2 = random_unit(g);
    double normal = sqrt(-2.0 * log(u1)) * cos(2.0 * acos(-1.0) * u2);
    double hours = median_h * exp(0.7 * normal);
    return (int64_t)(hours * 3600.0) * DURATION_S + DURATION_MIN;
}

/* Some instant in opening hours of a day of the story. */
static int64_t random_opening_us(struct garage *g, int first_day, int last_day)
{
    int day = first_day + random_below(g, last_day - first_day + 1);
    int64_t second = random_below(g, OPENING_LENGTH_H * 3600);
    return g->start_us + day * DURATION_DAY + OPENING_HOUR * DURATION_H + second * DURATION_S;
}

static void add(struct garage *g, const Troth__V1__Record *told, int64_t occurred_us)
{
    if (occurred_us >= g->end_us) {
        return; /* the month is over before it happens */
    }
    char key[48];
    (void)text_format(key, sizeof key, "garage-%06u", ++g->record_count);
    Troth__V1__Record record = *told;
    record.key = key;
    record.has_occurred_us = 1;
    record.occurred_us = occurred_us;
    record_list_add(g->list, &record);
    if (happens(g, 1)) {
        /* The branch's line dropped and it sent again, with the same key. */
        record_list_add(g->list, &record);
    }
}

static void add_profile(struct garage *g, struct person *p, int64_t at_us)
{
    char phone[32];
    char birthday[16];
    (void)text_format(phone, sizeof phone, "+8610000%06u", g->record_count % 1000000U);
    (void)text_format(birthday, sizeof birthday, "%04d-%02d-%02d", 1955 + random_below(g, 50),
                      1 + random_below(g, 12), 1 + random_below(g, 28));
    const char *name = p->is_chinese ? names_zh[random_below(g, (int)ARRAY_LEN(names_zh))]
                                     : names_en[random_below(g, (int)ARRAY_LEN(names_en))];
    Troth__V1__ConsentChange consent = TROTH__V1__CONSENT_CHANGE__INIT;
    consent.has_purpose = 1;
    consent.purpose = TROTH__V1__PURPOSE__PURPOSE_SERVICE_CALL;
    consent.has_is_given = 1;
    consent.is_given = !happens(g, 3);
    Troth__V1__ConsentChange *consents[] = {&consent};
    Troth__V1__CustomerProfile profile = TROTH__V1__CUSTOMER_PROFILE__INIT;
    char name_copy[64];
    (void)text_copy(name_copy, sizeof name_copy, name);
    char language[8];
    (void)text_copy(language, sizeof language, p->is_chinese ? "zh-CN" : "en");
    char zone[] = "Asia/Shanghai";
    profile.customer_ref = p->ref;
    profile.name = name_copy;
    profile.phone = happens(g, 97) ? phone : NULL;
    profile.language = language;
    profile.time_zone = zone;
    profile.birthday = birthday;
    profile.consents = consents;
    profile.n_consents = 1;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    record.customer_profile = &profile;
    add(g, &record, at_us);
}

static void add_purchase(struct garage *g, struct person *p, int64_t at_us)
{
    char order[32];
    char branch[32];
    char product[32];
    char currency[] = "CNY";
    (void)text_format(order, sizeof order, "O-%06u", g->record_count);
    (void)text_copy(branch, sizeof branch, p->branch->code);
    (void)text_copy(product, sizeof product, services[random_below(g, (int)ARRAY_LEN(services))]);
    Troth__V1__Purchase purchase = TROTH__V1__PURCHASE__INIT;
    purchase.customer_ref = p->ref;
    purchase.order_ref = order;
    purchase.branch = branch;
    purchase.product = product;
    purchase.has_amount_minor = 1;
    purchase.amount_minor = (20 + random_below(g, 280)) * INT64_C(1000);
    purchase.currency =
        happens(g, 99) ? currency : NULL; /* now and then the till forgets it: rejected */
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_PURCHASE;
    record.purchase = &purchase;
    add(g, &record, at_us);
}

static const struct topic *random_topic(struct garage *g)
{
    int total = 0;
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        total += topics[i].weight;
    }
    int ticket = random_below(g, total);
    size_t i = 0;
    while (ticket >= topics[i].weight) {
        ticket -= topics[i++].weight;
    }
    return &topics[i];
}

/* What a customer says about a case: topic, or thanks with NULL. */
static void add_contact(struct garage *g, struct person *p, const struct topic *topic,
                        char *case_ref, int64_t at_us)
{
    char channel[16];
    char branch[32];
    char category[32];
    char body[256];
    (void)text_copy(channel, sizeof channel, channels[random_below(g, (int)ARRAY_LEN(channels))]);
    (void)text_copy(branch, sizeof branch, p->branch->code);
    (void)text_copy(category, sizeof category, topic ? topic->category : "");
    (void)text_copy(body, sizeof body,
                    topic ? (p->is_chinese ? topic->zh : topic->en)
                          : (p->is_chinese ? "好的，谢谢！" : "OK, thanks!"));
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    contact.customer_ref = p->ref;
    contact.has_kind = 1;
    contact.kind = topic ? topic->kind : TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY;
    contact.channel = channel;
    contact.branch = branch;
    /* Now and then nobody says what it is about: the words of the standard tell, or a person. */
    contact.category = topic && !happens(g, 8) ? category : NULL;
    contact.body = body;
    contact.case_ref = case_ref;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_CONTACT;
    record.contact = &contact;
    add(g, &record, at_us);
}

static void send_update(struct garage *g, struct person *p, const Troth__V1__CaseUpdate *what,
                        int64_t at_us)
{
    char staff[32];
    Troth__V1__CaseUpdate update = *what;
    (void)text_format(staff, sizeof staff, "%s-%02d", p->branch->code, 1 + random_below(g, 6));
    update.customer_ref = p->ref;
    update.has_action = 1;
    update.staff = staff;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    record.case_update = &update;
    add(g, &record, at_us);
}

static void add_update(struct garage *g, struct person *p, char *case_ref,
                       Troth__V1__CaseAction action, int64_t at_us)
{
    Troth__V1__CaseUpdate update = TROTH__V1__CASE_UPDATE__INIT;
    update.case_ref = case_ref;
    update.action = action;
    send_update(g, p, &update, at_us);
}

/* "We will call you back": kept by the branch's habits, agreed anew, or forgotten. */
static void promise_callback(struct garage *g, struct person *p, char *case_ref, int64_t at_us)
{
    char words[64];
    char promise_ref[48];
    int64_t due_us = after_opening_us(g, at_us, 3 * DURATION_H);
    (void)text_copy(words, sizeof words,
                    p->is_chinese ? "查到零件到货时间后给您回电"
                                  : "Call back when the parts are in");
    (void)text_format(promise_ref, sizeof promise_ref, "%s-call", case_ref);
    Troth__V1__PromiseGiven given = TROTH__V1__PROMISE_GIVEN__INIT;
    char kind[] = "callback";
    given.customer_ref = p->ref;
    given.case_ref = case_ref;
    given.promise_ref = promise_ref;
    given.kind = kind;
    given.words = words;
    given.has_due_us = 1;
    given.due_us = due_us;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    record.promise_given = &given;
    add(g, &record, at_us);

    Troth__V1__PromiseUpdate update = TROTH__V1__PROMISE_UPDATE__INIT;
    int64_t done_us = after_opening_us(g, at_us, random_delay_us(g, p->branch->response_median_h));
    if (happens(g, p->branch->never_answered_percent)) {
        return;
    }
    update.customer_ref = p->ref;
    update.case_ref = case_ref;
    update.promise_ref = promise_ref;
    update.has_action = 1;
    update.action = TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_KEPT;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    record.promise_update = &update;
    add(g, &record, done_us);
}

/* What it was sorted as was wrong. */
static void reclassify(struct garage *g, struct person *p, char *case_ref, int64_t at_us)
{
    char category[32];
    const struct topic *topic = random_topic(g);
    (void)text_copy(category, sizeof category, topic->category);
    Troth__V1__CaseUpdate update = TROTH__V1__CASE_UPDATE__INIT;
    update.case_ref = case_ref;
    update.action = TROTH__V1__CASE_ACTION__CASE_ACTION_RECLASSIFIED;
    update.category = category;
    send_update(g, p, &update, at_us);
}

/* The customer asks the same thing elsewhere, and somebody notices. */
static void ask_twice(struct garage *g, struct person *p, const struct topic *topic, char *case_ref,
                      int64_t at_us)
{
    char other_ref[40];
    (void)text_format(other_ref, sizeof other_ref, "%s-B", case_ref);
    add_contact(g, p, topic, other_ref, at_us + 5 * DURATION_MIN);
    Troth__V1__CaseUpdate update = TROTH__V1__CASE_UPDATE__INIT;
    update.case_ref = other_ref;
    update.action = TROTH__V1__CASE_ACTION__CASE_ACTION_MERGED;
    update.into_case_ref = case_ref;
    send_update(g, p, &update, at_us + 25 * DURATION_MIN);
}

/* From the first answer on. */
static void work_on_case(struct garage *g, struct person *p, const struct topic *topic,
                         char *case_ref, int64_t at_us)
{
    int64_t now_us = after_opening_us(g, at_us, random_delay_us(g, p->branch->response_median_h));
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESPONDED, now_us);
    if (happens(g, 4)) {
        reclassify(g, p, case_ref, now_us + 2 * DURATION_MIN);
    }
    if (happens(g, 12)) {
        promise_callback(g, p, case_ref, now_us + 3 * DURATION_MIN);
    }
    if (happens(g, 12)) {
        now_us = after_opening_us(g, now_us, random_delay_us(g, 2.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_WAITING_CUSTOMER, now_us);
        now_us = after_opening_us(g, now_us, random_delay_us(g, 10.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESUMED, now_us);
    }
    if (happens(g, p->branch->never_answered_percent)) {
        return; /* answered, then forgotten */
    }
    now_us = after_opening_us(g, now_us, random_delay_us(g, p->branch->resolve_median_h));
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, now_us);
    if (happens(g, 15)) {
        add_contact(g, p, NULL, case_ref, now_us + 30 * DURATION_MIN);
    } else if (topic->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT && happens(g, 10)) {
        now_us = after_opening_us(g, now_us, random_delay_us(g, 20.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED, now_us);
        now_us = after_opening_us(g, now_us, random_delay_us(g, p->branch->resolve_median_h));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, now_us);
    }
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED,
               now_us + 4 * DURATION_DAY);
}

/* One case from the first word to the end, if there is one. */
static void tell_case(struct garage *g, struct person *p, int64_t at_us)
{
    char case_ref[32];
    (void)text_format(case_ref, sizeof case_ref, "G-%05u", ++g->case_count);
    const struct topic *topic = random_topic(g);
    add_contact(g, p, topic, case_ref, at_us);
    if (topic->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE) {
        return;
    }
    if (happens(g, 3)) {
        ask_twice(g, p, topic, case_ref, at_us);
    }
    if (!happens(g, p->branch->never_answered_percent)) { /* or nobody ever answers */
        work_on_case(g, p, topic, case_ref, at_us);
    }
}

void demo_garage_generate(const struct demo_garage_options *options, struct record_list *list)
{
    struct garage garage = {
        .list = list,
        .start_us = options->start_us,
        .end_us = options->start_us + options->days * DURATION_DAY,
        .random = options->seed,
    };
    int last_day = options->days - 1;
    for (int i = 0; i < options->customers; i++) {
        struct person person = {
            .branch = &branches[random_below(&garage, (int)ARRAY_LEN(branches))],
            .is_chinese = happens(&garage, 70),
        };
        (void)text_format(person.ref, sizeof person.ref, "CAR-%05d", i + 1);
        int64_t known_us = random_opening_us(&garage, 0, last_day / 3);
        add_profile(&garage, &person, known_us);
        int first_day = (int)((known_us - garage.start_us) / DURATION_DAY) + 1;
        if (first_day > last_day) {
            continue;
        }
        for (int visits = random_below(&garage, 4); visits > 0; visits--) {
            add_purchase(&garage, &person, random_opening_us(&garage, first_day, last_day));
        }
        for (int cases = happens(&garage, 75) + happens(&garage, 45); cases > 0; cases--) {
            tell_case(&garage, &person, random_opening_us(&garage, first_day, last_day));
        }
    }
}
