// SPDX-License-Identifier: Apache-2.0
import "./base/theme.css";
import "./ui/ui.css";
import "./shell.css";

import { setLanguage, usualLanguage } from "./base/i18n";
import { startTheme } from "./base/theme";
import { startShell } from "./shell";

startTheme();
setLanguage(usualLanguage());
void startShell(document.getElementById("app") as HTMLElement);
