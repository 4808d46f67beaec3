/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest of the record stream: every field of every record, in order, so that two runs with the same digest told the
 * same story. Names of scenario and machine stay out: renaming a scenario does not change what happened. */
#ifndef OOMSIM_SINK_RECDIGEST_H
#define OOMSIM_SINK_RECDIGEST_H

#include "sim/core/digest.h"
#include "sim/world/record.h"

void recdigest_begin(struct digest *d, const struct rec_begin *r);
void recdigest_sample(struct digest *d, const struct rec_sample *r);
void recdigest_cgroup(struct digest *d, const struct rec_cgroup *r);
void recdigest_task(struct digest *d, const struct rec_task *r);
void recdigest_event(struct digest *d, const struct rec_event *r);
void recdigest_oom(struct digest *d, const struct rec_oom_report *r);
void recdigest_kill(struct digest *d, const struct rec_kill *r);
/* recdigest_kube.c */
void recdigest_pod(struct digest *d, const struct rec_pod *r);
void recdigest_kube_event(struct digest *d, const struct rec_kube_event *r);
void recdigest_workload(struct digest *d, const struct rec_workload *r);
void recdigest_end(struct digest *d, const struct rec_end *r);

#endif
