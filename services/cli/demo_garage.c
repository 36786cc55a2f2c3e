/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_garage.c - the story behind the demo.
 *
 * Four branches of one garage chain. North and south answer in time, east a little late, harbour is
 * understaffed: it breaks promises, and its customers' loyalty falls; in the middle of the story it
 * gets two more people. A reader of the reports should find all that without being told. Staff work
 * in opening hours only, promise to call back, now and then sort a case anew or find that it is
 * about the same thing as another one; customers say thanks.
 */
#include "services/cli/demo_garage.h"

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/demo_garage_life.h"
#include "services/cli/demo_people.h"
#include "services/cli/demo_teller.h"

#define KNOWN_DAYS 20 /* before the story most customers' profiles came in */

struct demo_branch {
    const char *code;
    double response_median_h; /* log-normal */
    double resolve_median_h;
    int never_answered_percent;
};

static const struct demo_branch branches[] = {
    {"north",   0.8, 14.0, 1 },
    {"south",   1.1, 18.0, 2 },
    {"east",    2.2, 30.0, 4 },
    {"harbour", 5.5, 60.0, 11},
};

static const struct demo_branch harbour_with_help = {"harbour", 1.6, 20.0, 3};

/* As it works at that time. */
static const struct demo_branch *branch_at(const struct demo_teller *g,
                                           const struct demo_branch *branch, int64_t at_us)
{
    bool is_helped = at_us >= g->start_us + (g->end_us - g->start_us) / 2;

    return is_helped && branch == &branches[ARRAY_LEN(branches) - 1] ? &harbour_with_help : branch;
}

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
struct garage_customer {
    struct demo_person person;
    const struct demo_branch *branch;
    const struct demo_branch *working; /* the same, as it works when the case begins */
};

static void add_purchase(struct demo_teller *g, struct garage_customer *p, int64_t at_us)
{
    char order[32];
    char branch[32];
    char product[32];
    char currency[] = "CNY";
    (void)text_format(order, sizeof order, "O-%06u", g->record_count);
    (void)text_copy(branch, sizeof branch, p->branch->code);
    (void)text_copy(product, sizeof product,
                    services[demo_teller_below(g, (int)ARRAY_LEN(services))]);
    Troth__V1__Purchase purchase = TROTH__V1__PURCHASE__INIT;
    purchase.customer_ref = p->person.ref;
    purchase.order_ref = order;
    purchase.branch = branch;
    purchase.product = product;
    purchase.has_amount_minor = 1;
    purchase.amount_minor = (20 + demo_teller_below(g, 280)) * INT64_C(1000);
    purchase.currency = demo_teller_happens(g, 99)
                            ? currency
                            : NULL; /* now and then the till forgets it: rejected */
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_PURCHASE;
    record.purchase = &purchase;
    demo_teller_add(g, &record, at_us);
}

static const struct topic *random_topic(struct demo_teller *g)
{
    int total = 0;
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        total += topics[i].weight;
    }
    int ticket = demo_teller_below(g, total);
    size_t i = 0;
    while (ticket >= topics[i].weight) {
        ticket -= topics[i++].weight;
    }
    return &topics[i];
}

/* What a customer says about a case: topic, or thanks with NULL. */
static void add_contact(struct demo_teller *g, struct garage_customer *p, const struct topic *topic,
                        char *case_ref, int64_t at_us)
{
    char channel[16];
    char branch[32];
    char category[32];
    char body[256];
    (void)text_copy(channel, sizeof channel,
                    channels[demo_teller_below(g, (int)ARRAY_LEN(channels))]);
    (void)text_copy(branch, sizeof branch, p->branch->code);
    (void)text_copy(category, sizeof category, topic ? topic->category : "");
    (void)text_copy(body, sizeof body,
                    topic ? (p->person.is_chinese ? topic->zh : topic->en)
                          : (p->person.is_chinese ? "好的，谢谢！" : "OK, thanks!"));
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    contact.customer_ref = p->person.ref;
    contact.has_kind = 1;
    contact.kind = topic ? topic->kind : TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY;
    contact.channel = channel;
    contact.branch = branch;
    /* Now and then nobody says what it is about: the words of the standard tell, or a person. */
    contact.category = topic && !demo_teller_happens(g, 8) ? category : NULL;
    contact.body = body;
    contact.case_ref = case_ref;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_CONTACT;
    record.contact = &contact;
    demo_teller_add(g, &record, at_us);
}

