// SPDX-License-Identifier: Apache-2.0
// Made-up work for the pages where people work: cases, customers, follow-ups, accounts.

const minute = 60_000_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.now() * 1000;
const isoDay = (us) => new Date(us / 1000).toISOString().slice(0, 10);
const chinese = (c) => c.language === "zh-Hans";

const branches = ["north", "south", "harbour", "airport"];
const categories = ["brakes", "engine", "billing", "safety", "appointment"];
const channels = ["phone", "wechat", "web", "counter", "mail"];
const kinds = ["complaint", "request", "enquiry", "praise"];
const damm = [
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
];

function numbered(letter, n) {
    let interim = 0;
    for (const digit of String(n)) interim = Number(damm[interim][Number(digit)]);
    return `${letter}-${n}-${interim}`;
}
const caseNumber = (i) => numbered("C", 70_000 + 256 * i + 17);
const customerNumber = (i) => numbered("K", 4000 + 256 * (i % 12) + 17);
const promiseNumber = (i) => numbered("P", 90_000 + 256 * i + 17);
const followUpNumber = (i) => numbered("F", 30_000 + 256 * i + 17);

/* ---- today */

const dueKinds = ["first_response", "callback", "resolution", "next_update", "custom"];

function todayPromise(i, due, state) {
    return {
        promise_number: promiseNumber(i),
        case_number: caseNumber(i),
        customer_number: customerNumber(i),
        kind: dueKinds[i % dueKinds.length],
        state,
        due_us: due,
        branch: branches[i % branches.length],
        team: "workshop",
        priority: 1 + (i % 4),
        chance: 0.55 + ((i * 7) % 40) / 100,
    };
}

const rules = ["after_resolution", "promise_at_risk", "low_answer", "churn_risk"];
const reasons = ["channel", "outcome_unknown", "dialer_gone", "language"];

function entry(i, state, reason) {
    return {
        follow_up_number: followUpNumber(i),
        customer_number: customerNumber(i),
        case_number: i % 5 === 4 ? undefined : caseNumber(i),
        rule: rules[i % rules.length],
        state,
        reason: reason ?? reasons[i % reasons.length],
        due_us: now - (i + 1) * 47 * minute,
        window_end_us: now + (20 - i) * 53 * minute,
        attempts: i % 3,
        last_outcome: i % 3 ? "no_answer" : undefined,
    };
}

function today(c) {
    const branch = c.query.get("branch");
    const only = (p) => !branch || p.branch === branch;
    const due = [...Array(14).keys()].map((i) =>
        todayPromise(i, now + (i * i * 11 + 24) * minute, i % 3 ? "open" : "at_risk"),
    );
    const overdue = [...Array(6).keys()].map((i) =>
        todayPromise(20 + i, now - (i * i * 3 + 2) * hour, "broken"),
    );
    const answer = {
        now_us: now,
        due_next: due.filter(only),
        due_next_count: due.filter(only).length,
        overdue: overdue.filter(only),
        overdue_count: overdue.filter(only).length,
        unknown_calls: [entry(1, "listed", "outcome_unknown")],
        unknown_call_count: 1,
        missed_follow_ups: [
            entry(2, "missed", "window_passed"),
            entry(3, "missed", "nothing_permitted"),
        ],
        missed_follow_up_count: 2,
        listed: [
            entry(4, "listed", "channel"),
            entry(5, "listed", "language"),
            entry(6, "listed", "channel"),
        ],
        listed_count: 3,
        warnings: [
            {
                day: isoDay(now - day),
                dimension: "category",
                value: "brakes",
                measure: "complaints",
                detectors: ["C2", "CUSUM"],
                count: 14,
                mean: 5.1,
                deviation: 2.2,
                raised_us: now - 3 * hour,
            },
        ],
        warning_count: 1,
        differences: [
            {
                day: isoDay(now - 2 * day),
                figure: "promises_kept",
                branch: "north",
                counted: 41,
                facts: 42,
            },
        ],
        events_behind: 3,
        waiting_count: 37,
    };
    return [200, answer];
}

/* ---- cases */

const states = ["open", "waiting_customer", "resolved", "new", "waiting_third_party", "closed"];

