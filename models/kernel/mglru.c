/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/kernel/mglru.h"

const struct mglru_rules mglru_6_1 = {
	.ttl_by_order = true,        /* D.9 */
	.tier_gain = { 1, 2 },       /* D.7 */
	.protected_activates = true, /* recording reader-leak-6.1+mglru: activations without restores */
};

const struct mglru_rules mglru_6_12 = {
	.own_pass = true,              /* D.11 */
	.age_while_evicting = true,    /* D.5 */
	.initial_priority = true,      /* D.10 */
	.file_first_without_io = true, /* D.6 */
	.tier_gain = { 1, 2 },         /* D.7 */
	.wakes_flushers = true,        /* stable 6.12 has it from 6.13 */
	.count_stale_refaults = true,  /* D.8 */
};

const struct mglru_rules mglru_7_2 = {
	.own_pass = true,
	.age_while_evicting = true,
	.age_when_short = true, /* D.5 */
	.age_and_go_on = true,  /* D.5, D.6 */
	.initial_priority = true,
	/* 7.2.12 with a probe on lru_gen_look_around(): while memory fills, 33 of each 64 pages are isolated and all of them found in use,
	 * though each lies within 32 of the one before; the other 31 were promoted from there. */
	.spares_isolated = true,
	.two_step_promotion = true, /* D.5 */
	.seq_by_flags = true,       /* D.3 */
	.fault_is_one_use =
		true,            /* recording ws-110-seq-7.2: the first walk promotes what was only ever written once */
	.workingset_tier = true, /* D.4 */
	.rejected_stay_old = true,   /* D.6 */
	.writes_not_sorted = true,   /* D.6; recording writer-leak-7.2: a million activations, three pages sorted */
	.type_by_all_tiers = true,   /* D.6 */
	.swappiness_first = true,    /* D.6 */
	.tier_gain = { 2, 3 },       /* D.7 */
	.refault_within_gens = true, /* D.8 */
	.count_stale_refaults = true,
};
