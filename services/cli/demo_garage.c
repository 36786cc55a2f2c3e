/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_garage.c - the story behind the demo.
 *
 * Four branches of one garage chain. North and south answer in time, east a little late, harbour is
 * understaffed: it breaks promises, and its customers' loyalty falls; before the middle of the
 * story it gets two more people. Two days before the end a batch of brake pads squeals. A reader of
 * the reports should find all that without being told. Staff work in opening hours only, say in
 * between that it goes on, promise to call back, now and then sort a case anew or find that it is
 * about the same thing as another one; customers say thanks.
 */
#include "services/cli/demo_garage.h"

#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/demo_branch.h"
#include "services/cli/demo_garage_life.h"
#include "services/cli/demo_people.h"
#include "services/cli/demo_teller.h"

#define KNOWN_DAYS  20   /* before the story most customers' profiles came in */
#define HOURS_LEFT  7    /* of the last day, when the story stops */
#define FOUND_H     25.0 /* until somebody finds what was forgotten */
#define BATCH_CASES 14   /* two days before the end, about one thing */

struct topic {
    Troth__V1__ContactKind kind;
    int weight;
    const char *category;
    const char *product; /* NULL: none in particular */
    /* Of what the branch needs: whoever stands at the roadside is helped sooner, day and night. */
    double response_share, resolve_share;
    double news_h; /* after so long with no end in sight the customer should hear of it; 0: never */
    const char *zh;
    const char *en;
};

#define COMPLAINT TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT
#define REQUEST   TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST
#define ENQUIRY   TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY
#define PRAISE    TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE

/* clang-format off */
static const struct topic topics[] = {
    {COMPLAINT, 9, "repair/again", "brake pads", 0.7, 0.6, 6,
     "刹车修过还是有异响，上周才付的钱。", "The brakes were repaired last week and squeal again."},
    {COMPLAINT, 7, "waiting", NULL, 0.7, 0.5, 6,
     "说好下午三点取车，等到六点还没好。", "Promised for three o'clock, still waiting at six."},
    {COMPLAINT, 6, "invoice", NULL, 0.7, 0.6, 6,
     "账单比报价多了四百元，没有人事先告诉我。", "The invoice is 400 more than the quote and nobody told me."},
    {COMPLAINT, 4, "staff", NULL, 0.7, 0.5, 6,
     "打了三次电话都说会回电，一次也没有回。", "Three times I was told you would call back. Nobody did."},
    {REQUEST, 12, "booking", "oil change", 1, 0.8, 12,
     "想预约下周的一万公里保养。", "I would like to book the 10,000 km service next week."},
    {REQUEST, 8, "parts", "tyres", 1, 1.2, 12,
     "请帮我订一套冬季轮胎。", "Please order a set of winter tyres for me."},
    {REQUEST, 6, "breakdown", "battery", 0.2, 0.2, 1.4,
     "车在路上抛锚了，需要拖车。", "The car broke down, I need a tow."},
    {ENQUIRY, 10, "price", "brake pads", 1, 0.4, 0,
     "换前刹车片大概多少钱？", "What does a set of front brake pads cost?"},
    {ENQUIRY, 8, "status", NULL, 1, 0.4, 0,
     "我的车修得怎么样了？", "How is the repair of my car going?"},
    {PRAISE, 4, "staff", NULL, 1, 1, 0,
     "师傅很耐心，讲得很清楚，谢谢。", "The mechanic explained everything patiently. Thank you."},
};
/* clang-format on */

static const char *const channels[] = {"phone", "wechat", "web", "counter"};
static const char *const services[] = {"oil change", "inspection", "brake pads",
                                       "tyres",      "battery",    "air filter"};
struct garage_customer {
    struct demo_person person;
    const struct demo_branch *branch;
    const struct demo_branch *working; /* the same, as it works when the case begins */
    const char *channel;               /* of what is told now */
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
    char product[32];
    char body[256];
    (void)text_copy(channel, sizeof channel, p->channel);
    (void)text_copy(branch, sizeof branch, p->branch->code);
    (void)text_copy(category, sizeof category, topic ? topic->category : "");
    (void)text_copy(product, sizeof product, topic && topic->product ? topic->product : "");
    (void)text_copy(body, sizeof body,
                    topic ? (p->person.is_chinese ? topic->zh : topic->en)
                          : (p->person.is_chinese ? "好的，谢谢！" : "OK, thanks!"));
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    contact.customer_ref = p->person.ref;
    contact.has_kind = 1;
    contact.kind = topic ? topic->kind : ENQUIRY;
    contact.channel = channel;
    contact.branch = branch;
    /* Now and then nobody says what it is about: the words of the standard tell, or a person. */
    contact.category = topic && !demo_teller_happens(g, 8) ? category : NULL;
    contact.product = product[0] ? product : NULL;
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
    if (topic->kind != PRAISE) {
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

/* After a time around that median: at the roadside day and night, else in opening hours. */
static int64_t wait_for(struct demo_teller *g, const struct topic *topic, int64_t at_us,
                        double median_h)
{
    int64_t delay_us = demo_teller_delay_us(g, median_h);

    return topic->news_h > 0 && topic->news_h < 2.0
               ? at_us + delay_us
               : demo_teller_after_opening_us(g, at_us, delay_us);
}

/* Who waits for the end hears now and then that it goes on. */
static void keep_informed(struct demo_teller *g, struct garage_customer *p,
                          const struct topic *topic, char *case_ref, int64_t from_us,
                          int64_t until_us)
{
    int64_t pause_us = (int64_t)(topic->news_h * (double)DURATION_H);
    int64_t at_us = from_us;

    while (topic->news_h > 0) {
        at_us = topic->news_h < 2.0 ? at_us + pause_us
                                    : demo_teller_after_opening_us(g, at_us, pause_us);
        if (at_us >= until_us || at_us >= g->end_us) {
            return;
        }
        if (demo_teller_happens(g, p->working->news_percent)) {
            add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESPONDED, at_us);
        }
    }
}

/* Thanks, or not content, or nothing more. */
static void end_case(struct demo_teller *g, struct garage_customer *p, const struct topic *topic,
                     char *case_ref, int64_t resolved_us)
{
    int64_t now_us = resolved_us;
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, now_us);
    if (topic->kind == COMPLAINT && demo_teller_happens(g, 12)) {
        demo_garage_life_compensate(g, &p->person, case_ref, now_us - 2 * DURATION_MIN);
    }
    if (demo_teller_happens(g, 15)) {
        add_contact(g, p, NULL, case_ref, now_us + 30 * DURATION_MIN);
    } else if (topic->kind == COMPLAINT && demo_teller_happens(g, 10)) {
        now_us = demo_teller_after_opening_us(g, now_us, demo_teller_delay_us(g, 20.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED, now_us);
        now_us = wait_for(g, topic, now_us, p->working->resolve_median_h * topic->resolve_share);
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, now_us);
    }
    add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED,
               now_us + 4 * DURATION_DAY);
}

