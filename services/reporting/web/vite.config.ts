// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

// Nothing is inlined: the Content-Security-Policy allows neither data: nor inline scripts.
export default defineConfig({
    base: "/",
    build: {
        target: "es2021",
        outDir: process.env["WEB_OUT"] ?? "dist",
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 700,
    },
    server: { proxy: { "/v1": "http://127.0.0.1:5174" } },
});