static void send_update(struct demo_teller *g, struct garage_customer *p,
                        const Troth__V1__CaseUpdate *what, int64_t at_us)
{
    char staff[32];
    Troth__V1__CaseUpdate update = *what;
    (void)text_format(staff, sizeof staff, "%s-%02d", p->branch->code, 1 + demo_teller_below(g, 6));
    update.customer_ref = p->person.ref;
    update.has_action = 1;
    update.staff = staff;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    record.case_update = &update;
    demo_teller_add(g, &record, at_us);
}

static void add_update(struct demo_teller *g, struct garage_customer *p, char *case_ref,
                       Troth__V1__CaseAction action, int64_t at_us)
{
    Troth__V1__CaseUpdate update = TROTH__V1__CASE_UPDATE__INIT;
    update.case_ref = case_ref;
    update.action = action;
    send_update(g, p, &update, at_us);
}

/* "We will call you back": kept by the branch's habits, agreed anew, or forgotten. */
static void promise_callback(struct demo_teller *g, struct garage_customer *p, char *case_ref,
                             int64_t at_us)
{
    char words[64];
    char promise_ref[48];
    int64_t due_us = demo_teller_after_opening_us(g, at_us, 3 * DURATION_H);
    (void)text_copy(words, sizeof words,
                    p->person.is_chinese ? "查到零件到货时间后给您回电"
                                         : "Call back when the parts are in");
    (void)text_format(promise_ref, sizeof promise_ref, "%s-call", case_ref);
    Troth__V1__PromiseGiven given = TROTH__V1__PROMISE_GIVEN__INIT;
    char kind[] = "callback";
    given.customer_ref = p->person.ref;
    given.case_ref = case_ref;
    given.promise_ref = promise_ref;
    given.kind = kind;
    given.words = words;
    given.has_due_us = 1;
    given.due_us = due_us;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    record.promise_given = &given;
    demo_teller_add(g, &record, at_us);

    Troth__V1__PromiseUpdate update = TROTH__V1__PROMISE_UPDATE__INIT;
    int64_t done_us = demo_teller_after_opening_us(
        g, at_us, demo_teller_delay_us(g, p->working->response_median_h));
    if (demo_teller_happens(g, p->working->never_answered_percent)) {
        return;
    }
    update.customer_ref = p->person.ref;
    update.case_ref = case_ref;
    update.promise_ref = promise_ref;
    update.has_action = 1;
    update.action = TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_KEPT;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    record.promise_update = &update;
    demo_teller_add(g, &record, done_us);
}

/* What it was sorted as was wrong; nobody takes a complaint for praise. */
static void reclassify(struct demo_teller *g, struct garage_customer *p, char *case_ref,
                       int64_t at_us)
{
    char category[32];
    const struct topic *topic = random_topic(g);
    (void)text_copy(category, sizeof category, topic->category);
    Troth__V1__CaseUpdate update = TROTH__V1__CASE_UPDATE__INIT;
    update.case_ref = case_ref;
    update.action = TROTH__V1__CASE_ACTION__CASE_ACTION_RECLASSIFIED;
    update.category = category;
    if (topic->kind != TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE) {
        update.has_contact_kind = 1;
        update.contact_kind = topic->kind;
    }
    send_update(g, p, &update, at_us);
}

