// SPDX-License-Identifier: Apache-2.0
// The parts that pages are made of.
export * from "./copy";
export * from "./dialog";
export * from "./filter_bar";
export * from "./form";
export * from "./state";
export * from "./table";
export * from "./tabs";
export * from "./tile";
export * from "./toast";
