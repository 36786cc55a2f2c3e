// SPDX-License-Identifier: Apache-2.0
// The picture of the dashboard that the READMEs show: made anew by make_picture.py.
import { join } from "node:path";

import { same } from "./office.mjs";

/** page: {user, hash, language, theme}; size: {width, height} of what is seen of it. */
export async function ofPage(office, { page: { user, hash, language, theme }, size, name }) {
    const desk = await office.person(user);
    await desk.page.setViewportSize(size);
    await desk.go(hash);
    await desk.dress(language, theme);
    same(await desk.page.locator(".state.is-error").count(), 0, "parts that failed");
    await desk.page.evaluate(() => document.fonts.ready);
    await desk.page.screenshot({ path: join(desk.world.pictures, name) });
    desk.check();
}