function caseLine(i) {
    const opened = now - (i * 9 + 5) * hour;
    return {
        case_number: caseNumber(i),
        customer_number: customerNumber(i),
        kind: kinds[i % kinds.length],
        state: states[i % states.length],
        channel: channels[i % channels.length],
        branch: branches[i % branches.length],
        team: i % 2 ? "workshop" : "service desk",
        staff: `s-${10 + (i % 7)}`,
        category: categories[i % categories.length],
        product: "R4 saloon",
        priority: 1 + (i % 4),
        tier: ["bronze", "silver", "gold"][i % 3],
        opened_us: opened,
        first_response_us: opened + 47 * minute,
        resolved_us: i % 6 === 2 ? opened + 30 * hour : undefined,
        broken_us: opened + 4 * hour,
        low_answer_us: opened + 50 * hour,
        next_due_us: i % 6 === 2 ? undefined : now + (i + 1) * 3 * hour,
        reopened_us: opened + 40 * hour,
    };
}

function cases(c) {
    const after = Number(c.query.get("after") ?? 0);
    const all = [...Array(68).keys()].map(caseLine);
    const filters = ["branch", "channel", "team", "category", "product", "staff", "tier"];
    const matching = all.filter((one) =>
        filters.every((f) => !c.query.get(f) || one[f] === c.query.get(f)),
    );
    // Other mocks have names of their own: a link from there still shows something.
    const found = matching.length > 0 ? matching : all;
    const page = found.slice(after, after + 25);
    return [
        200,
        { cases: page, ...(after + 25 < found.length ? { next: String(after + 25) } : {}) },
    ];
}

const opened = now - 3 * day - 5 * hour;
const hostile = `<img src=x onerror="alert(1)"> & "quotes" ‮text`;

function promises(i) {
    return [
        {
            promise_number: promiseNumber(i),
            kind: "resolution",
            state: "at_risk",
            made_us: opened,
            due_us: now + 2 * hour,
            target_us: 16 * hour,
            chance: 0.78,
            past_cases: 140,
            rule: "complaint",
        },
        {
            promise_number: promiseNumber(i + 1),
            kind: "first_response",
            state: "kept",
            made_us: opened,
            due_us: opened + 3 * hour,
            done_us: opened + 47 * minute,
            target_us: hour,
            rule: "complaint",
        },
        {
            promise_number: promiseNumber(i + 2),
            kind: "callback",
            state: "broken",
            made_us: opened + 5 * hour,
            due_us: opened + 26 * hour,
            is_due_fixed: true,
            cause: "could_not",
            customer_word: "disputed",
        },
    ];
}

function caseView(number) {
    const i = 0;
    return {
        case_number: number,
        customer_number: customerNumber(i),
        kind: "complaint",
        state: "open",
        channel: "wechat",
        branch: "north",
        category: "brakes",
        product: hostile,
        priority: 1,
        owner_team: "workshop",
        rule: "complaint",
        mood: "negative",
        opened_us: opened,
        first_response_us: opened + 47 * minute,
        promises: promises(i),
        contacts: [
            { at_us: opened, kind: "complaint", channel: "wechat" },
            { at_us: opened + 27 * hour, kind: "complaint", channel: "phone" },
            { at_us: opened + 28 * hour, channel: "mail", origin: "auto_reply" },
        ],
        history: [
            { at_us: opened + 50 * hour, what: "resumed", staff: "s-12" },
            { at_us: opened + 30 * hour, what: "waiting_customer", staff: "s-12" },
            { at_us: opened + 27 * hour, what: "contact" },
            { at_us: opened + 5 * hour, what: "promise_given", staff: "s-07" },
            { at_us: opened + 47 * minute, what: "responded", staff: "s-07" },
            { at_us: opened, what: "opened" },
        ],
        calls: [
            {
                follow_up_number: followUpNumber(1),
                attempt: 1,
                channel: "call",
                by: "pbx-1",
                state: "finished",
                ordered_us: opened + 29 * hour,
                started_us: opened + 29 * hour,
                ended_us: opened + 29.1 * hour,
                outcome: "no_answer",
            },
            {
                follow_up_number: followUpNumber(1),
                attempt: 2,
                channel: "person",
                by: "person/s-07",
                state: "finished",
                ordered_us: opened + 31 * hour,
                started_us: opened + 31 * hour,
                outcome: "answered",
            },
        ],
        answers: [
            {
                at_us: opened + 31 * hour,
                instrument: "csat",
                value: 2,
                follow_up_number: followUpNumber(1),
            },
        ],
        expectations: [{ at_us: opened, expected_us: opened + 2 * day, has_outcome: true }],
        follow_ups: [entry(1, "done", "answered"), entry(2, "planned", "")],
        left_out: ["history"],
    };
}

