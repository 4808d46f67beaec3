/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a configured process to a running one: identity, kernel memory, the image of its program. */
#include "sim/mm/overcommit.h"
#include "sim/mm/page_alloc.h"
#include "sim/proc/program.h"
#include "sim/proc/steps.h"

#include <stdio.h>
#include <string.h>

/* Page-table pages of a small static program before it has a heap (recordings: VmPTE 40 kB), the stack's leaf
 * included. */
#define EXEC_PGTABLE_PAGES 10

void program_comm(char ret[SIM_COMM_LEN], const char *comm, int keep, uint64_t n)
{
	char num[24];
	int digits = snprintf(num, sizeof(num), "%llu", (unsigned long long)n);
	int len = snprintf(ret, SIM_COMM_LEN, "%.*s",
			   keep < SIM_COMM_LEN - 2 - digits ? keep : SIM_COMM_LEN - 2 - digits, comm);

	if (len + 1 + digits >= SIM_COMM_LEN)
		len = SIM_COMM_LEN - 2 - digits;
	if (len < 0)
		return; /* twelve digits and more */
	ret[len] = '.';
	memcpy(ret + len + 1, num, (size_t)digits + 1);
}

void program_start(struct world *w, struct process *p)
{
	p->start_ns = w->now;
	world_event(w, EV_START, p, p->uid, p->oom_score_adj, p->parent ? p->parent->pid : 0, 0);
	process_start(w, p);
}

/* ---- kernel memory ---- */

/* Counters of n threads' kernel memory, which come and go with it: nr_kernel_stack in kB, slab in pages. */
static void count_kernel(struct world *w, uint64_t pages, int sign)
{
	const struct machine_cfg *m = &w->cfg->machine;
	uint64_t each = m->process_kernel_stack + m->process_slab;
	uint64_t stack_kB = each ? u64_muldiv(pages * w->mm.page_kB, m->process_kernel_stack, each) : 0;
	uint64_t slab = pages - stack_kB / w->mm.page_kB;

	w->mm.vmstat[VMSTAT_nr_kernel_stack] += (uint64_t)sign * stack_kB;
	w->mm.vmstat[VMSTAT_nr_slab_unreclaimable] += (uint64_t)sign * slab;
}

bool program_kernel_memory(struct world *w, struct task *t, uint32_t n, uint64_t *ret_kB)
{
	const struct machine_cfg *m = &w->cfg->machine;
	uint64_t pages = bytes_to_pages(w, n * (m->process_kernel_stack + m->process_slab)), got;

	for (got = 0; got < pages; got++)
		if (!alloc_kernel(w, t, GFP_KERNEL_ACCOUNT, 0))
			break;
	count_kernel(w, got, 1);
	*ret_kB = got * w->mm.page_kB;
	if (got == pages)
		return true;
	program_kernel_memory_free(w, *ret_kB);
	*ret_kB = 0;
	return false;
}

void program_kernel_memory_free(struct world *w, uint64_t kB)
{
	count_kernel(w, kB / w->mm.page_kB, -1);
	free_kernel(w, kB / w->mm.page_kB);
}

/* ---- exec ---- */

static bool exec_pagetables(struct world *w, struct task *t, uint64_t n)
{
	for (; n; n--)
		if (!mm_alloc_pgtable(w, t, t->p->mm))
			return false;
	return true;
}

/* Text and data that init keeps resident for everybody: they count in this process's size and cost no frame. */
static void exec_text(struct world *w, struct mm *mm, const struct process_cfg *cfg)
{
	mm->exe_pages = mm->exe_shmem = bytes_to_pages(w, cfg->exe_size);
	mm->rss[MM_SHMEMPAGES] += (int64_t)mm->exe_shmem;
	mm->total_vm += bytes_to_pages(w, cfg->exe_vm);
}

/* The writable part of its address space that is not a region. */
static bool exec_commit(struct world *w, struct task *t, const struct process_cfg *cfg)
{
	uint64_t pages = bytes_to_pages(w, cfg->exe_commit);

	if (vm_enough_memory(w, t->p, t->p->mm, pages))
		return false;
	t->p->mm->exe_accounted = pages;
	return true;
}

/* What the program has written before its first step. False: there is no room for it, execve() fails. */
static bool exec_private(struct world *w, struct task *t, uint64_t npages)
{
	struct mm *mm = t->p->mm;
	struct vma *v;
	int err;

	if (!npages)
		return true;
	v = vma_map(w, t, "[stack]", REGION_ANON, NULL, npages, NULL, &err);
	if (!v)
		return false;
	for (uint64_t i = 0; i < npages; i++)
		program_check_fault(w, t, fault_page(w, t, v, i, true));
	mm->base_anon = npages;
	return true;
}

void program_exec(struct world *w, struct task *t)
{
	const struct process_cfg *cfg = t->p->cfg;
	const struct cost_cfg *cost = &w->cost;

	if (cfg->is_init) { /* was there before the scenario: the machine's kernel_memory counts what it holds */
		exec_text(w, t->p->mm, cfg);
		exec_commit(w, t, cfg);
		return;
	}
	task_cpu(t, cost->fork_call + cost->exec_call);
	task_yield(w, t);
	if (!program_kernel_memory(w, t, t->p->nthread, &t->p->kernel_pages_kB))
		program_leave(w, t, SIGKILL_NR, 0);
	exec_text(w, t->p->mm, cfg);
	if (!exec_commit(w, t, cfg))
		program_leave(w, t, 0, 127);
	if (!exec_private(w, t, bytes_to_pages(w, cfg->exe_private)))
		program_leave(w, t, 0, 127); /* as a shell's child whose execve() failed */
	if (!exec_pagetables(w, t, u64_sub0(EXEC_PGTABLE_PAGES, t->p->mm->pgtable_pages)))
		program_leave(w, t, SIGKILL_NR, 0);
	task_yield(w, t);
	program_check(w, t);
}

/* ---- spawn ---- */

/* The first living process made from that entry of the configuration, else init. */
static struct process *find_parent(struct world *w, int64_t index)
{
	if (index >= 0)
		for (struct process *p = w->proc.first; p; p = p->next)
			if (p->cfg == &w->cfg->process[index] && !p->exiting)
				return p;
	return w->proc.init;
}

static void set_identity(struct process *p, const struct process_cfg *cfg)
{
	p->cfg = cfg;
	p->program = &cfg->program;
	p->uid = cfg->uid;
	p->capabilities = cfg->capabilities;
	p->nice = cfg->nice;
	p->oom_score_adj = p->oom_score_adj_min = cfg->oom_score_adj;
}

struct process *program_create(struct world *w, const struct process_cfg *cfg, uint64_t instance)
{
	char comm[SIM_COMM_LEN];
	struct process *p;
	struct mm *mm;

	snprintf(comm, sizeof(comm), "%s", cfg->comm);
	if (instance)
		program_comm(comm, cfg->comm, SIM_COMM_LEN, instance);
	mm = mm_new(w);
	if (!mm)
		return NULL;
	p = process_new(w, cfg->is_init ? NULL : find_parent(w, cfg->parent), comm, u64_max(cfg->threads, 1),
			program_main);
	if (!p) {
		mm_free(w, mm);
		return NULL;
	}
	p->mm = mm;
	p->memcg = memcg_of_cfg(w, cfg->cgroup);
	set_identity(p, cfg);
	return p;
}

void program_spawn(struct world *w, const struct process_cfg *cfg, uint64_t instance)
{
	struct process *p = program_create(w, cfg, instance);

	if (p && (!cfg->restart.policy || restart_watch(w, p, instance)))
		program_start(w, p);
}