/* The customer asks the same thing elsewhere, and somebody notices. */
static void ask_twice(struct demo_teller *g, struct garage_customer *p, const struct topic *topic,
                      char *case_ref, int64_t at_us)
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
static void work_on_case(struct demo_teller *g, struct garage_customer *p,
                         const struct topic *topic, char *case_ref, int64_t at_us)
{
    int64_t now_us = demo_teller_after_opening_us(
        g, at_us, demo_teller_delay_us(g, p->working->response_median_h));
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESPONDED, now_us);
    if (demo_teller_happens(g, 4)) {
        reclassify(g, p, case_ref, now_us + 2 * DURATION_MIN);
    }
    if (demo_teller_happens(g, 12)) {
        promise_callback(g, p, case_ref, now_us + 3 * DURATION_MIN);
    }
    if (demo_teller_happens(g, 12)) {
        now_us = demo_teller_after_opening_us(g, now_us, demo_teller_delay_us(g, 2.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_WAITING_CUSTOMER, now_us);
        now_us = demo_teller_after_opening_us(g, now_us, demo_teller_delay_us(g, 10.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESUMED, now_us);
    }
    if (demo_teller_happens(g, p->working->never_answered_percent)) {
        return; /* answered, then forgotten */
    }
    now_us = demo_teller_after_opening_us(g, now_us,
                                          demo_teller_delay_us(g, p->working->resolve_median_h));
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, now_us);
    if (topic->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT &&
        demo_teller_happens(g, 12)) {
        demo_garage_life_compensate(g, &p->person, case_ref, now_us - 2 * DURATION_MIN);
    }
    if (demo_teller_happens(g, 15)) {
        add_contact(g, p, NULL, case_ref, now_us + 30 * DURATION_MIN);
    } else if (topic->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT &&
               demo_teller_happens(g, 10)) {
        now_us = demo_teller_after_opening_us(g, now_us, demo_teller_delay_us(g, 20.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED, now_us);
        now_us = demo_teller_after_opening_us(
            g, now_us, demo_teller_delay_us(g, p->working->resolve_median_h));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, now_us);
    }
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED,
               now_us + 4 * DURATION_DAY);
}

/* One case from the first word to the end, if there is one. */
static void tell_case(struct demo_teller *g, struct garage_customer *p, int64_t at_us)
{
    char case_ref[32];
    (void)text_format(case_ref, sizeof case_ref, "G-%05u", ++g->case_count);
    const struct topic *topic = random_topic(g);
    p->working = branch_at(g, p->branch, at_us);
    add_contact(g, p, topic, case_ref, at_us);
    if (topic->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE) {
        return;
    }
    if (demo_teller_happens(g, 3)) {
        ask_twice(g, p, topic, case_ref, at_us);
    }
    if (!demo_teller_happens(g, p->working->never_answered_percent)) { /* or nobody ever answers */
        work_on_case(g, p, topic, case_ref, at_us);
    }
}

void demo_garage_generate(const struct demo_garage_options *options, struct record_list *list)
{
    struct demo_teller garage = {
        .list = list,
        .start_us = options->start_us,
        .end_us = options->start_us + options->days * DURATION_DAY,
        .random = options->seed,
    };
    int last_day = options->days - 1;
    for (int i = 0; i < options->customers; i++) {
        struct garage_customer customer = {
            .branch = &branches[demo_teller_below(&garage, (int)ARRAY_LEN(branches))],
            .person.is_chinese = demo_teller_happens(&garage, 70),
        };
        customer.person.branch = customer.branch->code;
        (void)text_format(customer.person.ref, sizeof customer.person.ref, "CAR-%05d", i + 1);
        bool is_new = demo_teller_happens(&garage, 20);
        int64_t known_us = is_new ? demo_teller_opening_us(&garage, 0, last_day / 3)
                                  : demo_teller_opening_us(&garage, -KNOWN_DAYS, -1);
        int first_day = is_new ? (int)((known_us - garage.start_us) / DURATION_DAY) + 1 : 0;
        demo_people_tell(&garage, &customer.person, known_us);
        if (!is_new) {
            demo_garage_life_tell_past(&garage, &customer.person, known_us);
        }
        if (first_day > last_day) {
            continue;
        }
        for (int visits = demo_teller_below(&garage, 4); visits > 0; visits--) {
            add_purchase(&garage, &customer, demo_teller_opening_us(&garage, first_day, last_day));
        }
        for (int cases = demo_teller_happens(&garage, 75) + demo_teller_happens(&garage, 45);
             cases > 0; cases--) {
            tell_case(&garage, &customer, demo_teller_opening_us(&garage, first_day, last_day));
        }
        demo_garage_life_tell_month(&garage, &customer.person, first_day, last_day);
    }
    demo_garage_life_tell_improvements(&garage, last_day);
}
