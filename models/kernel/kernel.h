/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel model says what one kernel version does wherever versions differ; the engine asks it instead of knowing versions.
 * One const descriptor a version, listed in models/registry.c. Field comments name the knob of the specification's section K.
 *
 * A model stands for a span of releases; where a rule changed within the span, the model does what the release it is named
 * after does. Distributions are aliases (alias.c): their kernels follow an upstream release, sometimes a later one's rules.
 */
#ifndef OOMSIM_MODELS_KERNEL_H
#define OOMSIM_MODELS_KERNEL_H

#include "sim/world/model.h"

extern const struct kernel_model kernel_k2_6_11;
extern const struct kernel_model kernel_k2_6_24;
extern const struct kernel_model kernel_k2_6_32;
extern const struct kernel_model kernel_k2_6_36;
extern const struct kernel_model kernel_k3_0;
extern const struct kernel_model kernel_k3_10;
extern const struct kernel_model kernel_k3_18;
extern const struct kernel_model kernel_k4_4;
extern const struct kernel_model kernel_k4_9;
extern const struct kernel_model kernel_k4_14;
extern const struct kernel_model kernel_k4_19;
extern const struct kernel_model kernel_k5_4;
extern const struct kernel_model kernel_k5_10;
extern const struct kernel_model kernel_k5_15;
extern const struct kernel_model kernel_k6_1;
extern const struct kernel_model kernel_k6_6;
extern const struct kernel_model kernel_k6_8;
extern const struct kernel_model kernel_k6_12;
extern const struct kernel_model kernel_k7_2;
extern const struct kernel_model kernel_k7_3;

/* A distribution's kernel. */
struct kernel_alias {
	const char *name;      /* "debian-12" */
	const char *follows;   /* the model: "k6.1" */
	const char *release;   /* its kernel, as uname -r begins */
	const char *lru;       /* which LRU it runs by default: "classic", "mglru" */
	unsigned hz;           /* CONFIG_HZ, 0: not known here */
	const char *note;      /* where it differs from the model, or NULL */
};

extern const struct kernel_alias kernel_aliases[]; /* ended by a NULL name */

#endif