function nights(from, to, zh) {
    const list = [];
    let at = from;
    const put = (until, isCounted, words) => {
        const end = Math.min(until, to);
        if (end > at)
            list.push({
                from_us: at,
                to_us: end,
                is_counted: isCounted,
                why: isCounted ? "counted" : "night",
                words,
            });
        at = Math.max(at, end);
    };
    while (at < to) {
        const local = new Date(at / 1000 + 8 * 3_600_000);
        const midnight =
            at -
            ((local.getUTCHours() * 60 + local.getUTCMinutes()) * 60 + local.getUTCSeconds()) *
                1_000_000;
        if (at < midnight + 9 * hour) put(midnight + 9 * hour, false, zh ? "夜间" : "night");
        put(midnight + 12 * hour, true, zh ? "计时" : "counted");
        put(midnight + 13 * hour, false, zh ? "午休 12:00-13:00" : "lunch 12:00-13:00");
        put(midnight + 18 * hour, true, zh ? "计时" : "counted");
        put(midnight + day, false, zh ? "夜间" : "night");
        put(midnight + 33 * hour, false, zh ? "夜间" : "night");
    }
    return list;
}

function clocks(c) {
    const zh = chinese(c);
    const list = promises(0).map((p) => {
        const end = p.done_us ?? Math.min(now, p.state === "broken" ? now : now);
        const intervals = p.is_due_fixed
            ? [
                  {
                      from_us: p.made_us,
                      to_us: end,
                      is_counted: true,
                      why: "counted",
                      words: zh ? "计时" : "counted",
                  },
              ]
            : nights(p.made_us, end, zh);
        if (p.kind === "resolution")
            intervals.splice(8, 0, {
                from_us: intervals[8]?.from_us ?? opened,
                to_us: intervals[8]?.from_us ?? opened,
                is_counted: false,
                why: "waiting",
                words: zh ? "等待客户" : "waiting for the customer",
            });
        const counted = intervals
            .filter((x) => x.is_counted)
            .reduce((sum, x) => sum + x.to_us - x.from_us, 0);
        return {
            ...p,
            counted_us: counted,
            intervals: intervals.filter((x) => x.to_us > x.from_us),
            steps:
                p.kind === "resolution"
                    ? [
                          {
                              at_us: opened + 26 * hour,
                              percent: 50,
                              words: zh ? "已用去 50% 的时间" : "50 % of the time is used",
                          },
                      ]
                    : [],
        };
    });
    return [200, { clocks: list }];
}

const texts = [
    { field: "subject", at_us: opened, text: "Brakes squeal after the service" },
    {
        field: "body",
        at_us: opened,
        text: `The brakes squeal since Monday.\nI want to know why.\n\n<script>alert("xss")</script> <b>bold</b>`,
    },
    { field: "words", at_us: opened + 5 * hour, text: "我们明天下午三点前给您回电话。" },
];

/* ---- customers */

const log = (n) => `intake.0/17/${n}`;

function score(c, number) {
    const zh = chinese(c);
    const say = (en, cn) => (zh ? cn : en);
    return {
        customer_number: number,
        index: 41.4,
        tier: "silver",
        as_of_us: now,
        trust: 0.61,
        trust_uncertainty: 0.18,
        promises_kept: 7,
        promises_broken: 3,
        churn: 0.42,
        churn_level: "raised",
        churn_because: say(
            "42 %: a promise was broken 2 days ago, and 2 complaints in 90 days",
            "42%：两天前有承诺未兑现，90 天内有 2 次投诉",
        ),
        csat_mean: 2.8,
        csat_count: 4,
        nps: -20,
        nps_count: 2,
        alive: 0.83,
        expected_purchases: 1.7,
        expected_value_minor: 84000,
        currency: "CNY",
        rfm: "433",
        contributions: [
            { name: "base", points: 50, because: say("everybody starts here", "所有客户的起点") },
            {
                name: "trust",
                points: -9.6,
                points_min: -25,
                points_max: 25,
                because: say(
                    "7 kept and 3 broken: 61 % are expected to be kept",
                    "按时 7 项，未兑现 3 项：预计兑现 61%",
                ),
                evidence: [
                    {
                        kind: "promise_broken",
                        subject: promiseNumber(2),
                        at_us: opened + 26 * hour,
                        value: -1,
                        weight: 1.4,
                        event: log(912),
                    },
                    {
                        kind: "promise_kept",
                        subject: promiseNumber(1),
                        at_us: opened + hour,
                        value: 1,
                        weight: 0.98,
                        event: log(877),
                    },
                ],
            },
            {
                name: "satisfaction",
                points: -4.1,
                points_min: -15,
                points_max: 15,
                because: say("2.80 of 5 in 4 answers", "4 次评价，平均 2.80"),
                evidence: [
                    {
                        kind: "csat",
                        subject: caseNumber(0),
                        at_us: opened + 31 * hour,
                        value: 2,
                        weight: 1,
                        event: log(930),
                    },
                ],
            },
            {
                name: "recommendation",
                points: -1.2,
                points_min: -10,
                points_max: 10,
                because: say("NPS −20 in 2 answers", "2 次评价，NPS −20"),
            },
            {
                name: "purchases",
                points: 6.3,
                points_min: 0,
                points_max: 15,
                because: say(
                    "4 purchases in two years, the last 40 days ago",
                    "两年内购买 4 次，最近一次在 40 天前",
                ),
                evidence: [
                    { kind: "purchase", at_us: now - 40 * day, value: 52000, event: log(310) },
                ],
            },
        ],
        complaints: [{ kind: "complaint", subject: caseNumber(0), at_us: opened, event: log(870) }],
        history: [
            {
                at_us: opened + 31 * hour,
                before: 45.5,
                after: 41.4,
                reason: "satisfaction",
                event: log(930),
            },
            {
                at_us: opened + 26 * hour,
                before: 55.1,
                after: 45.5,
                reason: "trust",
                event: log(912),
            },
            {
                at_us: now - 40 * day,
                before: 52.7,
                after: 55.1,
                reason: "purchases",
                event: log(310),
            },
        ],
    };
}

