/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run came to, kept in memory: victims, exits, counters, peaks, first times and the digest of the whole record
 * stream. `oomsim check` needs nothing else; summary.json and the terminal story are written from it alone.
 */
#ifndef OOMSIM_SINK_COLLECT_H
#define OOMSIM_SINK_COLLECT_H

#include "sim/core/digest.h"
#include "sim/world/model.h"
#include "sim/world/record.h"

#define COLLECT_TOP 5 /* rows of the score table kept of each OOM report */

/* A process that ended. signal is 0 for a normal exit, and then code is its exit code. */
struct collect_exit {
	sim_ns t_ns;
	int32_t pid;
	char comm[SIM_COMM_LEN];
	int signal, code;
};

/* A kill: the record, with strings of its own (k.by, k.constraint, k.memcg and k.message are owned by the collector), and
 * what became of the victim. Times are SIM_NEVER until they happen. */
struct collect_kill {
	struct rec_kill k;
	sim_ns exit_ns;    /* its last thread is gone */
	sim_ns freed_ns;   /* VICTIM_FREED */
	uint64_t freed_kB; /* of VICTIM_FREED, or of the reaper while there was none */
	bool reaped;       /* oom_reaper got there */
};

/* One zone's place in the watermark test of an OOM, kB. */
struct collect_zone {
	char name[12];
	int node;
	uint64_t free_kB, min_kB, reserve_kB; /* reserve: lowmem_reserve[] against the failed request */
	uint64_t reclaimable_kB;              /* file LRU, and anon LRU while there was free swap */
};

/* The gist of one OOM report. Memory in kB unless said. */
struct collect_oom {
	sim_ns t_ns;
	int32_t trigger_pid;
	char trigger_comm[SIM_COMM_LEN];
	uint32_t gfp_mask;
	int order;
	char memcg[CGROUP_PATH_LEN]; /* whose limit was hit; "": the machine's own OOM */
	uint64_t memcg_usage_kB, memcg_limit_kB;
	char nodes[NODELIST_LEN];    /* the nodes that a policy or a cpuset left to the request; "": nothing did */
	bool by_policy;              /* it was the policy */
	uint64_t elsewhere_kB;       /* free on the other nodes */
	bool has_victim;
	int panic;           /* -1 or enum panic_reason */
	uint64_t totalpages; /* pages */
	uint64_t free_kB, file_kB, anon_kB, free_swap_kB, total_swap_kB;
	uint64_t slab_kB, pagetables_kB;
	struct collect_zone zone[8];
	size_t nzone;
	int no_progress_loops;
	uint64_t reclaim_scanned, reclaim_reclaimed; /* pages */
	struct rec_oom_task top[COLLECT_TOP]; /* highest points first; of equals the one the kernel would take first */
	size_t ntop, ncandidates;
};

/* First time something was seen; SIM_NEVER: never. */
struct collect_first {
	sim_ns kswapd_wake_ns, swap_out_ns, direct_reclaim_ns, swap_full_ns, oom_ns, dirty_throttle_ns, psi_some_ns;
	uint64_t kswapd_wake_free_pages;
};

struct collect {
	/* From the start: copies, so that the configuration need not outlive the collector. */
	char scenario[SIM_NAME_LEN];
	char kernel[SIM_NAME_LEN];  /* name of the model, "k6.1" */
	char release[SIM_NAME_LEN]; /* uname -r */
	char hardware[128];
	uint64_t seed;
	unsigned ncpu;
	uint64_t memory, page_size; /* bytes */
	uint64_t totalram_pages, totalswap_pages, min_free_kbytes;
	sim_ns horizon_ns;
	enum oom_tie tie;
	/* What happened */
	struct collect_kill *kill; /* in time order, the kernel's and the daemons' */
	size_t nkill, kill_cap;
	struct collect_exit *exit; /* in time order */
	size_t nexit, exit_cap;
	struct collect_oom *oom; /* in time order */
	size_t noom, oom_cap;
	uint64_t events[EV_KIND_COUNT]; /* how many of each kind */
	uint64_t direct_stall_us, max_direct_stall_us;
	struct collect_first first;
	int panic; /* -1, or enum panic_reason */
	/* Samples */
	uint64_t nsample;
	struct rec_sample last; /* the last sample, or the one handed over with the end */
	bool has_last;
	uint64_t peak_kB[MI_COUNT]; /* highest value of each meminfo field over all samples */
	uint64_t low_kB[MI_COUNT];  /* lowest */
	uint64_t peak_swap_used_kB;
	/* The end */
	bool finished; /* end() was called */
	enum run_end ended;
	sim_ns end_ns;
	struct digest digest; /* over every record so far, in order */
};

/* Make an empty collector. Give its recorder to world_new(); the collector must stay where it is until the run is over. */
void collect_init(struct collect *c);
struct recorder collect_recorder(struct collect *c);
/* Frees what it owns; it may be initialised again. */
void collect_free(struct collect *c);
/* 32 hex digits and a NUL. */
void collect_digest_hex(const struct collect *c, char ret[33]);

#endif
