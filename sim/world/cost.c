/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an operation costs on this kernel: the machine's figure, which is for the code of 6.1, times the length of the kernel's path. */
#include "sim/world/cost.h"

static sim_ns scaled(sim_ns ns, unsigned permille)
{
	return permille ? ns * permille / 1000 : ns;
}

struct cost_cfg cost_on(const struct cost_cfg *machine, const struct path_lengths *p)
{
	struct cost_cfg c = *machine;

	if (!p)
		return c;
#define SCALE(path, name) c.name = scaled(c.name, p->path)
	SCALE(fault, fault_anon);
	SCALE(fault, fault_shmem);
	SCALE(fault, fault_map);
	SCALE(fault, fault_cow);
	SCALE(fault, fault_wp);
	SCALE(fault, map_around_page);
	SCALE(fault, pagetable_alloc);
	SCALE(fault, mlock_page);
	SCALE(swapin, fault_swapin);
	SCALE(swapin, swap_readahead_page);
	SCALE(reclaim, scan_page);
	SCALE(reclaim, deactivate_page);
	SCALE(reclaim, sort_page);
	SCALE(reclaim, age_entry);
	SCALE(reclaim, age_page);
	SCALE(reclaim, unmap_page);
	SCALE(reclaim, free_anon_page);
	SCALE(reclaim, swapout_page);
	SCALE(reclaim, reclaim_round);
	SCALE(reclaim, alloc_slowpath);
	SCALE(file_free, free_file_page);
	SCALE(read, read_call);
	SCALE(read, read_page);
	SCALE(readahead, readahead_page);
	SCALE(readahead, fault_file);
	SCALE(write, write_page);
	SCALE(io, io_submit);
	SCALE(io, io_complete);
	SCALE(exit, zap_page);
	SCALE(exit, zap_shmem_page);
	SCALE(exit, zap_swap);
	SCALE(exit, exit_call);
	SCALE(task, syscall);
	SCALE(task, mmap_call);
	SCALE(task, context_switch);
	SCALE(task, timer);
	SCALE(task, fork_call);
	SCALE(task, fork_page);
	SCALE(task, exec_call);
	SCALE(report, oom_report);
	SCALE(report, oom_report_task);
#undef SCALE
	return c;
}

struct cost_cfg cost_of_large(const struct cost_cfg *machine, const struct path_lengths *p)
{
	struct cost_cfg c = cost_on(machine, p);

	if (!p)
		return c;
	if (p->large_readahead)
		c.readahead_page = scaled(machine->readahead_page, p->large_readahead);
	if (p->large_write)
		c.write_page = scaled(machine->write_page, p->large_write);
	if (p->large_reclaim) {
		c.scan_page = scaled(machine->scan_page, p->large_reclaim);
		c.free_file_page = scaled(machine->free_file_page, p->large_reclaim);
	}
	return c;
}