/* From the first answer on. */
static void work_on_case(struct demo_teller *g, struct garage_customer *p,
                         const struct topic *topic, char *case_ref, int64_t at_us)
{
    bool is_at_counter = topic->kind == COMPLAINT && strcmp(p->channel, "counter") == 0;
    int64_t now_us =
        wait_for(g, topic, at_us,
                 p->working->response_median_h * (is_at_counter ? 0.2 : topic->response_share));
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
        now_us = demo_teller_after_opening_us(g, now_us, demo_teller_delay_us(g, 6.0));
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_RESUMED, now_us);
    }
    if (demo_teller_happens(g, p->working->never_answered_percent)) {
        /* Answered, then forgotten, until somebody finds it. */
        now_us = demo_teller_after_opening_us(g, now_us, demo_teller_delay_us(g, FOUND_H));
    }
    int64_t resolved_us =
        wait_for(g, topic, now_us, p->working->resolve_median_h * topic->resolve_share);
    keep_informed(g, p, topic, case_ref, now_us, resolved_us);
    end_case(g, p, topic, case_ref, resolved_us);
}

/* One case from the first word to the end, if there is one. */
static void tell_case(struct demo_teller *g, struct garage_customer *p, const struct topic *topic,
                      int64_t at_us)
{
    char case_ref[32];
    (void)text_format(case_ref, sizeof case_ref, "G-%05u", ++g->case_count);
    p->working = demo_branch_at(g, p->branch->code, at_us);
    p->channel = channels[demo_teller_below(g, (int)ARRAY_LEN(channels))];
    add_contact(g, p, topic, case_ref, at_us);
    if (topic->kind == PRAISE) {
        add_update(g, p, case_ref, TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED,
                   demo_teller_after_opening_us(g, at_us, demo_teller_delay_us(g, 4.0)));
        return;
    }
    if (demo_teller_happens(g, 3)) {
        ask_twice(g, p, topic, case_ref, at_us);
    }
    if (demo_teller_happens(g, p->working->never_answered_percent)) {
        if (demo_teller_happens(g, 15)) {
            return; /* nobody ever answers */
        }
        at_us = demo_teller_after_opening_us(g, at_us, demo_teller_delay_us(g, FOUND_H));
    }
    work_on_case(g, p, topic, case_ref, at_us);
}

/* New brake pads that squeal, of which some customers complain on one day: who watches the figures
 * is warned the next morning. */
static void complain_about_batch(struct demo_teller *g, struct garage_customer *p, int i,
                                 const struct demo_garage_options *options)
{
    int apart = options->customers > BATCH_CASES ? options->customers / BATCH_CASES : 1;

    if (options->days > 4 && i % apart == 0 && i / apart < BATCH_CASES) {
        tell_case(g, p, &topics[0],
                  demo_teller_opening_us(g, options->days - 3, options->days - 3));
    }
}

int64_t demo_garage_end_us(const struct demo_garage_options *options)
{
    return options->start_us + options->days * DURATION_DAY - HOURS_LEFT * DURATION_H;
}

void demo_garage_generate(const struct demo_garage_options *options, struct record_list *list)
{
    struct demo_teller garage = {
        .list = list,
        .key_prefix = "garage",
        .start_us = options->start_us,
        .end_us = demo_garage_end_us(options),
        .random = options->seed,
    };
    int last_day = options->days - 1;
    for (int i = 0; i < options->customers; i++) {
        struct garage_customer customer = {
            .branch = demo_branch_choose(&garage),
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
            const struct topic *topic = random_topic(&garage);
            tell_case(&garage, &customer, topic,
                      demo_teller_opening_us(&garage, first_day, last_day));
        }
        complain_about_batch(&garage, &customer, i, options);
        demo_garage_life_tell_month(&garage, &customer.person, first_day, last_day);
    }
    demo_garage_life_tell_improvements(&garage, last_day);
}
