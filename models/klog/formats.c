/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/klog/klog.h"

const struct klog_format *const klog_formats[] = {
	&klog_v2_6_11, &klog_v2_6_24, &klog_v2_6_32, &klog_v2_6_36, &klog_v3_10, &klog_v4_4,  &klog_v4_9,
	&klog_v4_14,   &klog_v4_15,   &klog_v4_19,   &klog_v5_0,    &klog_v5_4,  &klog_v5_10, &klog_v5_15,
	&klog_v6_1,    &klog_v6_6,    &klog_v6_8,    &klog_v6_12,   &klog_v7_2,  &klog_v7_3,  NULL,
};
