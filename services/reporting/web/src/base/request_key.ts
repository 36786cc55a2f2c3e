// SPDX-License-Identifier: Apache-2.0
// Keys of requests that make something: a request whose answer was lost is sent again under its key, and makes nothing twice.

/** Of one form: the same key for the same body, so that a body that was changed meanwhile is another request. */
export function requestKeys(): (body: unknown) => string {
    const made = new Map<string, string>();
    return (body) => {
        const text = JSON.stringify(body);
        const known = made.get(text);
        if (known !== undefined) return known;
        // randomUUID() is there on https alone.
        const bytes = crypto.getRandomValues(new Uint8Array(16));
        const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
        made.set(text, key);
        return key;
    };
}