function customer(c, number) {
    const one = caseView(caseNumber(0));
    const other = { ...caseLine(2), case_number: caseNumber(2), promises: [] };
    return [
        200,
        {
            customer: {
                customer_number: number,
                language: "zh",
                time_zone: "Asia/Shanghai",
                first_seen_us: now - 700 * day,
                references: [
                    { source: "garage", customer_ref: "k-2231" },
                    { source: "shop", customer_ref: "8841" },
                ],
                cases: [{ ...one, history: undefined }, other],
                follow_ups: one.follow_ups,
                purchases: 4,
                followers: [customerNumber(5)],
                has_phone: true,
                consents: [
                    { purpose: "survey", is_given: true },
                    { purpose: "marketing", channel: "call", is_given: false },
                ],
                contacts: one.contacts.map((x) => ({ ...x, case_number: caseNumber(0) })),
                calls: one.calls,
                answers: one.answers.map((x) => ({ ...x, case_number: caseNumber(0) })),
                bought: [
                    {
                        at_us: now - 40 * day,
                        branch: "north",
                        product: "service",
                        amount_minor: 52000,
                        currency: "CNY",
                    },
                ],
            },
            score: score(c, number),
        },
    ];
}

function fallen(c) {
    const scores = [0, 3, 7].map((i) => ({
        ...score(c, customerNumber(i)),
        index: 41.4 + i,
        index_before: 55.1 + i / 2,
        changed_us: now - (i + 1) * 9 * hour,
        contributions: undefined,
    }));
    return [200, { scores }];
}

/* ---- the worklist */

function agenda(c) {
    const zh = chinese(c);
    return {
        order: {
            key: `${followUpNumber(4)}/1`,
            follow_up: 31_041,
            phone: "+86 138 0000 4711",
            language: "zh",
            opening: "您好，这里是城北店，想了解一下上次维修的情况。",
            closing: "谢谢您的时间，祝您一路平安。",
            promises_kept: 2,
            promises_broken: 1,
            window_end_us: now + 5 * hour,
            agenda: [
                {
                    rule: "after_resolution",
                    trigger: "case_resolved",
                    purpose: "survey",
                    service_case: 70_017,
                    say: "关于您车辆的安全问题。",
                },
                {
                    rule: "broken_promise",
                    trigger: "promise_broken",
                    purpose: "service",
                    service_case: 70_017,
                    say: "我们答应您的回电没有按时打，向您道歉。",
                },
            ],
            items: [
                {
                    code: "solved",
                    question: zh ? "问题真的解决了吗？" : "Is it really solved?",
                    low: 0,
                    high: 1,
                },
                {
                    code: "csat",
                    instrument: "csat",
                    question: "您对这次处理满意吗？",
                    low: 1,
                    high: 5,
                },
                {
                    code: "why",
                    instrument: "own",
                    question: "哪里不满意？",
                    only_if: "csat",
                    only_min: 1,
                    only_max: 2,
                },
                {
                    code: "nps",
                    instrument: "nps",
                    question: "您有多大可能把我们推荐给朋友？",
                    low: 0,
                    high: 10,
                },
                {
                    code: "wait",
                    instrument: "own",
                    question: "您等了多少分钟？",
                    low: 0,
                    high: 100,
                },
            ],
        },
        lease_until_us: Date.now() * 1000 + 300_000_000,
        customer_number: customerNumber(0),
        why_person: "channel",
        story: [
            {
                at_us: now - 2 * hour,
                kind: "call",
                number: followUpNumber(3),
                what: "after_resolution",
                state: "no_answer",
            },
            {
                at_us: opened + 5 * hour,
                kind: "promise",
                number: promiseNumber(2),
                what: "callback",
                state: "broken",
                due_us: opened + 26 * hour,
            },
            { at_us: opened, kind: "case", number: caseNumber(0), what: "brakes", state: "open" },
        ],
    };
}

