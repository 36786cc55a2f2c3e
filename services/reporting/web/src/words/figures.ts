// SPDX-License-Identifier: Apache-2.0
import { words } from "../base/i18n";

export const figureWords = {
    act: ["Concentrate here", "重点改进"],
    keep: ["Keep up", "继续保持"],
    low: ["Low priority", "次要"],
    over: ["Possible overkill", "可能过度"],
} as const;

export const ft = words(figureWords);
