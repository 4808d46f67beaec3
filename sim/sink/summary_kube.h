/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OOMSIM_SINK_SUMMARY_KUBE_H
#define OOMSIM_SINK_SUMMARY_KUBE_H

#include <jansson.h>

#include "sim/sink/collect_kube.h"

/* The object `kubernetes` of summary.json; NULL: no memory. */
json_t *summary_kube(const struct collect_kube *k);

#endif
