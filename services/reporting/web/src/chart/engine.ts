// SPDX-License-Identifier: Apache-2.0
// The parts of ECharts that are used: the one module that imports it, loaded when first needed.
import { BarChart, CustomChart, LineChart, RadarChart, ScatterChart } from "echarts/charts";
import {
    GridComponent,
    LegendComponent,
    MarkLineComponent,
    RadarComponent,
    TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

use([
    BarChart,
    CanvasRenderer,
    CustomChart,
    GridComponent,
    LabelLayout,
    LegendComponent,
    LineChart,
    MarkLineComponent,
    RadarChart,
    RadarComponent,
    ScatterChart,
    TooltipComponent,
]);

export { init };
