// SPDX-License-Identifier: Apache-2.0
//
// What the pages where people work are told: proto/report.proto, proto/dialer.proto and proto/score.proto as JSON. Fields
// that are not set are left out. Times in microseconds since the epoch.

export interface WorklistEntry {
    follow_up_number?: string;
    customer_number?: string;
    case_number?: string;
    rule?: string;
    /** Of Today alone. */
    rule_words?: string;
    state?: string;
    reason?: string;
    due_us?: number;
    window_end_us?: number;
    attempts?: number;
    last_outcome?: string;
}

export interface TodayPromise {
    promise_number?: string;
    case_number?: string;
    customer_number?: string;
    kind?: string;
    state?: string;
    due_us?: number;
    branch?: string;
    team?: string;
    priority?: number;
    chance?: number;
}

export interface EarlyWarning {
    day?: string;
    dimension?: string;
    value?: string;
    measure?: string;
    detectors?: string[];
    count?: number;
    mean?: number;
    deviation?: number;
    raised_us?: number;
}

export interface FigureDifference {
    day?: string;
    figure?: string;
    branch?: string;
    counted?: number;
    facts?: number;
}

export interface Today {
    now_us?: number;
    due_next?: TodayPromise[];
    due_next_count?: number;
    overdue?: TodayPromise[];
    overdue_count?: number;
    unknown_calls?: WorklistEntry[];
    unknown_call_count?: number;
    missed_follow_ups?: WorklistEntry[];
    missed_follow_up_count?: number;
    listed?: WorklistEntry[];
    listed_count?: number;
    warnings?: EarlyWarning[];
    warning_count?: number;
    differences?: FigureDifference[];
    events_behind?: number;
    waiting_count?: number;
}

export interface CaseLine {
    case_number?: string;
    customer_number?: string;
    kind?: string;
    state?: string;
    channel?: string;
    branch?: string;
    team?: string;
    staff?: string;
    category?: string;
    product?: string;
    priority?: number;
    tier?: string;
    opened_us?: number;
    first_response_us?: number;
    resolved_us?: number;
    broken_us?: number;
    low_answer_us?: number;
    next_due_us?: number;
    reopened_us?: number;
}

export interface CaseList {
    cases?: CaseLine[];
    next?: string;
}

export interface PromiseView {
    promise_number?: string;
    kind?: string;
    state?: string;
    made_us?: number;
    due_us?: number;
    done_us?: number;
    replaces?: string;
    /** Counted time that was promised. */
    target_us?: number;
    is_due_fixed?: boolean;
    cause?: string;
    customer_word?: string;
    chance?: number;
    safe_us?: number;
    past_cases?: number;
    rule?: string;
}

export interface ContactView {
    at_us?: number;
    kind?: string;
    channel?: string;
    origin?: string;
    case_number?: string;
    is_thanks?: boolean;
}

export interface CallView {
    follow_up_number?: string;
    attempt?: number;
    channel?: string;
    by?: string;
    state?: string;
    ordered_us?: number;
    started_us?: number;
    ended_us?: number;
    outcome?: string;
}

export interface ServqualItem {
    dimension?: string;
    item?: number;
    expectation?: number;
    perception?: number;
}

export interface AnswerView {
    at_us?: number;
    instrument?: string;
    question?: string;
    value?: number;
    case_number?: string;
    follow_up_number?: string;
    items?: ServqualItem[];
}

export interface ExpectationView {
    at_us?: number;
    expected_us?: number;
    has_outcome?: boolean;
    has_manner?: boolean;
    is_confirmed?: boolean;
}

export interface CompensationView {
    promise_number?: string;
    at_us?: number;
    kind?: string;
    amount_minor?: number;
    currency?: string;
}

export interface ConsentView {
    purpose?: string;
    channel?: string;
    is_given?: boolean;
}

export interface PurchaseView {
    at_us?: number;
    branch?: string;
    product?: string;
    amount_minor?: number;
    currency?: string;
    is_refund?: boolean;
}

export interface CaseHistory {
    at_us?: number;
    what?: string;
    staff?: string;
}

export interface CaseView {
    case_number?: string;
    customer_number?: string;
    kind?: string;
    state?: string;
    channel?: string;
    branch?: string;
    category?: string;
    product?: string;
    priority?: number;
    owner_team?: string;
    opened_us?: number;
    first_response_us?: number;
    resolved_us?: number;
    promises?: PromiseView[];
    history?: CaseHistory[];
    follow_ups?: WorklistEntry[];
    closed_us?: number;
    reopened_count?: number;
    rule?: string;
    category_by?: string;
    mood?: string;
    joined_case?: string;
    solved_like?: string;
    is_reference?: boolean;
    contacts?: ContactView[];
    calls?: CallView[];
    answers?: AnswerView[];
    expectations?: ExpectationView[];
    compensations?: CompensationView[];
    /** Lists above that are longer than what is shown of them. */
    left_out?: string[];
}

