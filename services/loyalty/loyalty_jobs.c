/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_jobs.h"

#include "services/loyalty/fit_job.h"
#include "services/loyalty/train_job.h"

const struct service_job loyalty_jobs[] = {
    {"fit-models",  "fit the models of purchases and the averages to what was bought and answered",
     fit_job_run                                                                                                 },
    {"train-churn", "learn from the customers who left and who stayed",                             train_job_run},
    {NULL,          NULL,                                                                           NULL         },
};
