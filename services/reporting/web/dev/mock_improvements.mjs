// SPDX-License-Identifier: Apache-2.0
// Made-up improvements, kept until the mock server ends.
const list = [
    {
        id: 1,
        kind: "action",
        title: "Spare parts reserved at booking",
        cause_measure: "cases",
        category: "spare_part",
        product: "",
        branch: "Hangzhou",
        team: "",
        skill: "",
        owner: "li.wei",
        expectation: 0.6,
        starts_on: "2026-10-12",
        version: 1,
        effect: {
            unit: "per_1000_purchases",
            events_before: 120,
            events_after: 61,
            before_rate: 4.1,
            after_rate: 2.2,
            ratio: 0.54,
            low: 0.38,
            high: 0.77,
            others_ratio: 0.97,
            others_low: 0.85,
            others_high: 1.1,
            verdict: "better",
            words: "Half as many per 100 cases as before; elsewhere unchanged.",
        },
    },
    {
        id: 2,
        kind: "action",
        title: "Invoice explained by telephone",
        cause_measure: "complaints",
        category: "billing",
        product: "",
        branch: "",
        team: "",
        skill: "",
        owner: "s-11",
        expectation: 0.5,
        starts_on: "2026-11-02",
        version: 2,
        announced_us: 1762000000000000,
        effect: {
            unit: "per_1000_purchases",
            events_before: 120,
            events_after: 61,
            before_rate: 6.3,
            after_rate: 5.9,
            ratio: 0.94,
            low: 0.71,
            high: 1.24,
            verdict: "no_difference",
            words: "",
        },
    },
    {
        id: 3,
        kind: "training",
        title: "Listening first",
        cause_measure: "skill",
        category: "",
        product: "",
        branch: "",
        team: "Front desk",
        skill: "empathy",
        owner: "s-03",
        expectation: 0.8,
        starts_on: "2026-11-18",
        version: 1,
        effect: { unit: "mean", verdict: "too_early", words: "" },
    },
];

function post({ body }) {
    list.push({
        ...body,
        id: list.length + 1,
        version: 1,
        effect: { unit: "mean", verdict: "too_early" },
    });
    return [200, list[list.length - 1]];
}

function patch({ body, match }) {
    const one = list.find((item) => String(item.id) === match[1]);
    if (!one) return [404, { code: "improvement_unknown", text: "" }];
    if (body.version !== one.version) return [409, { code: "changed_meanwhile", text: "" }];
    Object.assign(one, body, { version: one.version + 1 });
    return [200, one];
}

function announce({ match }) {
    const one = list.find((item) => String(item.id) === match[1]);
    if (one) one.announced_us = Date.now() * 1000;
    return [200, {}];
}

export const routes = [
    ["GET", "/v1/improvements", () => [200, { improvements: list }]],
    ["POST", "/v1/improvements", post],
    ["PATCH", /^\/v1\/improvements\/(\d+)$/, patch],
    ["POST", /^\/v1\/improvements\/(\d+)\/announce$/, announce],
];