export interface ClockInterval {
    from_us: number;
    to_us: number;
    /** "before", "counted", "paused", "closed", "after" */
    kind?: string;
    is_counted: boolean;
    is_late?: boolean;
    why?: string;
    words?: string;
}

export interface ClockStep {
    at_us: number;
    percent?: number;
    words?: string;
}

export interface ClockView {
    promise_number: string;
    kind?: string;
    state?: string;
    made_us?: number;
    due_us?: number;
    done_us?: number;
    target_us?: number;
    counted_us?: number;
    intervals?: ClockInterval[];
    steps?: ClockStep[];
    /** Why there is no clock. */
    trouble?: string;
}

export interface DisclosedText {
    field?: string;
    at_us?: number;
    text?: string;
}

export interface CustomerView {
    customer_number?: string;
    language?: string;
    time_zone?: string;
    first_seen_us?: number;
    cases?: CaseView[];
    follow_ups?: WorklistEntry[];
    purchases?: number;
    merged_into?: string;
    followers?: string[];
    do_not_call?: boolean;
    is_erased?: boolean;
    has_phone?: boolean;
    has_email?: boolean;
    consents?: ConsentView[];
    contacts?: ContactView[];
    calls?: CallView[];
    answers?: AnswerView[];
    bought?: PurchaseView[];
    left_out?: string[];
}

export interface Evidence {
    kind?: string;
    subject?: string;
    at_us?: number;
    value?: number;
    event?: string;
    weight?: number;
}

export interface Contribution {
    name?: string;
    points?: number;
    because?: string;
    evidence?: Evidence[];
    points_min?: number;
    points_max?: number;
}

export interface IndexMove {
    at_us?: number;
    before?: number;
    after?: number;
    reason?: string;
    event?: string;
    customer_number?: string;
}

export interface Score {
    customer_number?: string;
    index?: number;
    contributions?: Contribution[];
    csat_mean?: number;
    csat_count?: number;
    nps?: number;
    nps_count?: number;
    trust?: number;
    trust_uncertainty?: number;
    promises_kept?: number;
    promises_broken?: number;
    index_before?: number;
    changed_us?: number;
    merged_count?: number;
    tier?: string;
    churn?: number;
    churn_level?: string;
    churn_because?: string;
    alive?: number;
    expected_purchases?: number;
    expected_value_minor?: number;
    currency?: string;
    rfm?: string;
    history?: IndexMove[];
    as_of_us?: number;
    complaints?: Evidence[];
}

export interface DialReason {
    follow_up?: number;
    rule?: string;
    trigger?: string;
    purpose?: string;
    service_case?: number;
    say?: string;
}

export interface DialItem {
    code?: string;
    instrument?: string;
    question?: string;
    low?: number;
    high?: number;
    is_expectation?: boolean;
    only_if?: string;
    only_min?: number;
    only_max?: number;
}

export interface DialOrder {
    key?: string;
    phone?: string;
    language?: string;
    script?: string;
    promises_kept?: number;
    promises_broken?: number;
    now_us?: number;
    agenda?: DialReason[];
    opening?: string;
    closing?: string;
    items?: DialItem[];
    window_end_us?: number;
}

export interface StoryLine {
    at_us?: number;
    kind?: string;
    number?: string;
    what?: string;
    state?: string;
    due_us?: number;
}

export interface WorklistAgenda {
    order?: DialOrder;
    lease_until_us?: number;
    customer_number?: string;
    why_person?: string;
    story?: StoryLine[];
    no_call?: string;
}

export interface DialedAnswer {
    code: string;
    value?: number;
    comment?: string;
}

export interface DialResult {
    outcome: string;
    answers?: DialedAnswer[];
    call_back_us?: number;
    refusal?: string;
    note?: string;
    new_phone?: string;
    language?: string;
}

export interface WorklistReport {
    key: string;
    action: "accept" | "outcome" | "snooze" | "return";
    result?: DialResult;
    until_us?: number;
}

export interface UserAccount {
    name: string;
    role: string;
    staff?: string;
    language?: string;
    created_us?: number;
    disabled_us?: number;
}

export interface Improvement {
    id?: number;
    kind?: string;
    title?: string;
    cause_measure?: string;
    category?: string;
    product?: string;
    branch?: string;
    owner?: string;
    starts_on?: string;
    ends_on?: string;
    effect?: {
        before_rate?: number;
        after_rate?: number;
        ratio?: number;
        low?: number;
        high?: number;
        verdict?: string;
        words?: string;
    };
}
