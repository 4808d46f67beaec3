/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables that go with the enumerations of record.h and vmstat.h. */
#include "sim/world/record.h"

const struct event_schema event_schema[EV_KIND_COUNT] = {
#define X(id, name, a, b, c, d) { name, { a, b, c, d } },
	EVENT_MAP(X)
#undef X
};

const char *const run_end_name[] = { [RUN_HORIZON] = "horizon", [RUN_IDLE] = "idle", [RUN_PANIC] = "panic" };

/* Written out, since four of the names in /proc/meminfo are not identifiers. */
const char *const meminfo_name[MI_COUNT] = {
	[MI_MemTotal] = "MemTotal",
	[MI_MemFree] = "MemFree",
	[MI_MemAvailable] = "MemAvailable",
	[MI_Buffers] = "Buffers",
	[MI_Cached] = "Cached",
	[MI_SwapCached] = "SwapCached",
	[MI_Active] = "Active",
	[MI_Inactive] = "Inactive",
	[MI_Active_anon] = "Active(anon)",
	[MI_Inactive_anon] = "Inactive(anon)",
	[MI_Active_file] = "Active(file)",
	[MI_Inactive_file] = "Inactive(file)",
	[MI_Unevictable] = "Unevictable",
	[MI_Mlocked] = "Mlocked",
	[MI_SwapTotal] = "SwapTotal",
	[MI_SwapFree] = "SwapFree",
	[MI_Dirty] = "Dirty",
	[MI_Writeback] = "Writeback",
	[MI_AnonPages] = "AnonPages",
	[MI_Mapped] = "Mapped",
	[MI_Shmem] = "Shmem",
	[MI_Slab] = "Slab",
	[MI_SReclaimable] = "SReclaimable",
	[MI_SUnreclaim] = "SUnreclaim",
	[MI_KernelStack] = "KernelStack",
	[MI_PageTables] = "PageTables",
	[MI_CommitLimit] = "CommitLimit",
	[MI_Committed_AS] = "Committed_AS",
};

const char *const vmstat_name[VMSTAT_COUNT] = {
#define X(name) #name,
	VMSTAT_MAP(X)
#undef X
};

const char *const cpu_stat_name[CPU_STAT_COUNT] = {
#define X(id, name) #name,
	CPU_STAT_MAP(X)
#undef X
};

const char *const delay_name[DELAY_COUNT] = {
#define X(id, name) #name,
	DELAY_MAP(X)
#undef X
};

uint32_t thrashing_index(const struct rec_acct *now, const struct rec_acct *before)
{
	static const struct rec_acct start;
	const struct rec_acct *b = before ? before : &start;
	sim_ns lost = now->refault_ns - b->refault_ns, cpu = now->cpu_ns - b->cpu_ns,
	       useful = u64_sub0(cpu, now->refault_cpu_ns - b->refault_cpu_ns);

	return lost ? (uint32_t)u64_muldiv(lost, 10000, u64_max(lost + useful, now->elapsed_ns - b->elapsed_ns)) : 0;
}

const char *const zmem_name[ZMEM_COUNT] = {
#define X(name) #name,
	ZMEM_MAP(X)
#undef X
};

const char *const memcg_event_name[MEMCG_EVENT_COUNT] = {
#define X(id, name) name,
	MEMCG_EVENT_MAP(X)
#undef X
};
