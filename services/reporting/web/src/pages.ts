// SPDX-License-Identifier: Apache-2.0
// The pages there are: one row each. A page's module is loaded when it is first opened.

import type { Role } from "./base/api";
import type { Pair } from "./base/i18n";
import type { Page } from "./base/router";

export interface PageEntry {
    name: string;
    group: "work" | "figures" | "improve" | "settings";
    label: Pair;
    /** Path of an icon on a 24 grid. */
    icon: string;
    least: Role;
    /** Reached by links alone, like one case. */
    isHidden?: boolean;
    load: () => Promise<{ default: Page }>;
}

export const startPage = "today";

export const pages: PageEntry[] = [
    {
        name: "today",
        group: "work",
        label: ["Today", "今日"],
        icon: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4",
        least: "viewer",
        load: () => import("./pages/today"),
    },
    {
        name: "follow-ups",
        group: "work",
        label: ["Follow-ups", "回访"],
        icon: "M6 3h4l1.500 5-2.500 1.500a11 11 0 0 0 5.500 5.500L16 12.500l5 1.500v4a2 2 0 0 1-2 2A15 15 0 0 1 4 5a2 2 0 0 1 2-2",
        least: "viewer",
        load: () => import("./pages/follow_ups"),
    },
    {
        name: "cases",
        group: "work",
        label: ["Cases", "个案"],
        icon: "M4 7h16v13H4zM9 7V4h6v3",
        least: "viewer",
        load: () => import("./pages/cases"),
    },
    {
        name: "customer",
        group: "work",
        label: ["Customer", "客户"],
        icon: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 20c.8-3.600 3.500-5.500 7-5.500s6.200 1.900 7 5.500",
        least: "viewer",
        load: () => import("./pages/customer"),
    },
    {
        name: "case",
        group: "work",
        label: ["Case", "个案"],
        icon: "M4 7h16v13H4zM9 7V4h6v3",
        least: "viewer",
        isHidden: true,
        load: () => import("./pages/case"),
    },
    {
        name: "timeliness",
        group: "figures",
        label: ["Timeliness", "及时性"],
        icon: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
        least: "viewer",
        load: () => import("./pages/timeliness"),
    },
    {
        name: "promises",
        group: "figures",
        label: ["Promises", "承诺"],
        icon: "M5 12.5l4.5 4.5L19 7.5",
        least: "viewer",
        load: () => import("./pages/promises"),
    },
    {
        name: "satisfaction",
        group: "figures",
        label: ["Satisfaction", "满意度"],
        icon: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.5 14.5c2 2 5 2 7 0M9 9.5v.5M15 9.5v.5",
        least: "viewer",
        load: () => import("./pages/satisfaction"),
    },
    {
        name: "loyalty",
        group: "figures",
        label: ["Loyalty", "忠诚度"],
        icon: "M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.500 10c0 5.400-7.500 10-7.500 10",
        least: "viewer",
        load: () => import("./pages/loyalty"),
    },
    {
        name: "teams",
        group: "figures",
        label: ["Teams", "团队"],
        icon: "M9 11a3.200 3.200 0 1 0 0-6.400A3.200 3.200 0 0 0 9 11M3 19c.6-3.200 3-5 6-5s5.400 1.800 6 5M16 5a3 3 0 0 1 0 6M17.500 14.300c1.900.7 3.100 2.300 3.500 4.700",
        least: "viewer",
        load: () => import("./pages/teams"),
    },
    {
        name: "causes",
        group: "improve",
        label: ["Causes and improvements", "原因与改进"],
        icon: "M4 20V11M10 20V5M16 20v-6M21 20H3",
        least: "viewer",
        load: () => import("./pages/causes"),
    },
    {
        name: "standards",
        group: "improve",
        label: ["Standards", "服务标准"],
        icon: "M6 3h9l3 3v15H6zM9 10h6M9 14h6M9 18h4",
        least: "viewer",
        load: () => import("./pages/standards"),
    },
    {
        name: "accounts",
        group: "settings",
        label: ["Accounts", "账户管理"],
        icon: "M9 11a3.200 3.200 0 1 0 0-6.400A3.200 3.200 0 0 0 9 11M3 19c.6-3.200 3-5 6-5s5.400 1.800 6 5M19 8v6M16 11h6",
        least: "admin",
        load: () => import("./pages/accounts"),
    },
];