let taken = 0;

function take(c) {
    taken += 1;
    return [200, taken % 4 === 0 ? {} : agenda(c)];
}

function worklist(c) {
    const state = c.query.get("state") || "listed";
    return [200, { entries: [...Array(9).keys()].map((i) => entry(i, state)) }];
}

/* ---- accounts */

const users = [
    { name: "admin", role: "admin", staff: "", language: "en", created_us: now - 300 * day },
    {
        name: "manager",
        role: "manager",
        staff: "s-01",
        language: "zh-Hans",
        created_us: now - 200 * day,
    },
    {
        name: "li.na",
        role: "agent",
        staff: "s-07",
        language: "zh-Hans",
        created_us: now - 90 * day,
    },
    {
        name: "former",
        role: "viewer",
        staff: "",
        language: "",
        created_us: now - 400 * day,
        disabled_us: now - 10 * day,
    },
];

const ranks = ["viewer", "agent", "manager", "admin"];
function least(role, handler) {
    return (c) =>
        ranks.indexOf(c.session.role) < ranks.indexOf(role)
            ? [403, { code: "not_permitted", text: "your role may not" }]
            : handler(c);
}

export const routes = [
    ["GET", "/v1/today", today],
    ["GET", "/v1/cases", cases],
    ["GET", /^\/v1\/cases\/([^/]+)\/clocks$/, clocks],
    ["POST", /^\/v1\/cases\/([^/]+)\/texts$/, least("agent", () => [200, { texts }])],
    [
        "POST",
        /^\/v1\/cases\/([^/]+)\/link$/,
        least("manager", (c) => [
            200,
            {
                url: "https://service.example/progress/3q2-7wAAAAAAAAAAAAAAAAAAAAA",
                expires_us: now + (c.body.days ?? 30) * day,
            },
        ]),
    ],
    ["DELETE", /^\/v1\/cases\/([^/]+)\/link$/, least("manager", () => [200, {}])],
    [
        "GET",
        /^\/v1\/cases\/([^/]+)$/,
        (c) =>
            c.match[1].startsWith("C-")
                ? [200, caseView(decodeURIComponent(c.match[1]))]
                : [404, { code: "case_unknown", text: "no such case" }],
    ],
    [
        "POST",
        /^\/v1\/customers\/([^/]+)\/contact$/,
        least("agent", () => [
            200,
            { name: `王芳 ${hostile}`, phone: "+86 138 0000 4711", email: "fang@example.com" },
        ]),
    ],
    ["GET", /^\/v1\/customers\/([^/]+)$/, (c) => customer(c, decodeURIComponent(c.match[1]))],
    ["GET", "/v1/customers", (c) => customer(c, customerNumber(0))],
    ["GET", "/v1/fallen", fallen],
    ["GET", "/v1/worklist", worklist],
    ["POST", "/v1/worklist/take", least("agent", take)],
    ["POST", "/v1/worklist/report", least("agent", (c) => [200, { key: c.body.key }])],
    ["POST", "/v1/warnings/seen", least("manager", () => [200, {}])],
    ["GET", "/v1/users", least("admin", () => [200, { users }])],
    [
        "POST",
        "/v1/users",
        least("admin", (c) => (users.push({ ...c.body, created_us: now }), [200, {}])),
    ],
    [
        "PATCH",
        /^\/v1\/users\/([^/]+)$/,
        least("admin", (c) => {
            const user = users.find((one) => one.name === c.match[1]);
            if (!user) return [404, { code: "user_unknown", text: "" }];
            const { is_disabled: isDisabled, ...rest } = c.body;
            Object.assign(
                user,
                rest,
                isDisabled === undefined ? {} : { disabled_us: isDisabled ? now : undefined },
            );
            return [200, {}];
        }),
    ],
];
